"""Recovery from deletion, corruption and loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsfacts.iam.glob import matches
from holdfast_policies import kinds
from holdfast_policies.graph import tags_of
from holdfast_policies.rule import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Change, Settings

recovery = Subject("recovery", pack="recovery")


def days(default: int, what: str) -> dict[str, object]:
    """The schema of a setting in days."""
    return {"type": "integer", "minimum": 0, "default": default, "description": what}


def _enable_pitr(_table: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("pointInTimeRecovery", "enabled"), True


@recovery.rule(
    "dynamodb-pitr",
    kinds.TABLE,
    severity=Severity.HIGH,
    title="A DynamoDB table can be restored to any second (point-in-time recovery)",
    why="Without it a bad write or delete is final; a backup only has what was there when it ran.",
    fix="set point_in_time_recovery={'enabled': True}",
    controls=("Security Hub DynamoDB.2",),
    mend=_enable_pitr,
)
def pitr(table: Resource, _settings: Settings) -> Iterator[str]:
    """The table's own point-in-time recovery."""
    if not table.view("pointInTimeRecovery").flag("enabled"):
        yield "has no point-in-time recovery"


def _enable_replica_pitr(resource: Resource, _settings: Settings) -> Iterator[Change]:
    if resource.type == kinds.REPLICA:
        yield ("pointInTimeRecovery",), True
        return
    for index, replica in enumerate(resource.views("replicas")):
        if not replica.flag("pointInTimeRecovery"):
            yield ("replicas", str(index), "pointInTimeRecovery"), True


