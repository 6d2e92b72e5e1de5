"""What a DynamoDB table costs a month in one region: requests or capacity, indexes, replication, TTL, storage, PITR.

The rules are those of the DynamoDB developer guide ("Read and write operations", "Understanding billing for global
tables", "Reserved capacity"):

- a read takes a unit for each 4 KiB, half of it when eventually consistent; a write one for each KiB;
- a write in a transaction takes twice that, here in every replica, which is the upper bound;
- every replica pays a replicated write for each write, wherever it was made;
- an index pays ordinary write units for each of its own writes, also under a replicated table;
- TTL deletes for nothing in the region that deletes, and for a replicated write in each of the others;
- reserved capacity pays for ordinary provisioned units of the standard class only: never for replicated ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from ops.cost.model import HOURS, SECONDS, ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from settings.usage import TableUsageSettings

PROJECTED_KB: Mapping[str, Decimal | None] = {"ALL": None, "KEYS_ONLY": Decimal("0.2"), "INCLUDE": Decimal("0.5")}
"""Size of an item in an index, in KiB, by projection; None is that of the item. Keys and a few attributes are small."""


class Charge(NamedTuple):
    """So many units of a price."""

    what: str
    key: str
    quantity: Decimal
    region: str | None = None
    """Where it is billed; None is the region of the resource."""


class Units(NamedTuple):
    """Provisioned capacity units."""

    read: Decimal
    write: Decimal


@dataclass(frozen=True, kw_only=True)
class TableShape:
    """A table as it is billed in one region."""

    name: str
    replicas: int = 1
    """In how many regions it is, this one included."""
    home: bool = True
    """Whether the writes are made in this region; only here does replication leave."""
    indexes: Mapping[str, str] = field(default_factory=dict)
    """Index → projection."""
    table_class: Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"] = "STANDARD"
    ttl: bool = False
    pitr: bool = False
    capacity: Units | None = None
    """Provisioned units of the table; None is on-demand."""
    index_capacity: Mapping[str, Units] = field(default_factory=dict)

    @property
    def replicated(self) -> bool:
        """Whether its writes are billed as replicated ones."""
        return self.replicas > 1

    def key(self, name: str) -> str:
        """The price key in this table's class."""
        return f"dynamodb.ia.{name}" if self.table_class == "STANDARD_INFREQUENT_ACCESS" else f"dynamodb.{name}"


class Needs(NamedTuple):
    """Request units a second that traffic takes in one region."""

    read: Decimal
    write: Decimal
    """Of the table: writes and the deletions of TTL that arrive from elsewhere."""
    by_index: Mapping[str, Decimal]
    """Of each index."""


def needs(shape: TableShape, usage: TableUsageSettings) -> Needs:
    """What the traffic takes in one region: reads are spread evenly, writes arrive everywhere."""
    kb = _decimal(usage.item_kb)
    strong = _decimal(usage.consistent_reads_percent) / 100
    read_units = _up(kb / 4) * (strong + (1 - strong) / 2)
    twice = 1 + _decimal(usage.transactional_percent) / 100
    writes = _decimal(usage.writes_per_second)
    expired = writes * _decimal(usage.expired_percent) / 100 if shape.ttl else ZERO
    # Each expired item is deleted in one region for nothing; the home region is taken to be that one.
    deletions = expired if shape.replicated and not shape.home else ZERO
    per_write = _decimal(usage.writes_per_index)
    return Needs(
        read=_decimal(usage.reads_per_second) / shape.replicas * read_units,
        write=_up(kb) * (writes * twice + deletions),
        by_index={
            name: _up(_projected(projection, kb)) * (writes * per_write * twice + deletions)
            for name, projection in shape.indexes.items()
        },
    )


def bill(shape: TableShape, usage: TableUsageSettings) -> Iterator[Charge]:
    """The charges of a month in one region, without free tiers."""
    taken = needs(shape, usage)
    yield from _throughput(shape, taken)
    stored = _decimal(usage.stored_gb)
    yield Charge("storage", shape.key("storage"), stored)
    kb = _decimal(usage.item_kb)
    for name, projection in shape.indexes.items():
        yield Charge(
            f"storage of {name}", shape.key("storage"), stored * min(_projected(projection, kb) / kb, Decimal(1))
        )
    if shape.pitr:
        yield Charge("point-in-time recovery", "dynamodb.pitr", stored)
    if shape.replicated and shape.home:
        away = _decimal(usage.writes_per_second) * SECONDS * kb / 1024 / 1024 * (shape.replicas - 1)
        yield Charge("replication between regions", "transfer.region", away)


def _throughput(shape: TableShape, taken: Needs) -> Iterator[Charge]:
    written = "replicated-write" if shape.replicated else "write"
    if shape.capacity is None:
        yield Charge("reads", shape.key("on-demand.read"), taken.read * SECONDS)
        yield Charge("writes", shape.key(f"on-demand.{written}"), taken.write * SECONDS)
        for name, units in taken.by_index.items():
            yield Charge(f"writes of {name}", shape.key("on-demand.write"), units * SECONDS)
        return
    yield Charge("read capacity", shape.key("provisioned.read"), shape.capacity.read * HOURS)
    yield Charge("write capacity", shape.key(f"provisioned.{written}"), shape.capacity.write * HOURS)
    for name, own in shape.index_capacity.items():
        yield Charge(f"read capacity of {name}", shape.key("provisioned.read"), own.read * HOURS)
        yield Charge(f"write capacity of {name}", shape.key("provisioned.write"), own.write * HOURS)


class Reservable(NamedTuple):
    """Units that a reservation may pay for."""

    read: Decimal
    write: Decimal


def reservable(shape: TableShape) -> Reservable:
    """Ordinary provisioned units of the standard class; none of a replicated table's own writes."""
    if shape.capacity is None or shape.table_class != "STANDARD":
        return Reservable(ZERO, ZERO)
    indexes = shape.index_capacity.values()
    own = ZERO if shape.replicated else shape.capacity.write
    return Reservable(
        read=shape.capacity.read + sum((units.read for units in indexes), ZERO),
        write=own + sum((units.write for units in indexes), ZERO),
    )


def reserve(units: Reservable, bought: Reservable, term: Literal["1y", "3y"]) -> Iterator[Charge]:
    """What a reservation changes: its own price a month, less the capacity that it pays for.

    Args:
        units: what may be paid for by it in the region.
        bought: units reserved, sold by the hundred; what is not used is paid all the same.
        term: how long.
    """
    months = 12 if term == "1y" else 36
    for kind, has, owns in (("read", units.read, bought.read), ("write", units.write, bought.write)):
        blocks = _up(owns / 100)
        yield Charge(f"reserved {kind}s, up front", f"dynamodb.reserved.{term}.{kind}.upfront", blocks / months)
        yield Charge(f"reserved {kind}s", f"dynamodb.reserved.{term}.{kind}.hour", blocks * HOURS)
        yield Charge(
            f"{kind}s paid by the reservation", f"dynamodb.provisioned.{kind}", -min(has, blocks * 100) * HOURS
        )


def _projected(projection: str, kb: Decimal) -> Decimal:
    size = PROJECTED_KB.get(projection)
    return kb if size is None else min(size, kb)


def _up(value: Decimal) -> Decimal:
    return value.to_integral_value(rounding=ROUND_CEILING)


def _decimal(value: float) -> Decimal:
    """The figure as it was written: 0.1 is a tenth."""
    return Decimal(str(value))
