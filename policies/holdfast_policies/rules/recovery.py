"""Recovery from deletion, corruption and loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast_policies.rule import Severity, Subject
from holdfast_policies.rules.encryption import REPLICA, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource
    from holdfast_policies.rule import Change, Settings

recovery = Subject("recovery", pack="recovery")


def _enable_pitr(_table: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("pointInTimeRecovery", "enabled"), True


@recovery.rule(
    "dynamodb-pitr",
    TABLE,
    severity=Severity.HIGH,
    title="A DynamoDB table can be restored to any second (point-in-time recovery)",
    why="Without it a bad write or delete is lost as soon as it happens; a backup only has what was there when it ran.",
    fix="set point_in_time_recovery={'enabled': True}",
    controls=("FSBP DynamoDB.2",),
    mend=_enable_pitr,
)
def pitr(table: Resource, _settings: Settings) -> Iterator[str]:
    """The table's own point-in-time recovery."""
    if not table.view("pointInTimeRecovery").flag("enabled"):
        yield "has no point-in-time recovery"


def _enable_replica_pitr(resource: Resource, _settings: Settings) -> Iterator[Change]:
    if resource.type == REPLICA:
        yield ("pointInTimeRecovery",), True
        return
    for index, replica in enumerate(resource.views("replicas")):
        if not replica.flag("pointInTimeRecovery"):
            yield ("replicas", str(index), "pointInTimeRecovery"), True


@recovery.rule(
    "dynamodb-replica-pitr",
    TABLE,
    REPLICA,
    severity=Severity.HIGH,
    title="Each replica has point-in-time recovery of its own",
    why="A replica does not inherit it: after a failover the table that serves could not be restored.",
    fix="set point_in_time_recovery=True on the replica",
    controls=("CKV_AWS_165",),
    mend=_enable_replica_pitr,
)
def replica_pitr(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Inline replicas of a table, and replicas of their own."""
    if resource.type == REPLICA:
        if not resource.flag("pointInTimeRecovery"):
            yield "has no point-in-time recovery in its region"
        return
    for replica in resource.views("replicas"):
        if not replica.flag("pointInTimeRecovery"):
            yield f"has a replica in {replica.text('regionName')} without point-in-time recovery"


def _protect_table(resource: Resource, _settings: Settings) -> Iterator[Change]:
    if not resource.flag("deletionProtectionEnabled"):
        yield ("deletionProtectionEnabled",), True
    if resource.type == TABLE:
        for index, replica in enumerate(resource.views("replicas")):
            if not replica.flag("deletionProtectionEnabled"):
                yield ("replicas", str(index), "deletionProtectionEnabled"), True


@recovery.rule(
    "dynamodb-deletion-protection",
    TABLE,
    REPLICA,
    severity=Severity.HIGH,
    title="A DynamoDB table and its replicas refuse to be deleted",
    why="One wrong call, or one wrong replacement, deletes a table in every region at once.",
    fix="set deletion_protection_enabled=True on the table and on each replica",
    controls=("FSBP DynamoDB.6",),
    mend=_protect_table,
)
def deletion_protection(resource: Resource, _settings: Settings) -> Iterator[str]:
    """The table, its inline replicas, and replicas of their own: none inherits it."""
    if not resource.flag("deletionProtectionEnabled"):
        yield "can be deleted: deletion protection is off"
    if resource.type == TABLE:
        for replica in resource.views("replicas"):
            if not replica.flag("deletionProtectionEnabled"):
                yield f"has a replica in {replica.text('regionName')} that can be deleted"
