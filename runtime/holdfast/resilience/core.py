"""What all calls of a client share: policy, clock, chance, the regions. No I/O."""

from __future__ import annotations

import random as _random
import time
from typing import TYPE_CHECKING, Any

from holdfast.resilience.homes import Homes
from holdfast.resilience.policy import DEFAULT, Policy
from holdfast.resilience.recent import Recent
from holdfast.resilience.router import Router

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from holdfast._attempt import Call
    from holdfast.resilience.region import RegionState
    from holdfast.topology import Region, Table, Topology


class Core:
    """The state of a client's resilience, apart from how it sends and sleeps."""

    def __init__(
        self,
        regions: Sequence[Region],
        topology: Topology | None = None,
        policy: Policy = DEFAULT,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        random: Callable[[], float] | None = None,
    ) -> None:
        self.policy = policy
        self.clock = clock
        self.wall = wall
        self.random = random if random is not None else _random.random
        self.topology = topology
        first = regions[0]
        self.tables: dict[str, Table] = {table.name: table for table in first.tables.values()}
        strong = frozenset(table.name for table in self.tables.values() if table.consistency == "strong")
        self.control_table = first.control_table
        self.recent = Recent(policy.routing.drain_seconds)
        self.router = Router(
            regions,
            policy,
            wall=wall,
            random=self.random,
            strong_tables=strong,
            watched=len(regions) > 1 and first.control_table is not None,
        )
        self.states = tuple(self.router.by_name.values())
        failover = policy.routing.failover is not False
        if not failover:
            self.router = self.router.preferring([first.name])
        order = topology.regions if topology else self.router.by_name
        self.homes = Homes.of(self.router, self.tables, order, failover=failover)
        self.routers = (self.router, *(self.homes.routers.values() if self.homes else ()))
        self.counts = {"attempts": 0, "retries": 0, "throttles": 0, "timeouts": 0, "hedges": 0, "rejected": 0}
        """What calls have met since the client was made. Threads may lose a count to each other now and then."""
        self.caches: Any = None
        """The `CacheCounts` of a client that has caches."""
        self.lag: dict[tuple[str, str], float] = {}
        """Seconds from a write in the first region until it was seen in the second, as last measured."""
        self.on_change: Callable[[], None] | None = None
        """Called when a circuit has opened, so that a watch need not wait for its turn."""
        self.make_resolver: Callable[[Call, str], Callable[[], Any] | None] | None = None

    def lost(self, state: RegionState) -> None:
        """A region has stopped being well, for all that is written anywhere."""
        for router in self.routers:
            router.lost(state)

    def changed(self) -> None:
        """A circuit has changed."""
        if self.on_change is not None:
            self.on_change()

    def resolver(self, call: Call, region: str) -> Callable[[], Any] | None:
        """What `OutcomeUnknown.resolve()` of this call does."""
        return self.make_resolver(call, region) if self.make_resolver is not None else None

    def views(self) -> dict[str, Any]:
        """Everything as it stands: the writer, and per region breakers, quota, limits, latencies and flag."""
        router = self.router
        return {
            "writer": router.writer.name,
            "homes": {home: of.writer.name for home, of in self.homes.routers.items()} if self.homes else {},
            "moves": sum(router.moves for router in self.routers),
            "counts": dict(self.counts),
            "lag": {f"{origin} > {target}": seconds for (origin, target), seconds in self.lag.items()},
            "regions": {state.name: {**state.views(), "evacuated": router.evacuated(state)} for state in self.states},
        }
