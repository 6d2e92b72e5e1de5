"""What the data layer gives to the layers after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi
    import pulumi_aws as aws

    from holdfast import topology


@dataclass(frozen=True, kw_only=True)
class HomeTableOutputs:
    """The home tables, by logical name; what stands on a table waits for it."""

    tables: Mapping[str, aws.dynamodb.Table]
    control: aws.dynamodb.Table
    before_replicas: Mapping[str, Sequence[pulumi.Resource]]
    """What must stand before a table is replicated, by logical name: autoscaling of its writes."""


@dataclass(frozen=True, kw_only=True)
class DataOutputs:
    """The tables of one region."""

    tables: Mapping[str, topology.Table]
    control_table: str
