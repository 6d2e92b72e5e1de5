"""`holdfast:cost.usage`: what the estimate of a stack takes its traffic to be. No resource reads it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from settings._base import Frozen


class TableUsageSettings(Frozen):
    """What a table is taken to do, averaged over a month and over all its regions together."""

    reads_per_second: float = Field(50.0, ge=0)
    """Items read a second, in all regions together."""
    writes_per_second: float = Field(10.0, ge=0)
    """Items written a second, in all regions together; each is replicated to every other region."""
    item_kb: float = Field(1.0, gt=0)
    """Size of an item in KiB. A write unit holds 1 KiB, a read unit 4 KiB."""
    stored_gb: float = Field(10.0, ge=0)
    """Data in each region in GB, without indexes."""
    consistent_reads_percent: float = Field(0.0, ge=0, le=100)
    """Share of strongly consistent reads; they cost twice the others."""
    transactional_percent: float = Field(0.0, ge=0, le=100)
    """Share of writes in transactions; they cost twice the others."""
    writes_per_index: float = Field(1.0, ge=0)
    """Writes of each index for a write of the table: 0 where no projected attribute changes, 2 where its key moves."""
    expired_percent: float = Field(100.0, ge=0, le=100)
    """Share of the written items that TTL deletes, where the table has a TTL attribute."""


class UsageSettings(Frozen):
    """Traffic from which the likely estimate is made; the low and high ones multiply all of it."""

    low_percent: int = Field(30, ge=0, le=100)
    """The low estimate has this share of the traffic."""
    high_percent: int = Field(300, ge=100)
    """The high estimate has this share of the traffic."""
    table: TableUsageSettings = TableUsageSettings()
    """A table that is not named."""
    tables: Mapping[str, TableUsageSettings] = Field(default_factory=dict)
    """Tables by logical name."""
    requests_per_second: float = Field(30.0, ge=0)
    """Requests of the service, in all regions together."""
    response_kb: float = Field(4.0, ge=0)
    """Size of a response in KiB; it leaves to the internet."""
    nat_gb: float = Field(50.0, ge=0)
    """GB a month through each NAT gateway."""
    endpoint_gb: float = Field(5.0, ge=0)
    """GB a month through each interface endpoint."""
    log_gb: float = Field(10.0, ge=0)
    """GB a month into each log group."""
    bucket_gb: float = Field(20.0, ge=0)
    """GB in each bucket."""
    image_gb: float = Field(5.0, ge=0)
    """GB in each image repository."""
    management_events: float = Field(500_000.0, ge=0)
    """Calls of AWS control planes a month in each region; threat detection reads them."""
    configuration_items: float = Field(2_000.0, ge=0)
    """Recorded changes of resources a month in each region."""
    key_requests: float = Field(500_000.0, ge=0)
    """Requests a month for each key in each region."""
