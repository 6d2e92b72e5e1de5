from __future__ import annotations

import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


class World:
    """Three regions of orders services over one dictionary each, whose faults a test chooses."""

    regions = ("us-east-1", "us-west-2", "eu-west-1")
    title = "is cut off"

    def __init__(self) -> None:
        self.items: dict[str, dict[tuple[str, str], dict]] = {region: {} for region in self.regions}
        self.down: str | None = None
        self.healed_at = 0.0
        self.failover_seconds = 0.1
        self.return_seconds = 0.1
        self.replicate = lambda source, target, order: True
        self.alter = lambda target, order: order
        self.serves = True
        self.urls: dict[str, str] = {}
        self._cut_at = 0.0
        self._behind: list[tuple[str, tuple[str, str], dict]] = []

    def cut(self, region: str) -> None:
        self.down, self._cut_at = region, time.monotonic()

    def heal(self, region: str) -> None:
        self.down, self.healed_at = None, time.monotonic()
        for target, key, order in self._behind:
            self.items[target][key] = order
        self._behind.clear()

    def serving(self, region: str) -> str | None:
        now = time.monotonic()
        if region == self.down:
            return "us-west-2" if self.serves and now - self._cut_at >= self.failover_seconds else None
        if region == "us-east-1" and self.healed_at and now - self.healed_at < self.return_seconds:
            return "us-west-2"
        return region

    def store(self, region: str, order: dict) -> None:
        key = (order["customer_id"], order["order_id"])
        for target in self.regions:
            if target != region and not self.replicate(region, target, order):
                continue
            stored = self.alter(target, dict(order))
            if target == self.down:
                self._behind.append((target, key, stored))
            else:
                self.items[target][key] = stored

    def app(self, region: str) -> Starlette:
        async def create(request):
            served = self.serving(region)
            if served is None:
                return JSONResponse({"error": {"code": "unavailable"}}, 503)
            order = await request.json()
            order["order_id"] = f"ORD_{request.headers.get('idempotency-key', time.time_ns())}"
            self.store(served, order)
            return JSONResponse(order, 201, {"x-holdfast-region": served})

        async def get(request):
            where = request.query_params.get("region", region)
            if where == self.down:
                return JSONResponse({"error": {"code": "unavailable"}}, 503)
            order = self.items[where].get((request.path_params["customer"], request.path_params["order"]))
            return JSONResponse(order, 200 if order else 404, {"x-holdfast-region": where})

        async def listing(request):
            where = request.query_params["region"]
            customer = request.path_params["customer"]
            found = [order for (owner, _), order in sorted(self.items[where].items()) if owner == customer]
            start = int(request.query_params.get("next", "0"))
            page = found[start : start + 1000]
            following = str(start + 1000) if start + 1000 < len(found) else None
            return JSONResponse({"orders": page, "next": following})

        routes = [
            Route("/orders", create, methods=["POST"]),
            Route("/orders/{customer}", listing),
            Route("/orders/{customer}/{order}", get),
        ]
        return Starlette(routes=routes)


@pytest.fixture
def world():
    world = World()
    servers = []
    for region in world.regions:
        config = uvicorn.Config(world.app(region), host="127.0.0.1", port=0, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
    for region, (server, _) in zip(world.regions, servers, strict=True):
        while not server.started:
            time.sleep(0.01)
        world.urls[region] = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield world
    for server, _ in servers:
        server.should_exit = True
    for _, thread in servers:
        thread.join(10)
