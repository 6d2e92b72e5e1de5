"""What a pricer knows beside its resource: the other resources, and the traffic."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from ops.cost.model import SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ops.cost.model import Traffic
    from ops.cost.resources import Resource
    from settings.usage import UsageSettings

TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"


class Surroundings:
    """All resources of an estimate under one assumption of traffic."""

    def __init__(self, *, resources: Sequence[Resource], traffic: Traffic) -> None:
        self.traffic = traffic
        self._by_type: dict[str, list[Resource]] = {}
        for resource in resources:
            self._by_type.setdefault(resource.type, []).append(resource)

    @property
    def usage(self) -> UsageSettings:
        """The assumed traffic."""
        return self.traffic.usage

    def of(self, kind: str, region: str | None = None) -> list[Resource]:
        """Resources of a type, of one region where it is named."""
        return [one for one in self._by_type.get(kind, []) if region in (None, one.region)]

    @cached_property
    def tables(self) -> Mapping[str, Resource]:
        """Table by physical name."""
        return {table.text("name"): table for table in self.of(TABLE)}

    def replicas(self, table: str) -> list[str]:
        """Regions of a table beside its own, inline replicas included."""
        separate = [one.region for one in self.of(REPLICA) if replica_of(one) == table]
        inline = self.tables[table].inputs.get("replicas") if table in self.tables else None
        named = [one.get("regionName") for one in inline or [] if isinstance(one, dict)]
        return [*separate, *(region for region in named if isinstance(region, str))]

    @cached_property
    def regions(self) -> list[str]:
        """Regions in which the stack serves: those with a load balancer, an API or tables; at least one."""
        kinds = ("aws:lb/loadBalancer:LoadBalancer", "aws:apigateway/restApi:RestApi", "aws:apigatewayv2/api:Api")
        found = {one.region for kind in (*kinds, TABLE, REPLICA) for one in self.of(kind)}
        return sorted(found) or ["us-east-1"]

    @property
    def requests(self) -> Decimal:
        """Requests of the service a month in one region."""
        return decimal(self.usage.requests_per_second) * SECONDS / len(self.regions)

    def item_calls(self, table: str) -> Decimal:
        """Reads and writes of a table a month, all regions together."""
        usage = self.traffic.table(table)
        return (decimal(usage.reads_per_second) + decimal(usage.writes_per_second)) * SECONDS

    def writes(self, table: str) -> Decimal:
        """Writes of a table a month, all regions together."""
        return decimal(self.traffic.table(table).writes_per_second) * SECONDS


def replica_of(replica: Resource) -> str:
    """Physical name of the table that a replica belongs to."""
    return replica.text("globalTableArn").rsplit("table/", 1)[-1]


def decimal(value: float) -> Decimal:
    """The figure as it was written."""
    return Decimal(str(value))
