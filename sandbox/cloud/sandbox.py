"""The client of a sandbox: starts the supervisor, finds it again, tells it what to do."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil

from sandbox.cloud.document import NAME, PROTOCOL, SandboxDocument
from sandbox.cloud.dynamodb import distribution
from sandbox.cloud.errors import PortInUse, Refused, SandboxError
from sandbox.cloud.kinds import FaultKind
from sandbox.cloud.ports import require_free
from sandbox.cloud.status import ReplicationPair, SandboxStatus
from sandbox.cloud.supervisor.environment import client_environment
from sandbox.cloud.supervisor.options import IDLE_HOURS, Options

FaultId = str

_START_SECONDS = 120.0
_STOP_SECONDS = 10.0
_ANSWER_SECONDS = 150.0
_POLL_SECONDS = 0.02


class Sandbox:
    """A running sandbox. Thread-safe: every call is a request of its own."""

    def __init__(self, directory: Path, document: SandboxDocument) -> None:
        """Use `start` or `attach`."""
        self.directory = directory
        self._document = document

    @classmethod
    def start(
        cls,
        directory: Path,
        *,
        regions: Sequence[str],
        account_id: str,
        ports: Mapping[str, int] | None = None,
        dynamodb: str | None = None,
        idle_hours: float = IDLE_HOURS,
    ) -> Sandbox:
        """Start the sandbox of a stack, or find the one that runs; returns when it serves.

        Args:
            directory: the stack's folder, `.holdfast/<stack>`.
            regions: the regions to open; one that a running sandbox lacks is added.
            account_id: twelve digits, in every ARN.
            ports: `admin`, `redis`, `dax` or a region's name → port. Free ports where it is silent.
            dynamodb: `sandbox` or `local` (DynamoDB Local); by default the variable DYNAMODB, else `sandbox`.
            idle_hours: it stops by itself when nobody has asked for this long.

        Raises:
            PortInUse: a configured port is taken.
            SandboxError: a part does not start, or the running sandbox is of another account.
        """
        directory = directory.resolve()
        directory.mkdir(parents=True, exist_ok=True)
        dynamodb = dynamodb or os.environ.get("DYNAMODB") or "sandbox"
        if dynamodb not in ("sandbox", "local"):
            raise SandboxError(f"DYNAMODB is {dynamodb!r}; write 'sandbox' (built in) or 'local' (DynamoDB Local)")
        with _locked(directory):
            running = cls.attach(directory)
            if running is not None:
                return running._extend(regions, account_id)  # noqa: SLF001 - its own class
            require_free(ports or {})
            if dynamodb == "local":
                distribution.ensure()  # here, where a long download is seen to be one
            options = Options(
                directory=str(directory),
                incarnation=secrets.token_hex(16),
                regions=tuple(dict.fromkeys(regions)),
                account_id=account_id,
                ports=dict(ports or {}),
                dynamodb=dynamodb,
                idle_hours=idle_hours,
            )
            return cls(directory, _launch(directory, options))

    @classmethod
    def attach(cls, directory: Path) -> Sandbox | None:
        """The sandbox that runs for a stack's folder, or None."""
        directory = directory.resolve()
        document = SandboxDocument.read(directory)
        if document is None or not document.alive():
            return None
        return cls(directory, document)

    def _extend(self, regions: Sequence[str], account_id: str) -> Sandbox:
        self._require_release()
        if account_id != self._document.account_id:
            raise SandboxError(
                f"the sandbox of {self.directory} runs for account {self._document.account_id}, not {account_id}; "
                "stop it first: holdfast sandbox stop"
            )
        missing = [region for region in regions if region not in self._document.regions]
        if missing:
            self._ask("POST", "/regions", {"regions": missing})
            self._reload()
        return self

    def _require_release(self) -> None:
        if self._document.protocol != PROTOCOL:
            raise SandboxError(
                f"the sandbox of {self.directory} was started by another release of this program; "
                "stop it first: holdfast sandbox stop"
            )

    def _reload(self) -> None:
        document = SandboxDocument.read(self.directory)
        if document is not None and document.incarnation == self._document.incarnation:
            self._document = document

    @property
    def document(self) -> SandboxDocument:
        """What `sandbox.json` said when it was last read."""
        return self._document

    @property
    def incarnation(self) -> str:
        """Random, new at each start: what was made in another incarnation is gone."""
        return self._document.incarnation

    @property
    def account_id(self) -> str:
        """The account in every ARN."""
        return self._document.account_id

    @property
    def gateways(self) -> Mapping[str, str]:
        """Region → URL of the gateway that answers all AWS APIs of that region."""
        return self._document.gateways

    @property
    def services(self) -> Mapping[str, str]:
        """`name@region` → URL of a service that was started."""
        self._reload()
        return self._document.services

    def environment(self, region: str) -> dict[str, str]:
        """What a boto3 program or the AWS CLI needs to talk to a region.

        Raises:
            SandboxError: the sandbox does not have the region.
        """
        if region not in self.gateways:
            raise SandboxError(f"the sandbox has no region {region!r}; it has {', '.join(self.gateways)}")
        return client_environment(region, self.gateways[region])

    def status(self) -> SandboxStatus:
        """Parts, memory, addresses and faults as they are now."""
        return SandboxStatus.from_json(self._ask("GET", "/status"))

    def stop(self) -> None:
        """Stop the sandbox and everything in it; returns when nothing is left."""
        pid = self._document.pid
        if not self._document.alive():
            return  # its number may be another process's by now
        try:
            supervisor = psutil.Process(pid)
        except psutil.NoSuchProcess:
            return
        with contextlib.suppress(SandboxError):
            self._ask("POST", "/stop")
        _wait_for_group(pid)
        with contextlib.suppress(psutil.TimeoutExpired):
            supervisor.wait(0)  # reaps it where this process started it; who else did, does so itself
        if SandboxDocument.read(self.directory) == self._document:
            (self.directory / NAME).unlink(missing_ok=True)

    def fault(self, region: str, kind: FaultKind, *, service: str | None = None, **options: Any) -> FaultId:
        """Let a region fail, until it is healed or the fault's lease ends.

        Args:
            region: the region whose gateway fails.
            kind: what goes wrong, see `FaultKind`.
            service: SigV4 service name (`dynamodb`, `s3`); None is every service.
            options: `rate` (0 to 1), `operation`, `after_seconds`, `lease_seconds`, and those of the kind: `seconds`
                or `distribution` (delay), `per_second` (throttle), `status` (error), `keep` (truncate),
                `bytes_per_second` (slow), `direction` (blackhole).

        Raises:
            SandboxError: an unknown region, kind or option.
        """
        body = {"region": region, "kind": kind, "service": service, **options}
        return str(self._ask("POST", "/faults", body)["id"])

    def heal(self, region: str | None = None, *, fault_id: FaultId | None = None) -> int:
        """End the faults of a region, one fault, or all; says how many there were."""
        body = {"region": region, "id": fault_id}
        answer = self._ask("DELETE", "/faults", {key: value for key, value in body.items() if value is not None})
        return int(answer["healed"])

    def replication(self) -> tuple[ReplicationPair, ...]:
        """Lag and backlog of every pair of regions that share a global table."""
        return tuple(ReplicationPair(**pair) for pair in self._ask("GET", "/replication").values())

    def set_lag(self, seconds: float, *, source: str | None = None, target: str | None = None) -> None:
        """Set the replication lag of a pair of regions, of all pairs with one of the two ends, or of all.

        Raises:
            SandboxError: a region is unknown, or the lag is negative.
        """
        self._ask("PUT", "/replication", {"seconds": seconds, "source": source, "target": target})

    def authorize(self, *, enabled: bool = True) -> None:
        """Judge requests by the policies of who signed them, from now on, or no longer.

        DynamoDB requests and uses of KMS keys are judged; credentials come from STS or IAM of the sandbox. The
        credentials of `environment` are the account's administrator.
        """
        self._ask("PUT", "/authorization", {"enabled": enabled})

    def start_service(
        self,
        name: str,
        region: str,
        argv: Sequence[str],
        env: Mapping[str, str],
        *,
        port: int | None = None,
        ready_path: str = "/health",
        cwd: Path | None = None,
    ) -> str:
        """Start a service process of a region and wait until it answers `ready_path`; says its URL.

        One that runs with the same command and environment is left alone; else it is started again. `{port}` in a
        word of `argv` becomes the port, which the service also sees as PORT. Its AWS clients find the region's gateway.

        Raises:
            SandboxError: it ended, or did not serve in time.
            PortInUse: the port that was asked for is taken.
        """
        body = {"name": name, "region": region, "argv": list(argv), "env": dict(env), "port": port}
        body |= {"ready_path": ready_path, "cwd": str(cwd or Path.cwd())}
        url = str(self._ask("POST", "/services", body)["url"])
        self._reload()
        return url

    def stop_service(self, name: str, region: str) -> bool:
        """Stop a service; says whether there was one."""
        return bool(self._ask("DELETE", "/services", {"name": name, "region": region})["stopped"])

    def start_edge(self, region: str, document: Mapping[str, Any]) -> tuple[str, int]:
        """Serve the API and the functions of a region (`EdgeDocument.to_json`); says the address of its front door.

        What is served already and has not changed is left alone.

        Raises:
            SandboxError: a function cannot be started, or this machine has no address for the door.
        """
        answer = self._ask("PUT", "/edge", {"region": region, "document": document})
        return str(answer["front"]), int(answer["port"])

    def edge_figures(self, region: str) -> Mapping[str, Any]:
        """Environments, throttles and cold starts of a region's functions."""
        answer: Mapping[str, Any] = self._ask("GET", "/edge?" + urlencode({"region": region}))
        return answer

    def start_names(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer names (`DnsDocument.to_json`, without doors) by health checks that are made from now on.

        Returns:
            `resolver`: host and port; `port`: of the front doors; `fronts`: region → address; `tls_port`: where the
            doors take TLS, for a client that trusts `ca_file`.
        """
        answer: Mapping[str, Any] = self._ask("PUT", "/names", {"document": document})
        return answer

    def names(self) -> Mapping[str, Any]:
        """`checks`: name → type, healthy, since, probes, last; `pace`.

        Raises:
            SandboxError: no names are served.
        """
        answer: Mapping[str, Any] = self._ask("GET", "/names")
        return answer

    def start_redis(
        self, region: str, *, shards: int = 3, replicas: int = 2, tls: bool = True, auth_token: str | None = None
    ) -> Mapping[str, Any]:
        """Start the Redis cluster of a region, or find it: `host`, `port`, `tls`, `ca_file`, `version`, `nodes`.

        With TLS the port takes plain connections too: the nodes need it.

        Raises:
            SandboxError: it runs with other options, or does not start.
        """
        body = {"region": region, "shards": shards, "replicas": replicas, "tls": tls, "auth_token": auth_token}
        answer: Mapping[str, Any] = self._ask("POST", "/redis", body)
        self._reload()
        return answer

    def start_dax(
        self, region: str, *, nodes: int = 3, record_ttl_seconds: float = 300, query_ttl_seconds: float = 300
    ) -> Mapping[str, Any]:
        """Start the DAX stand-in of a region, or find it: `endpoint` (`dax://…`), `ca_file`, `nodes`.

        The ports take TLS too (`daxs://`), for a client that trusts `ca_file` (SSL_CERT_FILE).

        Raises:
            SandboxError: it runs with other options, or does not start.
        """
        body = {"region": region, "nodes": nodes, "record_ttl": record_ttl_seconds, "query_ttl": query_ttl_seconds}
        answer: Mapping[str, Any] = self._ask("POST", "/dax", body)
        self._reload()
        return answer

    def kill_dax_node(self, region: str, node: int) -> None:
        """Take a node of a DAX cluster away: its connections break, and discovery no longer names it."""
        self._ask("DELETE", "/dax/node", {"region": region, "node": node})
        self._reload()

    def stop_dax(self, region: str) -> bool:
        """Stop the DAX stand-in of a region; says whether there was one."""
        stopped = bool(self._ask("DELETE", "/dax", {"region": region})["stopped"])
        self._reload()
        return stopped

    def stop_redis(self, region: str) -> bool:
        """Stop the Redis cluster of a region; says whether there was one."""
        stopped = bool(self._ask("DELETE", "/redis", {"region": region})["stopped"])
        self._reload()
        return stopped

    def mark(self, urn: str, resource_type: str, physical_id: str) -> None:
        """Remember which URN made an object, so that an interrupted create is adopted."""
        self._ask("POST", "/marks", {"urn": urn, "type": resource_type, "id": physical_id})

    def marked(self, urn: str) -> str | None:
        """The id of the object that a URN made in this incarnation, or None."""
        mark = self._ask("GET", "/marks?" + urlencode({"urn": urn}))
        return None if mark is None else str(mark["id"])

    def marks(self) -> dict[str, tuple[str, str]]:
        """URN → type and id of every marked object."""
        return {urn: (mark["type"], mark["id"]) for urn, mark in self._ask("GET", "/marks").items()}

    def unmark(self, urn: str) -> None:
        """Forget a mark."""
        self._ask("DELETE", "/marks", {"urn": urn})

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        if path != "/stop":  # the one thing that every release can be asked
            self._require_release()
        address = urlsplit(self._document.admin)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_ANSWER_SECONDS)
        headers = {"X-Holdfast-Incarnation": self.incarnation, "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            document = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise SandboxError(
                f"the sandbox of {self.directory} does not answer ({error}); see {self.directory / 'logs'}, "
                "and start it again: holdfast sandbox start"
            ) from None
        finally:
            connection.close()
        if response.status == 409:
            raise PortInUse(document["name"], document["port"])
        if response.status == 400:
            raise Refused(document["message"])
        if response.status != 200:
            raise SandboxError(document["message"])
        return document


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """One start at a time."""
    with (directory / "sandbox.start").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _launch(directory: Path, options: Options) -> SandboxDocument:
    options.logs.mkdir(parents=True, exist_ok=True)
    (directory / NAME).unlink(missing_ok=True)
    output = options.logs / "supervisor.out"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.cloud.supervisor", options.encode()],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            cwd=directory,
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        document = SandboxDocument.read(directory)
        if document is not None and document.incarnation == options.incarnation:
            return document
        if process.poll() is not None:
            raise _failure(output)
        time.sleep(_POLL_SECONDS)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    raise SandboxError(f"the sandbox does not serve after {_START_SECONDS:g} s; see {options.logs}")


def _failure(output: Path) -> SandboxError:
    lines = output.read_text(errors="replace").strip().splitlines()
    for line in reversed(lines):
        if line.startswith("PORT "):
            _, name, port = line.split()
            return PortInUse(name, int(port))
        if line.startswith("ERROR "):
            return SandboxError("the sandbox does not start: " + line.removeprefix("ERROR "))
    last = lines[-1] if lines else "it said nothing"
    return SandboxError(f"the sandbox does not start: {last} (see {output})")


def _lives(group: int) -> bool:
    """Whether a process of a group runs; one that has ended and waits to be reaped does not."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False


def _wait_for_group(group: int) -> None:
    """Wait until no process of a group is left, then kill what will not go."""
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        if not _lives(group):
            return
        time.sleep(_POLL_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
