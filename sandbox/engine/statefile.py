"""The state of a stack on disk: one file, its checksum beside it, and the last runs.

A reader at any moment, also after a SIGKILL, finds a whole file that its checksum covers: the sidecar is
written first with the sums of the file that stands and of the one to come, then the file is renamed into place.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.engine.checkpoint import Deployment, deployment_from_json, resource_to_json
from sandbox.engine.crypto import Crypter
from sandbox.engine.errors import EngineError, StateCorrupted

KEPT_RUNS = 20
"""How many runs the history holds."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A line of the history."""

    kind: str
    started: str
    """RFC 3339, UTC."""
    seconds: float
    ok: bool
    counts: Mapping[str, int]
    state: Path
    """A copy of the state as the run left it."""


class StateFile:
    """Owns `state.json`, its checksum `state.json.sha256` and the folder `history` beside them.

    Two processes must not use one state file at once; who runs a command holds the stack's lock.
    """

    def __init__(self, path: Path, passphrase: str = "") -> None:
        """Name the file; it need not exist. The passphrase opens the secrets in it."""
        self.path = path
        self.passphrase = passphrase
        self._sum = ""

    @property
    def checksum_path(self) -> Path:
        """The sidecar: lines of `<sha256>  <file name>`, one of which holds for the file."""
        return self.path.with_name(self.path.name + ".sha256")

    @property
    def history_directory(self) -> Path:
        """Where the last runs are."""
        return self.path.parent / "history"

    def load(self) -> Deployment:
        """Read the deployment; a new and empty one if there is no file.

        Raises `StateCorrupted` if the file does not match its checksum or cannot be read, and `EngineError` if
        the passphrase is wrong. Nothing is written.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Deployment(crypter=Crypter(self.passphrase))
        actual = hashlib.sha256(content).hexdigest()
        expected = self._expected()
        if expected and actual not in expected:
            raise StateCorrupted(self.path, "it does not match its checksum: it was damaged or edited by hand")
        try:
            document = json.loads(content)
        except ValueError as error:
            raise StateCorrupted(self.path, f"it is not JSON ({error})") from error
        if not isinstance(document, dict):
            raise StateCorrupted(self.path, "it is not a deployment")
        try:
            deployment = deployment_from_json(document, self.passphrase)
        except EngineError as error:
            if "passphrase" in str(error) or "secrets belong" in str(error):
                raise
            raise StateCorrupted(self.path, str(error)) from error
        self._sum = actual
        return deployment

    def _expected(self) -> frozenset[str]:
        try:
            lines = self.checksum_path.read_text().splitlines()
        except FileNotFoundError:
            return frozenset()
        return frozenset(line.split()[0] for line in lines if line.strip())

    def write(self, content: bytes) -> None:
        """Replace the file, atomically; see the module's docstring."""
        new = hashlib.sha256(content).hexdigest()
        if new == self._sum and self.path.exists():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._replace(self.checksum_path, self._sums(new, self._sum))
        self._replace(self.path, content)
        self._sum = new

    def settle(self) -> None:
        """At the end of a run: leave one sum in the sidecar, as `sha256sum -c` reads it, and force all to disk."""
        if not self.path.exists() or not self._sum:
            return
        self._replace(self.checksum_path, self._sums(self._sum))
        for path in (self.path, self.checksum_path, self.path.parent):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def _sums(self, *sums: str) -> bytes:
        return "".join(f"{one}  {self.path.name}\n" for one in dict.fromkeys(sums) if one).encode()

    @staticmethod
    def _replace(path: Path, content: bytes) -> None:
        temporary = path.with_name(path.name + ".new")
        temporary.write_bytes(content)
        temporary.replace(path)

    def export(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """The deployment as `pulumi stack export` gives it (with plain secrets as `--show-secrets` does)."""
        deployment = self.load()
        document: dict[str, Any] = json.loads(serialize(deployment))
        if show_secrets:
            document["deployment"]["resources"] = [resource_to_json(state, _Plain()) for state in deployment.resources]
        return document

    def restore(self, document: Mapping[str, Any]) -> None:
        """Take a deployment in, as `pulumi stack import` does; secrets are encrypted with this passphrase.

        Raises `EngineError` if it cannot be read or its dependencies are not in order.
        """
        deployment = deployment_from_json(document, self.passphrase)
        verify(deployment)
        self.write(serialize(deployment))
        self.settle()

    def record(self, kind: str, *, started: float, seconds: float, ok: bool, counts: Mapping[str, int]) -> None:
        """Add a run to the history and drop the oldest beyond `KEPT_RUNS`. `started` is seconds since the epoch."""
        if not self.path.exists():
            return
        self.history_directory.mkdir(parents=True, exist_ok=True)
        moment = datetime.fromtimestamp(started, UTC)
        stem = f"{moment:%Y%m%dT%H%M%S.%f}-{kind}"
        shutil.copyfile(self.path, self.history_directory / f"{stem}.state.json")
        summary = {
            "kind": kind,
            "started": moment.isoformat(),
            "seconds": round(seconds, 3),
            "ok": ok,
            "counts": dict(counts),
        }
        self._replace(self.history_directory / f"{stem}.json", json.dumps(summary).encode())
        runs = sorted(path for path in self.history_directory.glob("*.json") if ".state." not in path.name)
        for old in runs[:-KEPT_RUNS]:
            old.with_suffix(".state.json").unlink(missing_ok=True)
            old.unlink()

    def history(self) -> tuple[Run, ...]:
        """The last runs, the newest first."""
        return tuple(
            Run(**json.loads(path.read_text()), state=path.with_suffix(".state.json"))
            for path in sorted(self.history_directory.glob("*.json"), reverse=True)
            if ".state." not in path.name
        )


class _Plain(Crypter):
    """Shows a secret's JSON where its ciphertext would stand."""

    def __init__(self) -> None:
        super().__init__("")

    def sealed(self, text: str, place: tuple[str, int]) -> dict[str, str]:
        del place
        return {"plaintext": text}


def now() -> str:
    """The present time as deployments hold it: RFC 3339, UTC, microseconds."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def serialize(deployment: Deployment, resources: list[bytes] | None = None, operations: bytes = b"") -> bytes:
    """The file's content, one resource a line. `resources` are those lines if they are made already."""
    if resources is None:
        resources = [dump(resource_to_json(state, deployment.crypter)) for state in deployment.resources]
    if not operations and deployment.operations:
        operations = dump(
            [
                {"resource": resource_to_json(operation.state, deployment.crypter), "type": operation.kind}
                for operation in deployment.operations
            ]
        )
    manifest = deployment.manifest or {"time": now(), "magic": "", "version": ""}
    secrets = {"type": "passphrase", "state": {"salt": deployment.crypter.state}}
    parts = [
        b'"manifest":' + dump(manifest),
        b'"secrets_providers":' + dump(secrets),
        b'"resources":[\n' + b",\n".join(resources) + b"\n]",
    ]
    if operations:
        parts.append(b'"pending_operations":' + operations)
    extra = {"metadata": {}, **deployment.extra}
    parts.extend(dump(key) + b":" + dump(value) for key, value in extra.items())
    return b'{"version":3,"deployment":{\n' + b",\n".join(parts) + b"\n}}\n"


def dump(value: Any) -> bytes:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def verify(deployment: Deployment) -> None:
    """Check what `pulumi stack import` checks: order of dependencies, and URNs that stand twice.

    Raises `EngineError` naming the resource.
    """
    seen: set[str] = set()
    live: set[str] = set()
    references: set[str] = set()
    for state in deployment.resources:
        for urn in (state.parent, *state.dependency_urns()):
            if urn and urn not in seen:
                raise EngineError(f"{state.urn} comes before {urn}, which it needs")
        if state.provider and state.provider not in references:
            raise EngineError(f"{state.urn} uses the provider {state.provider}, which is not in the state")
        if not state.delete:
            if state.urn in live:
                raise EngineError(f"{state.urn} is in the state twice")
            live.add(state.urn)
        seen.add(state.urn)
        if state.is_provider:
            references.add(state.reference)


def elapsed(since: float) -> float:
    """Seconds since a `time.perf_counter()`."""
    return time.perf_counter() - since
