"""Which resource costs what: a pricer by resource type, and the types that cost nothing by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.cost.pricers import audit, backup, compute, edge, keys, messages, network, stores, tables, watching
from ops.cost.pricers.free import costs_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource
    from ops.cost.table_bill import Charge

    Pricer = Callable[[Resource, Surroundings], Iterator[Charge]]

PRICERS: Mapping[str, Pricer] = {
    name: pricer
    for module in (tables, backup, network, stores, compute, keys, watching, audit, messages, edge)
    for name, pricer in module.PRICERS.items()
}
"""Resource type → its charges. A pricer yields the same charges, in the same order, whatever the traffic."""

__all__ = ["PRICERS", "costs_nothing"]
