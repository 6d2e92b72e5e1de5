"""`holdfast:data`: the tables, and where they are replicated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from awsfacts import limits
from settings._base import Frozen, RegionName, refuse
from settings.backup import BackupSettings

Attribute = Annotated[str, Field(min_length=1, max_length=limits.KEY_ATTRIBUTE_NAME_LENGTH)]
"""Name of an attribute that is part of a key."""


def _window(days: int) -> int:
    low, high = limits.PITR_DAYS
    if not low <= days <= high:
        refuse(f"{days} days is no window of point-in-time recovery: DynamoDB keeps {low} to {high}", f"write {high}")
    return days


TableName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")]
"""Physical name of a table (DynamoDB: 3 to 255 of letters, digits, `_`, `-` and `.`)."""


class KeyAttribute(Frozen):
    """One attribute of a key schema."""

    name: Attribute
    """Name of the attribute."""
    type: Literal["S", "N", "B"] = "S"
    """DynamoDB type: string, number or binary."""


class IndexSettings(Frozen):
    """A global secondary index. Its name is its key in the stack file."""

    partition_key: KeyAttribute
    """Partition key of the index."""
    sort_key: KeyAttribute | None = None
    """Sort key of the index."""
    projection: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"
    """Which attributes the index holds."""
    included_attributes: tuple[str, ...] = ()
    """Attributes beside the keys, with projection INCLUDE."""


class ScalingSettings(Frozen):
    """Provisioned capacity units that follow their use."""

    initial: int = Field(ge=1)
    """Units of a new table; scaling moves them afterwards."""
    minimum: int = Field(ge=1)
    """Fewest units."""
    maximum: int = Field(ge=1)
    """Most units."""
    target_percent: int = Field(70, ge=20, le=90)
    """Share of the units that is meant to be used (reference orders setup: 70; Application Auto Scaling: 20 to 90)."""
    cooldown_seconds: int = Field(60, ge=0)
    """Time between two steps, in and out (reference orders setup: 60 s)."""


class ProvisionedSettings(Frozen):
    """Provisioned capacity of a table and of each of its indexes."""

    read: ScalingSettings
    """Read capacity units."""
    write: ScalingSettings
    """Write capacity units."""


class CeilingSettings(Frozen):
    """The most that an on-demand table may take, so that a runaway client has a price limit."""

    read_units: int = Field(ge=1)
    """Read request units a second."""
    write_units: int = Field(ge=1)
    """Write request units a second."""


class WarmThroughputSettings(Frozen):
    """What the table takes at once, before it has seen such traffic. It is never lowered."""

    read_units: int = Field(ge=limits.WARM_READ_UNITS)
    """Read units a second, on every replica."""
    write_units: int = Field(ge=limits.WARM_WRITE_UNITS)
    """Write units a second, on every replica."""


class StreamConsumerSettings(Frozen):
    """A queue that receives every change of a table in the home region."""

    batch_size: int = Field(10, ge=1, le=10)
    """Changes handed over at once (SQS: at most 10)."""
    retention_days: int = Field(14, ge=1, le=14)
    """How long an unread change is kept (SQS: at most 14 days)."""


class HomeRegionsSettings(Frozen):
    """The region that each key is written in, from wherever: Amazon's write mode "write to your Region".

    With `spread` of one region alone it is "write to one Region"; a table without home regions is "write to any
    Region" (AWS Prescriptive Guidance, Using Amazon DynamoDB global tables, write modes).
    """

    prefixes: Mapping[Annotated[str, Field(min_length=1)], RegionName] = Field(default_factory=dict)
    """How a partition key begins, and the home of keys that do; the longest beginning that fits counts."""
    spread: tuple[RegionName, ...] = ()
    """Regions over which all other keys are spread by a hash; empty, they are at home in the home region."""


class TableSettings(Frozen):
    """One table, and its replicas in other regions of the stack."""

    name: TableName
    """Physical name, the same in every region. A table is never renamed: its name is its identity."""
    partition_key: KeyAttribute
    """Partition key."""
    sort_key: KeyAttribute | None = None
    """Sort key."""
    indexes: Mapping[str, IndexSettings] = Field(default_factory=dict)
    """Global secondary indexes by name."""
    ttl_attribute: str | None = None
    """Attribute holding the second since 1970 at which an item expires; None expires nothing."""
    replicas: tuple[RegionName, ...] | None = None
    """Regions beside the home region; None is every other region of the stack."""
    consistency: Literal["eventual", "strong"] = "eventual"
    """`eventual` is multi-Region eventual consistency (last writer wins), `strong` is MRSC."""
    home_regions: HomeRegionsSettings | None = None
    """Where each key is written while its region serves; None: every region takes writes of every key (active-active).

    Change it while nothing is written: until all clients know, a key may be written in its old and its new home.
    """
    witness: RegionName | None = None
    """With `strong` and two replicas: the region that holds a witness instead of a third replica."""
    provisioned: ProvisionedSettings | None = None
    """Provisioned capacity with autoscaling; None is on-demand."""
    ceilings: CeilingSettings | None = None
    """Ceilings of on-demand throughput; None is the account's quota."""
    warm_throughput: WarmThroughputSettings | None = None
    """Throughput that is ready at once; None is what a new table has."""
    table_class: Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"] = "STANDARD"
    """Storage class; infrequent access pays when storage is more than half of the bill."""
    stream_consumers: Mapping[str, StreamConsumerSettings] = Field(default_factory=dict)
    """Queues by name that receive the changes."""
    stream: bool = True
    """Whether changes are published, with old and new images. A table with replicas always publishes them."""
    point_in_time_recovery_days: Annotated[int, AfterValidator(_window)] = limits.PITR_DAYS[1]
    """Window of point-in-time recovery (reference architecture: 35 days)."""
    deletion_protection: bool = True
    """Whether DynamoDB refuses to delete the table, in every region."""
    contributor_insights: bool = True
    """Whether the most accessed and throttled keys are recorded, in every region, for table and indexes."""
    adopt: bool = False
    """Whether the table exists already: this deployment takes it under management as it is and changes nothing of it.

    With `replicas: []`. Remove both lines afterwards: the next deployment turns its stream, key, recovery window and
    protection to what stands here, and adds the replicas.
    """
    tags: Mapping[str, str] = Field(default_factory=dict)
    """Tags of this table beside the stack's, the same on every replica."""


class ControlTableSettings(Frozen):
    """The global table that carries the evacuation flags; its key is `scope`, for example `region#us-east-1`."""

    name: TableName | None = None
    """Physical name; None is the name prefix and `-control`."""


class DataSettings(Frozen):
    """Tables by logical name, which the application and the topology use."""

    tables: Mapping[str, TableSettings] = Field(min_length=1)
    """Logical name → table."""
    control_table: ControlTableSettings = ControlTableSettings()
    """Where the evacuation flags are."""
    backup: BackupSettings | None = None
    """Backups beside point-in-time recovery; absent, there are none."""
