"""`holdfast:security`: keys and identities."""

from __future__ import annotations

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


class SecuritySettings(Frozen):
    """Keys and identities of every region."""

    keys: KeysSettings = KeysSettings()
    """Customer-managed keys by purpose."""
