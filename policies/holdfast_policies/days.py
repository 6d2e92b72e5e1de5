"""The day on which a rule judges, for rules that ask whether something is still supported."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": r"^(\d{4}-\d{2}-\d{2})?$",
    "default": "",
    "description": "The day to judge by, e.g. 2027-06-30, to see ahead; by default today.",
}
"""The setting of such a rule."""


def day_of(settings: Mapping[str, Any]) -> dt.date:
    """The day of the setting `day`; today (UTC) where it is empty."""
    given = settings["day"]
    return dt.date.fromisoformat(given) if given else dt.datetime.now(tz=dt.UTC).date()
