"""`holdfast:data.backup`: what is kept of the tables, where, and how long."""

from __future__ import annotations

from pydantic import Field

from settings._base import Days, Frozen, RegionName


class RuleSettings(Frozen):
    """One rule of the backup plan."""

    schedule: str = Field(pattern=r"^cron\(.+\)$")
    """When, as a cron expression in UTC."""
    delete_after_days: Days
    """How long a recovery point is kept."""
    cold_after_days: Days | None = None
    """When it moves to cold storage, at least 90 days before its end; None keeps it warm."""
    copy_delete_after_days: Days | None = None
    """How long its copy in the other region is kept; None copies nothing."""


class LockSettings(Frozen):
    """Vault lock: nobody shortens what is kept. Governance mode: an administrator with the right can lift it."""

    min_retention_days: Days = 7
    """Shortest retention that the vault accepts."""
    max_retention_days: Days = 400
    """Longest retention that the vault accepts."""


class RestoreTestSettings(Frozen):
    """Recovery points are restored on a schedule, so that one is known to work."""

    schedule: str = Field("cron(0 6 ? * MON *)", pattern=r"^cron\(.+\)$")
    """When (AWS Backup restore testing; weekly, after the weekly backup)."""
    window_days: int = Field(7, ge=1, le=365)
    """How old the recovery points may be that are chosen from."""


class ExportSettings(Frozen):
    """Exports of whole tables to S3, by a schedule and without code."""

    schedule: str = Field("cron(0 3 ? * SUN *)", pattern=r"^cron\(.+\)$")
    """When (reference architecture: weekly)."""
    archive_after_days: Days = 30
    """When exports move to Glacier Instant Retrieval."""
    delete_after_days: Days = 365
    """How long exports are kept."""


class BackupSettings(Frozen):
    """AWS Backup of every table in the home region, with copies in another one."""

    plan_name: str = "dynamodb-production-backup"
    """Name of the plan (reference orders setup)."""
    vault_name: str = "dynamodb-backup-vault"
    """Name of the vault in the home region (reference orders setup)."""
    copy_vault_name: str = "dynamodb-backup-vault-dr"
    """Name of the vault in the other region (reference orders setup)."""
    role_name: str = "aws-backup-dynamodb-role"
    """Name of the role that takes and restores backups (reference orders setup)."""
    copy_region: RegionName
    """Region of the copies: any region but home, also one in which the stack does not run."""
    daily: RuleSettings = RuleSettings(schedule="cron(0 5 * * ? *)", delete_after_days=35, copy_delete_after_days=90)
    """Daily rule (reference orders setup: 35 days, copy 90 days)."""
    weekly: RuleSettings = RuleSettings(schedule="cron(0 5 ? * SUN *)", delete_after_days=90)
    """Weekly rule (reference orders setup: 90 days)."""
    monthly: RuleSettings = RuleSettings(schedule="cron(0 5 1 * ? *)", delete_after_days=365, cold_after_days=30)
    """Monthly rule (reference orders setup: cold after 30 days, 365 days)."""
    lock: LockSettings = LockSettings()
    """Lock of both vaults."""
    restore_test: RestoreTestSettings | None = RestoreTestSettings()
    """Restore testing; null turns it off."""
    export: ExportSettings | None = ExportSettings()
    """Exports to S3; null turns them off."""
    own_region_opt_in: bool = False
    """Whether this stack switches DynamoDB on in AWS Backup for the whole account and region."""
