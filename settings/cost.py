"""`holdfast:cost`: budget, anomalies and cost allocation."""

from __future__ import annotations

from pydantic import Field

from settings._base import Frozen
from settings.usage import UsageSettings


class CostSettings(Frozen):
    """What the stack may cost, and who hears when it costs more."""

    monthly_usd: int = Field(10_000, ge=1)
    """Budget of a month in US dollars (reference architecture: 10,000)."""
    alert_percents: tuple[int, ...] = Field((80, 90, 100), min_length=1, max_length=5)
    """Shares of the budget that are told, actual and forecast (reference architecture: 80, 90, 100)."""
    anomaly_usd: int = Field(100, ge=1)
    """Impact from which an anomaly is told, in US dollars."""
    own_account_settings: bool = False
    """Whether this stack owns the account's anomaly monitor and cost allocation tags."""
    usage: UsageSettings = UsageSettings()
    """Traffic that `holdfast cost` assumes where it has not been measured."""
