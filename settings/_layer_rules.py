"""Rules between layers: what one needs of another, and figures that only fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from settings._errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NEEDS: Mapping[str, tuple[str, ...]] = {
    "cache": ("network", "security", "data"),
    "compute": ("network", "security", "data", "recovery"),
    "serverless": ("network", "security", "data"),
    "edge": ("serverless", "security", "data", "monitoring", "recovery"),
    "monitoring": ("security", "data"),
    "cost": ("monitoring",),
}
"""Layer → the layers that it stands on."""

MOST_GLOBAL_SECONDARIES = 2
"""Secondary regions of an ElastiCache global datastore (ElastiCache user guide, "Global datastores")."""


def faults_of(parts: Mapping[str, Any]) -> Iterator[Fault]:
    """Every fault between the layers that could be read."""
    for layer, needed in NEEDS.items():
        if parts.get(layer) is None:
            continue
        for other in needed:
            if other in parts and parts[other] is None:
                yield Fault(
                    path=f"holdfast:{other}",
                    value=None,
                    rule=f"is missing: holdfast:{layer} stands on it",
                    fix=f"add the key holdfast:{other} ({{}} takes its defaults), or remove holdfast:{layer}",
                )
    yield from _cache(parts)
    yield from _compute(parts)
    yield from _recovery(parts)
    yield from _runtime(parts)


def _cache(parts: Mapping[str, Any]) -> Iterator[Fault]:
    cache, data, regions = parts.get("cache"), parts.get("data"), parts.get("regions")
    if cache is None:
        return
    tables = list(data.tables) if data else []
    for index, name in enumerate(cache.dax.tables if cache.dax else ()):
        if data is not None and name not in tables:
            yield Fault(
                path=f"holdfast:cache.dax.tables[{index}]",
                value=name,
                rule=f"there is no table {name!r} in holdfast:data.tables",
                fix=f"write one of {', '.join(tables)}",
            )
    redis = cache.redis
    if redis is None or not redis.global_datastore:
        return
    family = redis.node_type.split(".")[1]
    if family[0] not in "rm" or family in {"r4", "m4", "m3", "r3"}:
        yield Fault(
            path="holdfast:cache.redis.node_type",
            value=redis.node_type,
            rule=f"a global datastore runs on r5, m5 and later nodes; got {redis.node_type}",
            fix="write 'cache.r7g.large', or 'global_datastore: false'",
        )
    if regions is not None and len(regions) - 1 > MOST_GLOBAL_SECONDARIES:
        yield Fault(
            path="holdfast:cache.redis.global_datastore",
            value=True,
            rule=f"a global datastore has at most {MOST_GLOBAL_SECONDARIES} secondary regions; got {len(regions) - 1}",
            fix="write 'global_datastore: false', and fill each region's cache from its own table",
        )


def _compute(parts: Mapping[str, Any]) -> Iterator[Fault]:
    compute, recovery = parts.get("compute"), parts.get("recovery")
    if compute is None:
        return
    if recovery is not None and recovery.dns is None:
        yield Fault(
            path="holdfast:recovery.dns",
            value=None,
            rule="is missing: the load balancers of holdfast:compute need a certificate, and that a hosted zone",
            fix="add 'dns: {zone: orders.example.com}' with a zone of yours",
        )
    for path, low, middle, high in (
        ("nodes", compute.nodes.minimum, compute.nodes.desired, compute.nodes.maximum),
        ("service", compute.service.minimum, compute.service.minimum, compute.service.maximum),
    ):
        if not low <= middle <= high:
            yield Fault(
                path=f"holdfast:compute.{path}",
                value=(low, middle, high),
                rule=f"minimum {low}, desired {middle} and maximum {high} must ascend",
                fix="write minimum <= desired <= maximum",
            )


def _recovery(parts: Mapping[str, Any]) -> Iterator[Fault]:
    recovery, regions = parts.get("recovery"), parts.get("regions")
    if recovery is None:
        return
    dns, checks = recovery.dns, recovery.health_checks
    if dns is not None:
        detected = checks.interval_seconds * checks.failures
        moved = detected + dns.ttl_seconds
        if moved >= recovery.objectives.rto_seconds:
            yield Fault(
                path="holdfast:recovery.dns.ttl_seconds",
                value=dns.ttl_seconds,
                rule=f"clients leave a failed region after {checks.interval_seconds} s x {checks.failures} + "
                f"{dns.ttl_seconds} s = {moved} s, which must be under the recovery time objective of "
                f"{recovery.objectives.rto_seconds} s",
                fix=f"write {max(recovery.objectives.rto_seconds - detected - 1, 1)} or less, check more often, "
                "or raise the objective",
            )
    if regions is None:
        return
    names = [region.name for region in regions]
    homes = [region.name for region in regions if region.home]
    for region in dns.continents if dns else ():
        if region not in names:
            yield Fault(
                path=f"holdfast:recovery.dns.continents.{region}",
                value=region,
                rule=f"{region!r} is not a region of this stack; it has {', '.join(names)}",
                fix="choose one of those",
            )
    switch = recovery.region_switch
    if switch is not None and (switch.standby not in names or switch.standby in homes):
        yield Fault(
            path="holdfast:recovery.region_switch.standby",
            value=switch.standby,
            rule=f"the standby is another region of this stack than home; got {switch.standby!r}",
            fix=f"write one of {', '.join(name for name in names if name not in homes)}",
        )


def _runtime(parts: Mapping[str, Any]) -> Iterator[Fault]:
    """Times of a client that contain one another."""
    runtime = parts.get("runtime")
    if runtime is None:
        return
    attempt, whole = runtime.timeouts.attempt_seconds, runtime.pool.request_timeout_seconds
    ascending = (
        ("timeouts.minimum_seconds", runtime.timeouts.minimum_seconds, "timeouts.attempt_seconds", attempt),
        ("timeouts.attempt_seconds", attempt, "pool.request_timeout_seconds", whole),
        ("retries.base_seconds", runtime.retries.base_seconds, "retries.cap_seconds", runtime.retries.cap_seconds),
    )
    for low_path, low, high_path, high in ascending:
        if low > high:
            yield Fault(
                path=f"holdfast:runtime.{low_path}",
                value=low,
                rule=f"{low:g} s is more than {high_path}, which is {high:g} s and holds it",
                fix=f"write {high:g} or less, or raise {high_path}",
            )
