"""`holdfast:security`: keys, identities, records of who did what, and secrets."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from settings._base import Frozen


class KeySettings(Frozen):
    """The multi-region key of one purpose, with a replica in every region."""

    alias: str | None = Field(None, pattern=r"^[A-Za-z0-9/_-]+$")
    """Name after `alias/`, the same in every region; None is the name prefix and the purpose."""
    deletion_window_days: int = Field(30, ge=7, le=30)
    """Days between scheduling a deletion and the deletion (KMS: 7 to 30; the longest is the default)."""
    rotation_days: int = Field(365, ge=90, le=2560)
    """Days between automatic rotations (KMS: 90 to 2560, 365 by default)."""


class KeysSettings(Frozen):
    """One key per purpose, so that reading a log never takes the right to read data."""

    data: KeySettings = KeySettings(alias="app-key")
    """Tables, caches and secrets (reference architecture: `app-key`)."""
    fields: KeySettings = KeySettings()
    """Sensitive fields, which the client encrypts before they are stored."""
    logs: KeySettings = KeySettings()
    """Log groups, flow logs and trails."""
    backup: KeySettings = KeySettings()
    """Backup vaults."""
    evidence: KeySettings = KeySettings()
    """Signatures on the evidence of drills; an asymmetric key, which is never rotated. Made where there are drills."""


class ItemAccessSettings(Frozen):
    """A role whose sessions reach the items of one partition key only, named by a session tag."""

    table: str
    """Logical name of the table."""
    session_tag: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    """Session tag that carries the partition key, for example `customer_id`."""
    attributes: tuple[str, ...] = Field(min_length=1)
    """Attributes that a session may read and write; keys among them."""
    write: bool = False
    """Whether a session may write."""


class AuditSettings(Frozen):
    """What is recorded of who did what."""

    retention_days: int = Field(90, ge=90)
    """How long trails, change records and their log groups are kept (reference architecture: 90 days)."""
    trail: bool = True
    """A CloudTrail trail of all regions, with every item access to the stack's tables."""
    changes: bool = True
    """Every change of an item, through Kinesis and Firehose into a locked bucket."""
    account_wide: bool = False
    """GuardDuty, AWS Config and Access Analyzer in every region: one owner per account, which may be another stack."""


class SecretSettings(Frozen):
    """A random secret, replicated to every region and rotated."""

    description: str
    """What it is for."""
    rotation_days: int = Field(30, ge=1, le=1000)
    """Days between rotations (Secrets Manager: 1 to 1000)."""
    length: int = Field(64, ge=32, le=4096)
    """Characters of the secret."""


class SecuritySettings(Frozen):
    """Keys, identities, records and secrets."""

    keys: KeysSettings = KeysSettings()
    """Customer-managed keys by purpose."""
    item_access: Mapping[str, ItemAccessSettings] = Field(default_factory=dict)
    """Roles with item-level access, by name."""
    audit: AuditSettings | None = None
    """Trails and change records; absent, there are none."""
    secrets: Mapping[str, SecretSettings] = Field(default_factory=dict)
    """Secrets by name, below the name prefix."""
