"""Three ways in which a client of the API leaves a region: by DNS alone, by the evacuation flag, by its own routing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ops.edge.resolver import Resolver
from ops.load.http import Answer, Http, HttpError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.edge.serving import EdgeTarget

REQUEST_SECONDS = 2.0
"""How long a client waits for one answer; more than the slowest answer of a healthy API."""
OWN_RETRY_SECONDS = 5.0
"""How long a client that routes by itself stays away from a region that failed it."""
POLL_SECONDS = 1.0
"""How often a client asks which regions are in use."""


class Way(Protocol):
    """How a request finds a region."""

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, Answer]:
        """The region (its address) that answered, and the answer. Raises `HttpError` where none came."""

    async def close(self) -> None:
        """Close what is open."""


@dataclass
class Doors:
    """Connections to the front doors, one pool an address."""

    target: EdgeTarget
    _pools: dict[tuple[str, str], Http] = field(default_factory=dict)

    def to(self, address: str, name: str) -> Http:
        """The pool of an address for requests that speak of a name."""
        key = (address, name)
        if key not in self._pools:
            url = f"http://{address}:{self.target.port}"
            self._pools[key] = Http(url, timeout=REQUEST_SECONDS, name=f"{name}.{self.target.zone}")
        return self._pools[key]

    def region(self, address: str) -> str:
        """The region behind an address."""
        return next((region for region, front in self.target.fronts.items() if front == address), address)

    async def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.__aexit__()


class ByName:
    """One name; the resolver says where it leads. What every ordinary client does."""

    def __init__(self, target: EdgeTarget, name: str = "api") -> None:
        self._doors, self._name = Doors(target), name
        self._full = f"{name}.{target.zone}"
        self.resolver = Resolver(target.resolver)

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, Answer]:
        """Resolve, then ask there."""
        try:
            address = await self.resolver.address(self._full)
        except OSError as error:
            raise HttpError(type(error).__name__) from None
        answer = await self._doors.to(address, self._name).request(method, path, headers, body)
        return self._doors.region(address), answer

    async def close(self) -> None:
        """Close every connection."""
        await self._doors.close()


class ByFlag:
    """A region's own name; asks every second, anywhere, which regions are in use, and moves when its own is not."""

    def __init__(self, target: EdgeTarget) -> None:
        self._target, self._doors = target, Doors(target)
        self._use = target.home
        self._watching: asyncio.Task[None] | None = None

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, Answer]:
        """Ask the region in use."""
        if self._watching is None:
            self._watching = asyncio.get_running_loop().create_task(self._watch())
        region = self._use
        pool = self._doors.to(self._target.fronts[region], region)
        return region, await pool.request(method, path, headers, body)

    async def _watch(self) -> None:
        """Each region by itself: one that is silent holds up no word of the others."""
        newest: dict[str, tuple[int, bool]] = {}
        await asyncio.gather(*(self._listen(region, newest) for region in self._target.regions))

    async def _listen(self, asked: str, newest: dict[str, tuple[int, bool]]) -> None:
        while True:
            for region, flag in (await self._flags(asked)).items():
                newest[region] = max(newest.get(region, (0, False)), flag)
            used = [region for region in self._target.regions if not newest.get(region, (0, False))[1]]
            if used:
                self._use = used[0]
            await asyncio.sleep(POLL_SECONDS)

    async def _flags(self, region: str) -> dict[str, tuple[int, bool]]:
        """Region → epoch and whether it is evacuated, as one region's replica shows it; nothing where it is away."""
        with contextlib.suppress(HttpError, ValueError, KeyError):
            answer = await self._doors.to(self._target.fronts[region], region).get("/regions")
            if answer.status == 200:
                known = answer.json()["regions"]
                return {name: (int(flag["epoch"]), bool(flag["evacuated"])) for name, flag in known.items()}
        return {}

    async def close(self) -> None:
        """Stop watching and close every connection."""
        if self._watching is not None:
            self._watching.cancel()
        await self._doors.close()


class ByItself:
    """The regions' own names in an order of preference; a region that fails is left for a while."""

    def __init__(self, target: EdgeTarget) -> None:
        self._target, self._doors = target, Doors(target)
        self._away: dict[str, float] = {}

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, Answer]:
        """Ask the first region that has not failed lately; where it fails, that is the next request's business."""
        now = time.monotonic()
        usable = [region for region in self._target.regions if self._away.get(region, 0) <= now]
        region = (usable or list(self._target.regions))[0]
        try:
            answer = await self._doors.to(self._target.fronts[region], region).request(method, path, headers, body)
        except HttpError:
            self._away[region] = time.monotonic() + OWN_RETRY_SECONDS
            raise
        if answer.status >= 500:
            self._away[region] = time.monotonic() + OWN_RETRY_SECONDS
        return region, answer

    async def close(self) -> None:
        """Close every connection."""
        await self._doors.close()
