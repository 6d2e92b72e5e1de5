"""Rules between layers: what one needs of another, and figures that only fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from settings._errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NEEDS: Mapping[str, tuple[str, ...]] = {
    "cache": ("network", "security", "data"),
    "monitoring": ("security", "data"),
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
