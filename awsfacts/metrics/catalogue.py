"""Which metric a namespace has, and with which sets of dimensions it is published.

CloudWatch keeps one series per set of dimensions: an alarm that names fewer or other dimensions than the service
publishes watches a series that never gets a value. The catalogue covers the namespaces that this product alarms on.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from awsfacts.metrics import application, compute, dynamodb, edge, platform, stores

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from awsfacts.metrics.series import Series


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of one namespace."""

    namespace: str
    name: str
    dimensions: tuple[frozenset[str], ...]
    """Every set of dimension names with which it is published."""


def _collected(tables: Iterable[Mapping[str, Series]]) -> dict[tuple[str, str], Metric]:
    found: dict[tuple[str, str], Metric] = {}
    for table in tables:
        for namespace, series in table.items():
            for dimensions, names in series:
                for name in names.split():
                    known = found.get((namespace, name))
                    sets = (*(known.dimensions if known else ()), *(frozenset(item.split()) for item in dimensions))
                    found[namespace, name] = Metric(namespace=namespace, name=name, dimensions=sets)
    return found


METRICS: Mapping[tuple[str, str], Metric] = _collected(
    (
        dynamodb.PUBLISHED,
        stores.PUBLISHED,
        compute.PUBLISHED,
        edge.PUBLISHED,
        platform.PUBLISHED,
        application.PUBLISHED,
    )
)
"""(namespace, metric name) → metric."""

NAMESPACES: frozenset[str] = frozenset(namespace for namespace, _ in METRICS)
"""Namespaces that the catalogue knows whole enough to refuse an unknown name in them."""


def find(namespace: str, name: str) -> Metric | None:
    """The metric, None where the catalogue has none of that name."""
    return METRICS.get((namespace, name))


def why_dead(namespace: str, name: str, dimensions: Iterable[str]) -> str | None:
    """Why an alarm on this series can never fire, None if it can or if the namespace is not in the catalogue.

    The reason names what to write instead.
    """
    if namespace not in NAMESPACES:
        return None
    metric = find(namespace, name)
    if metric is None:
        names = [other for space, other in METRICS if space == namespace]
        guess = get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"; did you mean {guess[0]}" if guess else ""
        return f"{namespace} publishes no metric {name}{hint}"
    given = frozenset(dimensions)
    if given in metric.dimensions:
        return None
    choices = " or ".join(_shown(item) for item in sorted(metric.dimensions, key=sorted))
    return f"{namespace} publishes {name} with {choices} only; got {_shown(given)}"


def _shown(dimensions: frozenset[str]) -> str:
    return " and ".join(sorted(dimensions)) or "no dimensions"
