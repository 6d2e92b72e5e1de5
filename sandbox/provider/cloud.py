"""The sandbox's cloud as a provider sees it: boto3 clients at the regions' gateways, and marks by URN."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Protocol

from sandbox.provider.faults import ProviderError

CONNECT_SECONDS = 5
READ_SECONDS = 60


_MAKER_HEADER = "x-holdfast-maker"
"""The gateway answers a maker's repeated request with the first answer, until the URN is marked."""
_MAKES = ("Create", "Allocate", "Request")
_maker: ContextVar[str | None] = ContextVar("maker", default=None)


@contextmanager
def making(urn: str) -> Iterator[None]:
    """Name the URN whose object the calls inside make: an interrupted create, repeated, makes nothing twice."""
    token = _maker.set(urn)
    try:
        yield
    finally:
        _maker.reset(token)


def _name_maker(model: Any, params: dict[str, Any], **_: Any) -> None:
    urn = _maker.get()
    if urn is not None and model.name.startswith(_MAKES):
        params["headers"][_MAKER_HEADER] = urn


class Marks(Protocol):
    """Remembers which object of the cloud was made for which URN, across interrupted runs."""

    def mark(self, urn: str, resource_type: str, physical_id: str) -> None:
        """Note that this object is (or is about to be) this URN's."""

    def marked(self, urn: str) -> str | None:
        """The physical id noted for this URN."""

    def unmark(self, urn: str) -> None:
        """Forget the URN."""


class MemoryMarks:
    """Marks that live in this process, for tests against a bare server."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def mark(self, urn: str, resource_type: str, physical_id: str) -> None:  # noqa: ARG002  the protocol's argument
        """Note an id."""
        self._ids[urn] = physical_id

    def marked(self, urn: str) -> str | None:
        """The id noted."""
        return self._ids.get(urn)

    def unmark(self, urn: str) -> None:
        """Forget it."""
        self._ids.pop(urn, None)


class Cloud:
    """Clients and marks of one running sandbox. Safe from several threads."""

    def __init__(self, *, gateways: dict[str, str], account_id: str, marks: Marks) -> None:
        self.gateways = gateways
        self.account_id = account_id
        self.marks = marks
        self._clients: dict[tuple[str, str], Any] = {}
        self._session: Any = None
        self._lock = threading.Lock()

    def client(self, service: str, region: str) -> Any:
        """A client of `service` at `region`'s gateway; `ProviderError` for a region the sandbox does not run."""
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = self._connect(service, region)
            return self._clients[key]

    def _connect(self, service: str, region: str) -> Any:
        if region not in self.gateways:
            raise ProviderError(
                f"region {region} does not run in this sandbox, which has {', '.join(sorted(self.gateways))}; "
                "add it to holdfast:regions and start the sandbox again"
            )
        # boto3 takes 0.3 s to import: a preview never needs it.
        import boto3  # noqa: PLC0415  loaded only where it is needed
        from botocore.config import Config  # noqa: PLC0415  loaded only where it is needed

        if self._session is None:
            self._session = boto3.session.Session(aws_access_key_id="holdfast", aws_secret_access_key="sandbox")  # noqa: S106  the sandbox knows no secret
        client = self._session.client(
            service,
            region_name=region,
            endpoint_url=self.gateways[region],
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": 4},
                max_pool_connections=32,
                s3={"addressing_style": "path"},
                parameter_validation=True,
            ),
        )
        client.meta.events.register("before-call", _name_maker)
        return client


class Door:
    """Opens the cloud of a sandbox folder when first asked, and again after the sandbox was restarted."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._cloud: Cloud | None = None
        self._incarnation: str | None = None
        self._stamp: int | None = None
        self._lock = threading.Lock()

    def open(self) -> Cloud | None:
        """The running sandbox's cloud; None when none runs."""
        if self._directory is None:
            return None
        file = self._directory / "sandbox.json"
        with self._lock:
            try:
                stamp = file.stat().st_mtime_ns
                if stamp == self._stamp:
                    return self._cloud
                document = json.loads(file.read_text(encoding="utf-8"))
            except (FileNotFoundError, json.JSONDecodeError):
                return None
            if document["incarnation"] != self._incarnation:
                self._cloud = Cloud(
                    gateways=dict(document["gateways"]),
                    account_id=document["account_id"],
                    marks=_marks(self._directory),
                )
                self._incarnation = document["incarnation"]
            self._stamp = stamp
            return self._cloud


def _marks(directory: Path) -> Marks:
    from sandbox.cloud import Sandbox  # noqa: PLC0415  only a running sandbox needs its client

    attached: Marks | None = Sandbox.attach(directory)
    return attached if attached is not None else MemoryMarks()
