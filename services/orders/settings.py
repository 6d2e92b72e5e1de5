"""What a process of the orders service reads from its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast import Topology, TopologyError

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    breaker_reset_seconds: float | None = None
    """Overrides how long an open breaker waits; the proof sets 2 s. None keeps the client's default."""

    def has(self, table: str) -> bool:
        """Whether this stack has that table, by logical or physical name."""
        tables = self.topology.region(self.region).tables
        return table in tables or any(known.name == table for known in tables.values())

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> ServiceSettings:
        """Read HOLDFAST_TOPOLOGY (a file), AWS_REGION and the options of the service.

        Raises:
            ConfigurationError: a variable is missing or unusable.
        """
        values = os.environ if environment is None else environment
        path = values.get("HOLDFAST_TOPOLOGY")
        if not path:
            raise ConfigurationError(
                "HOLDFAST_TOPOLOGY is not set; set it to the path of the stack's topology.json "
                "(`holdfast up` writes one to .holdfast/<stack>/)"
            )
        region = values.get("AWS_REGION") or DEFAULT_REGION
        try:
            topology = Topology.from_file(path)
            topology.region(region)
        except TopologyError as error:
            raise ConfigurationError(f"HOLDFAST_TOPOLOGY or AWS_REGION: {error}") from None
        return cls(
            topology=topology,
            region=region,
            orders_table=values.get("DYNAMODB_ORDERS_TABLE") or cls.orders_table,
            inventory_table=values.get("DYNAMODB_INVENTORY_TABLE") or cls.inventory_table,
            breaker_reset_seconds=_seconds(values, "HOLDFAST_BREAKER_RESET_SECONDS"),
        )


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
