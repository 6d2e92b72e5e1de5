"""`holdfast:network`: the VPC of each region."""

from __future__ import annotations

from settings._base import Days, Frozen


class NetworkSettings(Frozen):
    """Three tiers in three zones, closed by default."""

    flow_logs_retention_days: Days = 90
    """How long flow logs are kept (reference architecture: audit retention of 90 days)."""