@recovery.rule(
    "dynamodb-replica-pitr",
    kinds.TABLE,
    kinds.REPLICA,
    severity=Severity.HIGH,
    title="Each replica has point-in-time recovery of its own",
    why="A replica does not inherit it: after a failover the table that serves could not be restored.",
    fix="set point_in_time_recovery=True on the replica",
    controls=("CKV_AWS_165",),
    mend=_enable_replica_pitr,
)
def replica_pitr(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Inline replicas of a table, and replicas of their own."""
    if resource.type == kinds.REPLICA:
        if not resource.flag("pointInTimeRecovery"):
            yield "has no point-in-time recovery in its region"
        return
    for replica in resource.views("replicas"):
        if not replica.flag("pointInTimeRecovery"):
            yield f"has a replica in {replica.text('regionName')} without point-in-time recovery"


@recovery.rule(
    "dynamodb-pitr-window-minimum",
    kinds.TABLE,
    title="The recovery window of a table is long enough",
    why="A bad write that is noticed after the window has closed is final.",
    fix="leave recovery_period_in_days out, which gives 35 days, or raise it",
    settings={"minimum_days": days(35, "Shortest recovery window in days; AWS gives 35 unless asked for less.")},
)
def pitr_window(table: Resource, settings: Settings) -> Iterator[str]:
    """Only where recovery is on: elsewhere another rule speaks."""
    point = table.view("pointInTimeRecovery")
    window = point.number("recoveryPeriodInDays")
    if point.flag("enabled") and window is not None and window < settings["minimum_days"]:
        yield f"can be restored to the last {window:g} days only, and {settings['minimum_days']} are wanted"


def _protect_table(resource: Resource, _settings: Settings) -> Iterator[Change]:
    if not resource.flag("deletionProtectionEnabled"):
        yield ("deletionProtectionEnabled",), True
    if resource.type == kinds.TABLE:
        for index, replica in enumerate(resource.views("replicas")):
            if not replica.flag("deletionProtectionEnabled"):
                yield ("replicas", str(index), "deletionProtectionEnabled"), True


@recovery.rule(
    "dynamodb-deletion-protection",
    kinds.TABLE,
    kinds.REPLICA,
    severity=Severity.HIGH,
    title="A DynamoDB table and its replicas refuse to be deleted",
    why="One wrong call, or one wrong replacement, deletes a table with all its items.",
    fix="set deletion_protection_enabled=True on the table and on each replica",
    controls=("Security Hub DynamoDB.6",),
    mend=_protect_table,
)
def deletion_protection(resource: Resource, _settings: Settings) -> Iterator[str]:
    """The table, its inline replicas, and replicas of their own: none inherits it."""
    if not resource.flag("deletionProtectionEnabled"):
        yield "can be deleted: deletion protection is off"
    if resource.type == kinds.TABLE:
        for replica in resource.views("replicas"):
            if not replica.flag("deletionProtectionEnabled"):
                yield f"has a replica in {replica.text('regionName')} that can be deleted"


@recovery.rule(
    "dynamodb-pulumi-protect",
    kinds.TABLE,
    severity=Severity.LOW,
    title="Pulumi refuses to delete a table",
    why="A table taken out of the program, or a destroy of the wrong stack, stops before AWS is asked.",
    fix="pass ResourceOptions(protect=True)",
)
def pulumi_protect(table: Resource, _settings: Settings) -> Iterator[str]:
    """The resource option `protect`."""
    if not table.options.protect:
        yield "is not protected in Pulumi"


@recovery.rule(
    "dynamodb-no-delete-before-replace",
    kinds.TABLE,
    kinds.REPLICA,
    severity=Severity.HIGH,
    title="A table is never deleted before its replacement exists",
    why="With delete_before_replace a change that forces a replacement deletes the items first.",
    fix="drop delete_before_replace=True; move the items to a table of another name instead",
)
def no_delete_before_replace(table: Resource, _settings: Settings) -> Iterator[str]:
    """The resource option `delete_before_replace`."""
    if table.options.delete_before_replace:
        yield "is deleted before it is replaced"


@recovery.stack_rule(
    "dynamodb-in-backup-plan",
    kinds.TABLE,
    kinds.BACKUP_SELECTION,
    title="Each table is covered by a backup plan",
    why="Point-in-time recovery goes with the account and the region; a backup in a vault does not.",
    fix="add an aws.backup.Selection whose resources or selection_tags cover the table",
    controls=("Security Hub DynamoDB.4",),
)
def in_backup_plan(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """By ARN or pattern, or by the table's tags."""
    selections = list(stack.of(kinds.BACKUP_SELECTION))
    for table in stack.of(kinds.TABLE):
        if not any(_selects(stack, selection, table) for selection in selections):
            yield table, "is in no backup plan"


def _selects(stack: Stack, selection: Resource, table: Resource) -> bool:
    if selection.has("resources") and stack.refers(selection, "resources", table):
        return True
    arn = table.data.get("arn")
    ending = f"table/{table.text('name') or table.name}"
    for pattern in selection.texts("resources"):
        if pattern == "*" or (isinstance(arn, str) and matches(pattern, arn)):
            return True
        if ":dynamodb:" in pattern and matches(pattern.split(":", 5)[-1], ending):
            return True
    tags = tags_of(table)
    return any(tag.text("value") == tags.text(tag.text("key")) != "" for tag in selection.views("selectionTags"))


@recovery.rule(
    "backup-cross-region-copy",
    kinds.BACKUP_PLAN,
    title="A backup plan copies recovery points to another region",
    why="A backup in the region that is lost is lost with it.",
    fix="give at least one rule copy_actions=[{'destination_vault_arn': <ARN of a vault in another region>}]",
)
def cross_region_copy(plan: Resource, _settings: Settings) -> Iterator[str]:
    """At least one rule copies to a vault of another region."""
    vaults = [copy.text("destinationVaultArn") for rule in plan.views("rules") for copy in rule.views("copyActions")]
    regions = {vault.split(":")[3] for vault in vaults if vault.count(":") > 5}
    if not regions - {plan.region}:
        yield "keeps every recovery point in its own region"


@recovery.rule(
    "backup-retention-minimum",
    kinds.BACKUP_PLAN,
    title="Backups are kept long enough",
    why="What is noticed after the last good backup has expired cannot be restored.",
    fix="raise lifecycle={'delete_after': …} of the rule",
    settings={"minimum_days": days(35, "Shortest retention of a backup rule in days.")},
)
def backup_retention(plan: Resource, settings: Settings) -> Iterator[str]:
    """A rule without a lifecycle keeps backups for ever."""
    for rule in plan.views("rules"):
        kept = rule.view("lifecycle").number("deleteAfter")
        if kept is not None and kept < settings["minimum_days"]:
            yield (
                f"deletes backups of rule {rule.text('ruleName')!r} after {kept:g} days, "
                f"and {settings['minimum_days']} are wanted"
            )


@recovery.stack_rule(
    "backup-vault-lock",
    kinds.BACKUP_VAULT,
    kinds.BACKUP_LOCK,
    title="A backup vault is locked",
    why="Whoever takes over an administrator's role deletes the backups first; a lock does not let them.",
    fix="add an aws.backup.VaultLockConfiguration for the vault with min_retention_days",
)
def vault_lock(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Each vault is named by a lock."""
    for vault in stack.of(kinds.BACKUP_VAULT):
        if not any(stack.referring(vault, "backupVaultName", kinds.BACKUP_LOCK)):
            yield vault, "has no lock: its backups can be deleted"


@recovery.stack_rule(
    "backup-restore-testing-plan",
    kinds.BACKUP_PLAN,
    kinds.BACKUP_TESTING,
    severity=Severity.LOW,
    title="Backups are restored on a schedule to see that they work",
    why="A backup that was never restored is a hope.",
    fix="add an aws.backup.RestoreTestingPlan",
)
def restore_testing(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Only a stack that makes backups is asked."""
    if not any(stack.of(kinds.BACKUP_TESTING)):
        for plan in stack.of(kinds.BACKUP_PLAN):
            yield plan, "makes backups that no restore testing plan tries"


def _longest_window(_key: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("deletionWindowInDays",), 30


@recovery.rule(
    "kms-deletion-window-minimum",
    kinds.KEY,
    kinds.REPLICA_KEY,
    severity=Severity.HIGH,
    title="A deleted key can be brought back for long enough",
    why="With the key goes everything that it encrypted; the waiting period is the only way back.",
    fix="leave deletion_window_in_days out, which gives 30 days, or raise it",
    settings={"minimum_days": days(14, "Shortest waiting period in days before a key is destroyed (7 to 30).")},
    mend=_longest_window,
)
def deletion_window(key: Resource, settings: Settings) -> Iterator[str]:
    """30 days unless the program asks for less."""
    window = key.number("deletionWindowInDays")
    if window is not None and window < settings["minimum_days"]:
        yield f"is destroyed {window:g} days after its deletion, and {settings['minimum_days']} are wanted"


@recovery.rule(
    "elasticache-backup",
    kinds.CACHE_GROUP,
    kinds.CACHE_CLUSTER,
    title="An ElastiCache group is backed up every day",
    why="Leaderboards and sessions that live only in the cache are gone with its nodes.",
    fix="set snapshot_retention_limit to the days to keep",
    controls=("Security Hub ElastiCache.1",),
    settings={"minimum_days": days(1, "Shortest retention of daily snapshots in days.")},
)
def cache_backup(cache: Resource, settings: Settings) -> Iterator[str]:
    """Memcached has no snapshots, and a node of a group is the group's business."""
    if cache.type == kinds.CACHE_CLUSTER and (cache.has("replicationGroupId") or cache.text("engine") == "memcached"):
        return
    if (cache.number("snapshotRetentionLimit") or 0) < settings["minimum_days"]:
        yield "is never backed up" if not cache.number("snapshotRetentionLimit") else "keeps its snapshots too short"


@recovery.stack_rule(
    "s3-versioning",
    *kinds.BUCKETS,
    *kinds.BUCKET_VERSIONING,
    title="A bucket keeps earlier versions of its objects",
    why="An object that is overwritten or deleted by mistake or malice is otherwise gone.",
    fix="add an aws.s3.BucketVersioning with versioning_configuration={'status': 'Enabled'}",
    controls=("Security Hub S3.14",),
)
def bucket_versioning(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """A configuration of its own, or the bucket's inline one."""
    for bucket in stack.of(*kinds.BUCKETS):
        if bucket.view("versioning").flag("enabled"):
            continue
        configurations = [
            config.view("versioningConfiguration").text("status")
            for config in stack.referring(bucket, "bucket", *kinds.BUCKET_VERSIONING)
        ]
        if "Enabled" not in configurations:
            yield bucket, "keeps no earlier versions"
