"""One botocore session per client: where regions are, who signs, and the operations that are not about items."""

from __future__ import annotations

import os
import platform
import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from holdfast._control.credentials import CredentialSource
from holdfast.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

    from botocore.session import Session

    from holdfast.topology import Region

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a region's DynamoDB answers."""

    host: str
    port: int
    tls: bool
    path: str

    @property
    def authority(self) -> str:
        """The Host header: the port is part of it unless it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Read a URL.

        Raises:
            ConfigurationError: it is not an http or https URL.
        """
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
            raise ConfigurationError(f"the endpoint {url!r} is no URL; write https://host or http://host:port")
        tls = parts.scheme == "https"
        return cls(parts.hostname, port or (443 if tls else 80), tls, parts.path or "/")


class ControlPlane:
    """botocore, loaded when it is first needed. Safe to use from several threads.

    `region` is for calls of the credential chain (STS): botocore does not look at AWS_REGION.
    """

    def __init__(
        self,
        *,
        profile: str | None = None,
        use_fips: bool | None = None,
        use_dualstack: bool | None = None,
        session: Session | None = None,
        region: str | None = None,
    ) -> None:
        self._region = region
        self._profile = profile
        self._use_fips = use_fips
        self._use_dualstack = use_dualstack
        self._given = session
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str | None], Any] = {}
        self.credentials = CredentialSource(self._fresh_session)

    @cached_property
    def session(self) -> Session:
        """The botocore session."""
        return self._fresh_session()

    def client(self, region: Region) -> Any:
        """Botocore's DynamoDB client in that region: every operation there is."""
        url = region.endpoints.get("dynamodb")
        client = self._clients.get((region.name, url))
        if client is None:
            from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - botocore is loaded when it is first needed

            with self._lock:  # making a client is not safe in two threads at once
                try:
                    client = self.session.create_client(
                        "dynamodb", region_name=region.name, endpoint_url=url, config=self.config()
                    )
                except (BotoCoreError, ValueError) as error:
                    raise ConfigurationError(f"no DynamoDB client for {region.name}: {error}") from error
                self._clients[region.name, url] = client
        return client

    def config(self, **options: Any) -> Any:
        """A botocore Config with this client's endpoint variants."""
        from botocore.config import Config  # noqa: PLC0415 - see above

        if self._use_fips is not None:
            options["use_fips_endpoint"] = self._use_fips
        if self._use_dualstack is not None:
            options["use_dualstack_endpoint"] = self._use_dualstack
        return Config(user_agent_extra=f"holdfast/{VERSION}", **options)

    def endpoint(self, region: Region) -> Endpoint:
        """Where the region answers: the topology's override, or what botocore resolves (AWS_ENDPOINT_URL… included)."""
        override = region.endpoints.get("dynamodb")
        return Endpoint.parse(override or self.client(region).meta.endpoint_url)

    def user_agent(self) -> str:
        """In AWS's form. AWS_SDK_UA_APP_ID names the application, as for every SDK."""
        application = os.environ.get("AWS_SDK_UA_APP_ID")
        parts = [f"holdfast/{VERSION}", f"os/{platform.system().lower()}", f"lang/python#{platform.python_version()}"]
        return " ".join([*parts, *([f"app/{application}"] if application else [])])

    def tls(self) -> ssl.SSLContext:
        """A context that verifies certificate and name, with AWS_CA_BUNDLE, the profile's ca_bundle, or botocore's."""
        import ssl  # noqa: PLC0415 - 8 ms of import that a sandbox does not need

        from botocore.httpsession import where  # noqa: PLC0415 - see above

        bundle = self.session.get_config_variable("ca_bundle") or where()
        try:
            return ssl.create_default_context(cafile=bundle)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(f"the certificates in {bundle} cannot be read: {error}") from error

    def close(self) -> None:
        """Close the botocore clients."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _fresh_session(self) -> Session:
        if self._given is not None:
            return self._given
        from botocore.session import Session  # noqa: PLC0415 - see above

        session = Session(profile=self._profile)
        if self._region and not session.get_config_variable("region"):
            session.set_config_variable("region", self._region)
        return session
