"""How a client, sync or async, is set up from its arguments and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from holdfast._codec import ItemCodec, codec_for
from holdfast._control.parameter import PARAMETER, own_region, read_topology
from holdfast._control.plane import ControlPlane
from holdfast._tuning import Tuning, read
from holdfast.errors import ConfigurationError
from holdfast.topology import Region, Topology

if TYPE_CHECKING:
    from botocore.session import Session

    from holdfast.resilience import Policy

Transport = Literal["http", "botocore"]


class ClientOptions(TypedDict, total=False):
    """The keyword arguments of `Client` and `AsyncClient`."""

    failover: bool
    """Whether another region may serve when the preferred one does not. Without it as the topology says."""
    policy: Policy
    """How the client behaves when things break: `holdfast.resilience.Policy`."""
    transport: Transport
    """`http`: own connections. `botocore`: its connections and signatures."""
    endpoint_url: str
    """Where DynamoDB answers, for a client without a topology (AWS_ENDPOINT_URL_DYNAMODB works too)."""
    max_connections: int
    """Per region; 50 without it."""
    idle_seconds: float
    """After which an unused connection is closed; 20 without it."""
    profile: str
    """Of the shared AWS configuration."""
    use_fips: bool
    use_dualstack: bool
    session: Session
    """An own botocore session: its credentials, its configuration."""
    breaker_reset_seconds: float
    """Seconds until a region that was left is tried again, in place of the policy's."""


class Setup:
    """What a client knows before it sends anything: topology, regions in order, policy, control plane."""

    def __init__(self, topology: Topology | str | Path | None, region: str | None, options: Mapping[str, Any]) -> None:
        unknown = set(options) - ClientOptions.__annotations__.keys() - {"sender"}
        if unknown:
            raise ConfigurationError(
                f"there is no option {', '.join(sorted(unknown))}; "
                f"the options are {', '.join(ClientOptions.__annotations__)}"
            )
        self.plane = ControlPlane(
            profile=options.get("profile"),
            use_fips=options.get("use_fips"),
            use_dualstack=options.get("use_dualstack"),
            session=options.get("session"),
            region=region or own_region(),
        )
        self.topology = _topology(topology, region, self.plane)
        self.transport: Transport = options.get("transport", "http")
        if self.transport not in ("http", "botocore"):
            raise ConfigurationError(f"transport is {self.transport!r}; write 'http' or 'botocore'")
        tuning = Tuning(self.topology)
        self.pool = tuning.pool(options)
        policy = _policy(tuning, options)
        failover = _failover(self.topology, options, policy)
        regions = _regions(self.topology, region, options, failover=failover)
        if len(regions) > 1 and not failover:  # keys have homes in the others
            policy = replace(policy, routing=replace(policy.routing, failover=failover))
        self.regions, self.policy = _with_dax(regions, policy)

    def table(
        self, name: str, model: type[Any] | None, *, drop_none: bool
    ) -> tuple[str, ItemCodec[Any], Sequence[str] | None]:
        """A table's physical name, its codec, and the names of its key where the topology knows them."""
        codec = codec_for(model, drop_none=drop_none)
        known = self.regions[0].tables.get(name)
        renamed = os.environ.get(f"DYNAMODB_{name.upper().replace('-', '_')}_TABLE") if name else None
        if known is None:
            known = next((table for table in self.regions[0].tables.values() if table.name == name), None)
        if known is None or renamed:
            return renamed or name, codec, None
        keys = (known.partition_key, known.sort_key)
        return known.name, codec, tuple(key.name for key in keys if key is not None)


def _topology(given: Topology | str | Path | None, region: str | None, plane: ControlPlane) -> Topology | None:
    if isinstance(given, Topology):
        return given
    source = str(given or os.environ.get("HOLDFAST_TOPOLOGY") or "")
    if source.startswith(PARAMETER):
        return read_topology(plane, source.removeprefix(PARAMETER), region or own_region())
    return Topology.from_file(source) if source else None


def _regions(
    topology: Topology | None, wanted: str | None, options: Mapping[str, Any], *, failover: bool
) -> Sequence[Region]:
    """The regions in the order in which they are tried."""
    endpoint = options.get("endpoint_url")
    if topology is None:
        name = wanted or own_region()
        return (Region(name=name, endpoints={"dynamodb": endpoint} if endpoint else {}),)
    if endpoint:
        raise ConfigurationError("endpoint_url goes without a topology; a topology's regions carry their own endpoints")
    first = topology.region(wanted) if wanted else topology.home
    if not failover and not any(table.homes for table in first.tables.values()):
        return (first,)
    order = [first, topology.home, *topology.regions.values()]
    return tuple({region.name: region for region in order}.values())


def _failover(topology: Topology | None, options: Mapping[str, Any], policy: Policy) -> bool:
    argument, variable = options.get("failover", policy.routing.failover), os.environ.get("HOLDFAST_FAILOVER")
    if argument is not None:
        return bool(argument)
    if variable:
        return bool(read("HOLDFAST_FAILOVER", variable, bool))
    return topology is not None and topology.failover


def _policy(tuning: Tuning, options: Mapping[str, Any]) -> Policy:
    policy = tuning.policy(options.get("policy"))
    reset = options.get("breaker_reset_seconds")
    return policy if reset is None else replace(policy, breaker=replace(policy.breaker, reset_seconds=reset))


def _with_dax(regions: Sequence[Region], policy: Policy) -> tuple[Sequence[Region], Policy]:
    """DAX_ENDPOINT is the DAX cluster of the preferred region; without a policy for caches, reads go through it."""
    endpoint = os.environ.get("DAX_ENDPOINT")
    if not endpoint:
        return regions, policy
    if policy.cache is not None:
        return (replace(regions[0], dax_endpoint=endpoint), *regions[1:]), policy
    from holdfast.caching.policy import CachePolicy  # noqa: PLC0415 - loaded by those who have a cache

    first = replace(regions[0], dax_endpoint=endpoint, redis_endpoint=None)
    return (first, *regions[1:]), replace(policy, cache=CachePolicy(dax_alone=True))
