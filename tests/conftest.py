"""What tests of several kinds share."""

from dataclasses import replace

import pytest
from hypothesis import settings

from holdfast.topology import Index, Key, Region, Table, Topology

# An example may last as long as the machine makes it; the rest is as Hypothesis has it, here or in CI.
settings.register_profile("patient", settings(), deadline=None)
settings.load_profile("patient")


def _table(name, key, sort=None, indexes=()):
    return Table(
        name=name,
        arn="arn:x",
        partition_key=Key(name=key),
        sort_key=Key(name=sort) if sort else None,
        indexes=indexes,
    )


ORDERS = {
    "orders": _table(
        "orders-production",
        "customer_id",
        "order_id",
        (
            Index(name="OrderDateIndex", partition_key=Key(name="order_date"), sort_key=Key(name="order_id")),
            Index(
                name="StatusIndex",
                partition_key=Key(name="status"),
                sort_key=Key(name="order_date"),
                projection="KEYS_ONLY",
            ),
        ),
    ),
    "inventory": _table("inventory-production", "product_id"),
    "accounts": _table("accounts-production", "account_id"),
    "sessions": _table("sessions-production", "session_id"),
    "metrics": _table("metrics-production", "metric_shard", "timestamp"),
}


@pytest.fixture(scope="session")
def orders_topology():
    """Makes the topology of a stack that the orders service runs on; the first region is home.

    `homes` gives tables (logical names) home regions.
    """

    def make(*regions, homes=None):
        tables = {name: replace(table, homes=(homes or {}).get(name)) for name, table in ORDERS.items()}
        made = {name: Region(name=name, tables=tables, control_table="holdfast-control") for name in regions}
        return Topology(stack="prod", home_region=regions[0], regions=made, failover=True)

    return make
