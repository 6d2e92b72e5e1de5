"""Capacity of a table as the arguments of DynamoDB, and the units that autoscaling moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi_aws as aws

if TYPE_CHECKING:
    from settings.data import ScalingSettings, TableSettings


@dataclass(frozen=True, kw_only=True)
class ScalingPlan:
    """One number that autoscaling moves: read or write units of a table or of an index."""

    label: str
    resource_id: str
    dimension: str
    policy_name: str
    metric: str
    units: ScalingSettings


def billing_mode(table: TableSettings) -> str:
    """Billing mode of the table."""
    return "PAY_PER_REQUEST" if table.provisioned is None else "PROVISIONED"


def ceilings(table: TableSettings) -> aws.dynamodb.TableOnDemandThroughputArgs | None:
    """Ceilings of on-demand throughput, None where the quota is the ceiling."""
    if table.ceilings is None:
        return None
    return aws.dynamodb.TableOnDemandThroughputArgs(
        max_read_request_units=table.ceilings.read_units, max_write_request_units=table.ceilings.write_units
    )


def warm_throughput(table: TableSettings) -> aws.dynamodb.TableWarmThroughputArgs | None:
    """Throughput that is ready at once, None where that of a new table suffices."""
    if table.warm_throughput is None:
        return None
    return aws.dynamodb.TableWarmThroughputArgs(
        read_units_per_second=table.warm_throughput.read_units,
        write_units_per_second=table.warm_throughput.write_units,
    )


def moved_by_scaling(table: TableSettings) -> list[str]:
    """Properties of the table that autoscaling changes, which a deployment must not set back."""
    if table.provisioned is None:
        return []
    indexes = [
        f"globalSecondaryIndexes[{position}].{units}"
        for position in range(len(table.indexes))
        for units in ("readCapacity", "writeCapacity")
    ]
    return ["readCapacity", "writeCapacity", *indexes]


def scaling_plans(table: TableSettings) -> list[ScalingPlan]:
    """What autoscaling moves, the write units first: a replica needs them scaling before it is made."""
    if table.provisioned is None:
        return []
    kinds = (("Write", table.provisioned.write), ("Read", table.provisioned.read))
    return [_plan(table.name, index, kind, units) for kind, units in kinds for index in (None, *table.indexes)]


def _plan(table: str, index: str | None, kind: str, units: ScalingSettings) -> ScalingPlan:
    return ScalingPlan(
        label=f"{index}-{kind.lower()}" if index else kind.lower(),
        resource_id=f"table/{table}/index/{index}" if index else f"table/{table}",
        dimension=f"dynamodb:{'index' if index else 'table'}:{kind}CapacityUnits",
        policy_name=f"DynamoDB{kind}AutoScaling",
        metric=f"DynamoDB{kind}CapacityUtilization",
        units=units,
    )
