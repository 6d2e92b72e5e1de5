"""A calendar month of load, in UTC: what the monthly report is about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from ops.capacity.load import LEAST_POINTS, Load
from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.capacity.load import Place

KEPT_DAYS = 63
"""How long CloudWatch keeps figures of five minutes (CloudWatch user guide, metrics retention)."""
DECEMBER = 12


@dataclass(frozen=True, kw_only=True)
class Month:
    """From its first moment until that of the next one."""

    start: datetime
    end: datetime

    @classmethod
    def read(cls, text: str) -> Self:
        """The month of a text.

        Raises:
            OpsError: it is no month.
        """
        try:
            start = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
        except ValueError:
            raise OpsError(f"{text!r} is no month", fix="write year and month: 2026-10", code=Exit.USAGE) from None
        following = (start.year + 1, 1) if start.month == DECEMBER else (start.year, start.month + 1)
        return cls(start=start, end=datetime(*following, 1, tzinfo=UTC))

    @property
    def name(self) -> str:
        """Year and month."""
        return f"{self.start:%Y-%m}"

    def window(self, now: datetime) -> tuple[int, datetime]:
        """Days to ask CloudWatch for, and until when: the month, or what of it is over.

        Raises:
            OpsError: it has not begun, or CloudWatch no longer has its first day.
        """
        if now <= self.start:
            raise OpsError(f"{self.name} has not begun", fix="name a month that has", code=Exit.USAGE)
        if now - self.start > timedelta(days=KEPT_DAYS):
            raise OpsError(
                f"CloudWatch no longer has the figures of {self.name}",
                why=f"it keeps those of five minutes for {KEPT_DAYS} days",
                fix="name a later month, or give the history as a file: --csv",
                code=Exit.USAGE,
            )
        until = min(now, self.end)
        return math.ceil((until - self.start) / timedelta(days=1)), until

    def cut(self, loads: Mapping[Place, Load]) -> dict[Place, Load]:
        """What of the loads is of this month.

        Raises:
            OpsError: nothing is.
        """
        found = {place: part for place, load in loads.items() if (part := self._part(load)) is not None}
        if not found:
            raise OpsError(f"the history has nothing of {self.name}", fix="name a month of it", code=Exit.USAGE)
        return found

    def _part(self, load: Load) -> Load | None:
        start = load.start if load.start.tzinfo else load.start.replace(tzinfo=UTC)
        first = max(0, math.ceil((self.start - start).total_seconds() / load.interval))
        last = min(len(load.read), math.ceil((self.end - start).total_seconds() / load.interval))
        if last - first < LEAST_POINTS:
            return None
        return Load(
            interval=load.interval,
            start=start + timedelta(seconds=first * load.interval),
            read=load.read[first:last],
            write=load.write[first:last],
        )
