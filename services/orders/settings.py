"""What a process of the orders service reads from its environment."""

from __future__ import annotations

import base64
import gzip
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from holdfast import Topology, TopologyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.topology import Homes

PACKED = "gzip+base64:"
"""What the text of a packed topology parameter begins with."""
DEFAULT_REGION = "us-east-1"
"""Region when AWS_REGION is not set."""


class ConfigurationError(ValueError):
    """The environment cannot be used; the message names the variable and what to set instead."""


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """Where one process of the service runs, and over what."""

    topology: Topology
    region: str
    orders_table: str = "orders"
    """Logical name in the topology, or a physical one (DYNAMODB_ORDERS_TABLE)."""
    inventory_table: str = "inventory"
    """Logical name in the topology, or a physical one (DYNAMODB_INVENTORY_TABLE)."""
    accounts_table: str = "accounts"
    sessions_table: str = "sessions"
    metrics_table: str = "metrics"
    require_tenant: bool = False
    """Whether a request without a caller is refused (HOLDFAST_REQUIRE_TENANT)."""
    publish_metrics: bool = False
    """Whether business metrics are written to standard output once a minute (HOLDFAST_PUBLISH_METRICS)."""
    breaker_reset_seconds: float | None = None
    """Overrides how long an open breaker waits; the proof sets 2 s. None keeps the client's default."""

    def has(self, table: str) -> bool:
        """Whether this stack has that table, by logical or physical name."""
        tables = self.topology.region(self.region).tables
        return table in tables or any(known.name == table for known in tables.values())

    def homes(self, table: str) -> Homes | None:
        """The home regions of a table's keys, by its logical or physical name."""
        tables = self.topology.region(self.region).tables
        known = tables.get(table) or next((found for found in tables.values() if found.name == table), None)
        return known.homes if known else None

    def homed(self) -> frozenset[str]:
        """Logical names of the tables whose keys have home regions."""
        tables = self.topology.region(self.region).tables
        return frozenset(logical for logical, table in tables.items() if table.homes is not None)

    def ledger_topology(self) -> Topology:
        """The topology for transactions over orders and inventory: they follow the inventory, not the order's home."""
        own = (self.orders_table,)
        regions = {
            name: replace(
                region,
                tables={
                    logical: replace(table, homes=None) if logical in own or table.name in own else table
                    for logical, table in region.tables.items()
                },
            )
            for name, region in self.topology.regions.items()
        }
        return replace(self.topology, regions=regions)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> ServiceSettings:
        """Read HOLDFAST_TOPOLOGY (a file), AWS_REGION and the options of the service.

        Raises:
            ConfigurationError: a variable is missing or unusable.
        """
        values = os.environ if environment is None else environment
        region = values.get("AWS_REGION") or DEFAULT_REGION
        path, parameter = values.get("HOLDFAST_TOPOLOGY"), values.get("HOLDFAST_TOPOLOGY_PARAMETER")
        if not path and not parameter:
            raise ConfigurationError(
                "HOLDFAST_TOPOLOGY is not set; set it to the path of the stack's topology.json "
                "(`holdfast up` writes one to .holdfast/<stack>/), or HOLDFAST_TOPOLOGY_PARAMETER to the name of the "
                "region's parameter"
            )
        try:
            topology = Topology.from_file(path) if path else read_parameter(str(parameter), region)
            topology.region(region)
        except TopologyError as error:
            raise ConfigurationError(f"HOLDFAST_TOPOLOGY or AWS_REGION: {error}") from None
        return cls(
            topology=topology,
            region=region,
            orders_table=values.get("DYNAMODB_ORDERS_TABLE") or cls.orders_table,
            inventory_table=values.get("DYNAMODB_INVENTORY_TABLE") or cls.inventory_table,
            require_tenant=_is_on(values, "HOLDFAST_REQUIRE_TENANT"),
            publish_metrics=_is_on(values, "HOLDFAST_PUBLISH_METRICS"),
            breaker_reset_seconds=_seconds(values, "HOLDFAST_BREAKER_RESET_SECONDS"),
        )


def read_parameter(name: str, region: str) -> Topology:
    """The topology in the parameter of a region, which asks no other region.

    Raises:
        TopologyError: the parameter cannot be read, or holds none.
    """
    import botocore.session  # noqa: PLC0415 - only where there is no file

    client: Any = botocore.session.get_session().create_client("ssm", region_name=region)
    try:
        text: str = client.get_parameter(Name=name)["Parameter"]["Value"]
    except Exception as error:
        raise TopologyError(f"parameter {name} of {region}: {error}") from error
    if text.startswith(PACKED):
        text = gzip.decompress(base64.b64decode(text.removeprefix(PACKED))).decode()
    return Topology.from_json(text, source=f"parameter {name} of {region}")


def _is_on(values: Mapping[str, str], name: str) -> bool:
    return values.get(name, "").lower() in ("1", "true", "yes")


def _seconds(values: Mapping[str, str], name: str) -> float | None:
    text = values.get(name)
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise ConfigurationError(f"{name} is {text!r}; write a number of seconds above 0, such as 2")
    return seconds
