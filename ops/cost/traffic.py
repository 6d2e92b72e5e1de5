"""The traffic that a stack file assumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.cost.model import Traffic
from settings.usage import TableUsageSettings, UsageSettings

if TYPE_CHECKING:
    from settings import Settings


CONTROL_TABLE = TableUsageSettings(reads_per_second=20, writes_per_second=1, stored_gb=0, expired_percent=0)
"""Evacuation flags and probes: each client reads them every few seconds."""


def traffic_of(settings: Settings) -> Traffic:
    """`holdfast:cost.usage`, with the tables under their physical names; defaults where the stack says nothing."""
    usage = settings.cost.usage if settings.cost else UsageSettings()
    tables = settings.data.tables if settings.data else {}
    named = {tables[logical].name: table for logical, table in usage.tables.items() if logical in tables}
    named.setdefault(_control_table(settings), CONTROL_TABLE)
    return Traffic(usage=usage, tables=named, budget_usd=settings.cost.monthly_usd if settings.cost else None)


def _control_table(settings: Settings) -> str:
    wanted = settings.data.control_table.name if settings.data else None
    return wanted or f"{settings.stack.name_prefix}-control"
