"""The client that applications import."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, Self

from holdfast import errors
from holdfast._attempt import Call, Pipeline, Reply, Timeouts
from holdfast._routing import Failover
from holdfast._transport.botocore import BotocoreSender
from holdfast.table import Table
from holdfast.topology import Region, Topology

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BREAKER_THRESHOLD = 5
"""Failures in a row after which a region is left."""
BREAKER_RESET_SECONDS = 60.0
"""Seconds until a region that was left is tried again."""


class Client:
    """Access to the tables of a stack, or of one plain region. Safe to use from several threads.

    Args:
        topology: the stack; a `Topology`, or the path of its document. Without it the file that HOLDFAST_TOPOLOGY
            names; without that one plain region.
        region: the region to prefer. Without it the stack's home region, or AWS_REGION, AWS_DEFAULT_REGION, us-east-1.
        failover: whether another region may serve when the preferred one does not. Without it as the topology says.
        transport: how requests are sent.
        timeouts: of one attempt.
        breaker_threshold: failures in a row after which a region is left.
        breaker_reset_seconds: after which one call tries it again.
        max_connections: per region.

    Raises:
        TopologyError: the topology cannot be read, or lacks the region.
    """

    def __init__(
        self,
        topology: Topology | str | Path | None = None,
        region: str | None = None,
        *,
        failover: bool | None = None,
        transport: Literal["botocore"] = "botocore",
        timeouts: Timeouts | None = None,
        breaker_threshold: int = BREAKER_THRESHOLD,
        breaker_reset_seconds: float = BREAKER_RESET_SECONDS,
        max_connections: int = 50,
    ) -> None:
        if transport != "botocore":
            raise errors.ConfigurationError(f"transport is {transport!r}; write 'botocore'")
        self.topology = _topology(topology)
        regions = _regions(self.topology, region, failover=failover)
        self.region = regions[0].name
        """The region that is preferred."""
        self._tables = regions[0].tables
        self._pipeline: Pipeline = Failover(
            BotocoreSender(max_connections=max_connections),
            regions,
            timeouts=timeouts or Timeouts(),
            threshold=breaker_threshold,
            reset_seconds=breaker_reset_seconds,
        )
        self._closed = False

    def table(self, name: str) -> Table:
        """The table of that logical name in the topology, or else of that physical name."""
        known = self._tables.get(name)
        return Table(self, known.name if known else name)

    def close(self) -> None:
        """Close every connection. A closed client refuses calls."""
        self._closed = True
        self._pipeline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, call: Call) -> Reply:
        if self._closed:
            raise errors.ClientClosedError("the client is closed; make a new one")
        return self._pipeline.send(call)


def _topology(given: Topology | str | Path | None) -> Topology | None:
    if isinstance(given, Topology):
        return given
    path = given or os.environ.get("HOLDFAST_TOPOLOGY")
    return Topology.from_file(path) if path else None


def _regions(topology: Topology | None, wanted: str | None, *, failover: bool | None) -> Sequence[Region]:
    """The regions in the order in which they are tried."""
    if topology is None:
        name = wanted or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        return (Region(name=name),)
    first = topology.region(wanted) if wanted else topology.home
    if not (topology.failover if failover is None else failover):
        return (first,)
    order = [first, topology.home, *topology.regions.values()]
    return tuple({region.name: region for region in order}.values())
