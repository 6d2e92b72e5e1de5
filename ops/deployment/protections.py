"""What holds a resource against deletion, and how a sandbox lets go of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from sandbox.codec import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.cloud import Sandbox
    from sandbox.engine import Step

PULUMI = "protect: Pulumi refuses to delete it"
TABLE = "deletion protection of the DynamoDB table"
_TABLES = {"aws:dynamodb/table:Table": "name", "aws:dynamodb/tableReplica:TableReplica": "globalTableArn"}


@dataclass(frozen=True)
class Protection:
    """One protection of one resource."""

    name: str
    kind: str
    region: str = ""
    """Of a table: where it is."""
    table: str = ""
    """Of a table: its physical name."""


def of(steps: Iterable[Step]) -> list[Protection]:
    """The protections of the resources that the steps delete."""
    found = []
    for step in steps:
        if step.protect:
            found.append(Protection(step.name, PULUMI))
        values = plain({**(step.old_inputs or {}), **(step.old_outputs or {})})
        if step.type in _TABLES and values.get("deletionProtectionEnabled"):
            table = str(values[_TABLES[step.type]]).rsplit("/", 1)[-1]
            region = str(values.get("region") or str(values.get("arn", ":::")).split(":")[3])
            found.append(Protection(step.name, TABLE, region, table))
    return found


def lift(protections: Iterable[Protection], sandbox: Sandbox) -> None:
    """Switch deletion protection off in the sandbox's cloud. `protect` is the engine's, which lifts it itself."""
    for protection in protections:
        if protection.kind == TABLE and protection.region in sandbox.gateways:
            client = boto3.client(
                "dynamodb",
                region_name=protection.region,
                endpoint_url=sandbox.gateways[protection.region],
                aws_access_key_id="sandbox",
                aws_secret_access_key="sandbox",  # noqa: S106 (the sandbox knows no secret)
            )
            client.update_table(TableName=protection.table, DeletionProtectionEnabled=False)
