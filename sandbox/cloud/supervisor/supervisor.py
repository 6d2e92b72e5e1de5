"""Starts the parts of a sandbox, watches them, and takes them down together."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import os
import sys
from collections.abc import Coroutine
from typing import Any

from sandbox.cloud.authorization import Credentials, Guard
from sandbox.cloud.backup import BackupService
from sandbox.cloud.certificates import Certificates, certificates
from sandbox.cloud.document import PROTOCOL, SandboxDocument
from sandbox.cloud.dynamodb import distribution
from sandbox.cloud.errors import PortInUse, SandboxError
from sandbox.cloud.gateway import FaultBook, Gateway, OnceBook, Route
from sandbox.cloud.gateway.gateway import operation_of
from sandbox.cloud.http import Request, Response, Upstream, UpstreamError, serve
from sandbox.cloud.http.server import port_of
from sandbox.cloud.ports import free_port
from sandbox.cloud.redis import RedisCluster, RedisOptions
from sandbox.cloud.status import PartStatus
from sandbox.cloud.supervisor.actions import Actions
from sandbox.cloud.supervisor.admin import Admin
from sandbox.cloud.supervisor.control import Control
from sandbox.cloud.supervisor.dax import DaxCluster
from sandbox.cloud.supervisor.edges import Edges
from sandbox.cloud.supervisor.environment import ACCESS_KEY, SECRET_KEY, base_environment
from sandbox.cloud.supervisor.options import Options
from sandbox.cloud.supervisor.parts import Part, memory_mb
from sandbox.cloud.supervisor.services import Services

_log = logging.getLogger(__name__)
_PART_SECONDS = 90.0
_WATCH_SECONDS = 1.0
_KEY_CHANGES = frozenset(
    {"DisableKey", "EnableKey", "ScheduleKeyDeletion", "CancelKeyDeletion", "CreateAlias", "UpdateAlias", "DeleteAlias"}
)
"""KMS operations after which other tables may be without their key."""


class Supervisor:
    """One running sandbox."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.faults = FaultBook(asyncio.get_running_loop().time, changed=self._faults_changed)
        self.gateways: dict[str, Gateway] = {}
        self.urls: dict[str, str] = {}
        self.parts: dict[str, Part] = {}
        self.services = Services(options.logs, self.urls)
        self.edges = Edges(
            options.path,
            options.logs,
            options.account_id,
            gateways=self.gateways,
            urls=self.urls,
            crashed=self._crashed,
        )
        self.marks: dict[str, dict[str, str]] = {}
        self.once = OnceBook()
        self.started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        self._stop = asyncio.Event()
        self._admin_url = ""
        self._upstreams: dict[str, Upstream | BackupService] = {}
        self._default = Upstream(0)
        self._guard: Guard | None = None
        self._local_port = 0
        self.dax: dict[str, DaxCluster] = {}
        self.redis: dict[str, RedisCluster] = {}
        self._redis_lock = asyncio.Lock()
        self._certificates: Certificates | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.dynamodb = Control(self._default, options.incarnation)
        self.aws = Control(self._default, options.incarnation)

    def request_stop(self) -> None:
        """Begin to stop."""
        self._stop.set()

    async def run(self) -> None:
        """Serve until asked to stop, until `sandbox.json` is no longer ours, or until nobody has asked for long.

        Raises:
            PortInUse: a configured port is taken.
            SandboxError: a part does not start.
        """
        try:
            await self._start()
            await self._watch()
        finally:
            await self._end()

    async def _start(self) -> None:
        for part in self._build_parts():
            part.on_crash = self._crashed
            self.parts[part.name] = part
        await asyncio.gather(*(part.start() for part in self.parts.values()))
        await asyncio.gather(*(self.parts[name].wait_ready(_PART_SECONDS) for name in ("aws", "dynamodb")))
        if "dynamodb-local" in self.parts:
            await self._wait_for_local()
        self._default.port = self.parts["aws"].ready["port"]
        dynamodb = self._upstreams["dynamodb"] = Upstream(self.parts["dynamodb"].ready["port"])
        self.dynamodb = Control(dynamodb, self.options.incarnation)
        self._upstreams["backup"] = BackupService(
            self._default, dynamodb, self.dynamodb, account=self.options.account_id
        )
        await self.dynamodb.ask("aws", port=self._default.port)
        for region in self.options.regions:
            await self.open_region(region)
        admin = Admin(self.options.incarnation, Actions(self).table())
        port = self.options.ports.get("admin", 0)
        try:
            server = await serve(admin, port=port)
        except OSError:
            raise PortInUse("admin", port) from None
        self._admin_url = f"http://127.0.0.1:{port_of(server)}"
        self.write()

    def _build_parts(self) -> list[Part]:
        env = {
            **base_environment(),
            "MOTO_ACCOUNT_ID": self.options.account_id,
            "HOLDFAST_INCARNATION": self.options.incarnation,
            "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        }
        env |= {"MOTO_EC2_LOAD_DEFAULT_AMIS": "true", "PYTHONUNBUFFERED": "1"}
        logs = self.options.logs
        own = {**base_environment(), "HOLDFAST_INCARNATION": self.options.incarnation}
        dynamodb = [sys.executable, "-m", "sandbox.cloud.dynamodb", self.options.account_id]
        parts = [Part("aws", [sys.executable, "-m", "sandbox.cloud.aws"], env=env, log=logs / "aws.log")]
        if self.options.dynamodb == "local":
            port = free_port()
            words = distribution.command(port, self.options.path / "dynamodb-local.policy")
            parts.append(Part("dynamodb-local", words, env=base_environment(), log=logs / "dynamodb-local.log"))
            self._local_port = port
            dynamodb.append(str(port))
        return [*parts, Part("dynamodb", dynamodb, env=own, log=logs / "dynamodb.log")]

    async def _wait_for_local(self) -> None:
        """DynamoDB Local does not say when it serves: ask until it does."""
        part = self.parts["dynamodb-local"]
        deadline = asyncio.get_running_loop().time() + _PART_SECONDS
        upstream = Upstream(self._local_port)
        while asyncio.get_running_loop().time() < deadline and part.running:
            try:
                await upstream.ask(Request(b"GET", b"/", [(b"host", b"127.0.0.1")], b""))
            except UpstreamError:
                await asyncio.sleep(0.05)
            else:
                return
        await part.wait_ready(0.1)

    async def open_region(self, region: str) -> None:
        """Open a region's gateway, unless it is open.

        Raises:
            PortInUse: the port configured for it is taken.
        """
        if region in self.gateways:
            return
        gateway = Gateway(
            region,
            faults=self.faults,
            upstreams=self._upstreams,
            default=self._default,
            once=self.once,
            observe=self._observe,
        )
        port = self.options.ports.get(region, 0)
        try:
            self.urls[region] = f"http://127.0.0.1:{await gateway.listen(port)}"
        except OSError:
            raise PortInUse(region, port) from None
        gateway.screen = self._guard
        self.gateways[region] = gateway

    async def start_redis(self, region: str, options: RedisOptions) -> dict[str, Any]:
        """Start the Redis cluster of a region, unless it runs; says where it is.

        Raises:
            SandboxError: it runs with other options, or does not start.
        """
        async with self._redis_lock:
            cluster = self.redis.get(region)
            if cluster is not None:
                if cluster.options != options:
                    raise SandboxError(f"the Redis cluster of {region} runs with {cluster.options}; stop it first")
                return cluster.describe()
            cluster = RedisCluster(
                region,
                options,
                directory=self.options.path,
                logs=self.options.logs,
                tls=self._tls(),
                blocked=lambda: self.faults.blocks(region, "elasticache"),
            )
            try:
                await cluster.start(self._crashed, port=self.options.ports.get(f"redis-{region}"))
            except SandboxError:
                await cluster.stop()
                raise
            self.redis[region] = cluster
        self.write()
        return cluster.describe()

    async def start_dax(self, region: str, *, nodes: int, record_ttl: float, query_ttl: float) -> dict[str, Any]:
        """Start the DAX cluster of a region, unless it runs; says where it is.

        Raises:
            SandboxError: it runs with other options, or does not start.
        """
        async with self._redis_lock:
            cluster = self.dax.get(region)
            if cluster is None:
                cluster = DaxCluster(
                    region,
                    gateway=self.urls[region],
                    nodes=nodes,
                    record_ttl=record_ttl,
                    query_ttl=query_ttl,
                    logs=self.options.logs,
                )
                try:
                    await cluster.start(self._tls(), lambda: self.faults.blocks(region, "dax"), self._crashed)
                except SandboxError:
                    await cluster.stop()
                    raise
                self.dax[region] = cluster
            elif cluster.shape != (nodes, record_ttl, query_ttl):
                raise SandboxError(f"the DAX cluster of {region} runs with other options; stop it first")
        self.write()
        return {"endpoint": cluster.describe(), "ca_file": str(self._tls().ca), "nodes": cluster.ports()}

    async def stop_dax(self, region: str) -> bool:
        """Stop the DAX cluster of a region; says whether there was one."""
        cluster = self.dax.pop(region, None)
        if cluster is None:
            return False
        await cluster.stop()
        self.write()
        return True

    def _tls(self) -> Certificates:
        if self._certificates is None:
            self._certificates = certificates(self.options.path / "tls")
        return self._certificates

    async def stop_redis(self, region: str) -> bool:
        """Stop the Redis cluster of a region; says whether there was one."""
        async with self._redis_lock:
            cluster = self.redis.pop(region, None)
            if cluster is None:
                return False
            await cluster.stop()
        self.write()
        return True

    def authorize(self, *, enabled: bool) -> None:
        """Judge requests from now on, or no longer."""
        self._guard = (
            Guard(
                self.aws,
                self.dynamodb,
                administrator=Credentials(ACCESS_KEY, SECRET_KEY),
                account=self.options.account_id,
            )
            if enabled
            else None
        )
        for gateway in self.gateways.values():
            gateway.screen = self._guard

    def write(self) -> None:
        """Write `sandbox.json`."""
        self.document().write(self.options.path)

    def document(self) -> SandboxDocument:
        """What `sandbox.json` says now."""
        return SandboxDocument(
            pid=os.getpid(),
            incarnation=self.options.incarnation,
            admin=self._admin_url,
            regions=tuple(self.gateways),
            account_id=self.options.account_id,
            gateways=dict(self.urls),
            started=self.started,
            redis={region: cluster.describe() for region, cluster in self.redis.items()},
            dax={region: cluster.describe() for region, cluster in self.dax.items()},
            services=dict(self.services.urls),
            dynamodb=self.options.dynamodb,
            protocol=PROTOCOL,
        )

    def part_statuses(self) -> list[PartStatus]:
        """Every process, the supervisor (with the gateways in it) first."""
        dax = [cluster.part for cluster in self.dax.values()]
        redis = [part for cluster in self.redis.values() for part in cluster.parts]
        edges = self.edges.parts.values()
        children = [
            part.status() for part in (*self.parts.values(), *self.services.parts.values(), *redis, *dax, *edges)
        ]
        total = memory_mb(os.getpid())
        own = round(max(0.0, total - sum(child.memory_mb for child in children)), 1)
        return [PartStatus(name="supervisor", state="running", pid=os.getpid(), memory_mb=own), *children]

    def _faults_changed(self) -> None:
        for gateway in self.gateways.values():
            gateway.faults_changed()
        for region, dax in self.dax.items():
            if self.faults.blocks(region, "dax") == "cut":
                dax.cut()
        for region, cluster in self.redis.items():
            if self.faults.blocks(region, "elasticache") == "cut":
                cluster.cut()
        self._background(self.tell_partition())

    def _observe(self, request: Request, response: Response, route: Route) -> None:
        """A key was disabled, enabled, or given to another alias: DynamoDB must know."""
        if route.service == "kms" and response.status == 200 and operation_of(request) in _KEY_CHANGES:
            self._background(self._tell_keys())

    async def _tell_keys(self) -> None:
        await self.dynamodb.ask("keys", disabled=await self.aws.ask("disabled-keys"))

    async def tell_partition(self) -> None:
        """Tell DynamoDB which regions are off the network; one that has crashed need not know."""
        with contextlib.suppress(SandboxError):
            await self.dynamodb.ask("partition", regions=sorted(self.faults.partitioned()))

    def _background(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _crashed(self, part: Part) -> None:
        _log.error("%s crashed: %s", part.name, part.status().detail)

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        asked, since = -1, loop.time()
        while not self._stop.is_set():
            due = self.faults.next_change()
            wait = _WATCH_SECONDS if due is None else max(0.0, min(_WATCH_SECONDS, due - loop.time()))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), wait + 0.001)
            self.faults.sweep()
            if due is not None and loop.time() >= due:
                self._faults_changed()
            written = SandboxDocument.read(self.options.path)
            if written is None or written.incarnation != self.options.incarnation:
                _log.warning("sandbox.json is gone or another's: stopping")
                return
            requests = sum(gateway.requests for gateway in self.gateways.values())
            if requests != asked:
                asked, since = requests, loop.time()
            elif loop.time() - since > self.options.idle_hours * 3600:
                _log.warning("nobody has asked for %g hours: stopping", self.options.idle_hours)
                return

    async def _end(self) -> None:
        for gateway in self.gateways.values():
            gateway.close()
        await self.services.stop_all()
        await self.edges.stop()
        stops = [
            *(cluster.stop() for cluster in self.redis.values()),
            *(cluster.stop() for cluster in self.dax.values()),
        ]
        await asyncio.gather(*stops, return_exceptions=True)
        await asyncio.gather(*(part.stop() for part in self.parts.values()), return_exceptions=True)
        written = SandboxDocument.read(self.options.path)
        if written is not None and written.incarnation == self.options.incarnation:
            (self.options.path / "sandbox.json").unlink(missing_ok=True)

    def require_region(self, region: str) -> str:
        """The region's name.

        Raises:
            SandboxError: the sandbox does not have it.
        """
        if region not in self.gateways:
            raise SandboxError(f"the sandbox has no region {region!r}; it has {', '.join(self.gateways)}")
        return region

    def describe(self) -> dict[str, Any]:
        """The status as JSON."""
        document = self.document()
        now = asyncio.get_running_loop().time()
        return {
            "incarnation": document.incarnation,
            "started": document.started,
            "account_id": document.account_id,
            "regions": list(document.regions),
            "gateways": dict(document.gateways),
            "services": dict(document.services),
            "redis": dict(document.redis),
            "dax": dict(document.dax),
            "dynamodb": document.dynamodb,
            "parts": [vars(part) for part in self.part_statuses()],
            "authorization": self._guard is not None,
            "faults": [fault.describe(now) for fault in self.faults],
        }
