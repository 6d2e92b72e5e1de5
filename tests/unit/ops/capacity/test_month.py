from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ops.capacity.load import Load, Place
from ops.capacity.month import Month
from ops.errors import OpsError
from ops.exits import Exit

PLACE = Place("orders", "", "us-east-1")


def daily(start, days):
    """A point a day, whose units are its number."""
    units = [float(number) for number in range(days)]
    return {PLACE: Load(interval=86_400, start=start, read=units, write=units)}


def test_only_the_days_of_the_month_are_left():
    found = Month.read("2026-10").cut(daily(datetime(2026, 9, 20, tzinfo=UTC), 60))[PLACE]
    assert found.start == datetime(2026, 10, 1, tzinfo=UTC)
    assert list(found.read) == [float(number) for number in range(11, 42)]
    assert found.write == found.read


def test_a_history_without_a_zone_is_utc_and_may_begin_late():
    found = Month.read("2026-12").cut(daily(datetime(2026, 12, 30), 5))[PLACE]  # noqa: DTZ001 (as a file may say it)
    assert (found.start, list(found.read)) == (datetime(2026, 12, 30, tzinfo=UTC), [0.0, 1.0])


@pytest.mark.parametrize(
    ("month", "now", "days", "until"),
    [
        ("2026-10", (2026, 11, 21), 31, (2026, 11, 1)),
        ("2026-11", (2026, 11, 21), 20, (2026, 11, 21)),
        ("2026-12", (2027, 1, 2), 31, (2027, 1, 1)),
    ],
)
def test_what_cloudwatch_is_asked_for(month, now, days, until):
    asked = Month.read(month).window(datetime(*now, tzinfo=UTC))
    assert asked == (days, datetime(*until, tzinfo=UTC))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Month.read("October"), "'October' is no month"),
        (lambda: Month.read("2026-13"), "'2026-13' is no month"),
        (lambda: Month.read("2026-12").window(datetime(2026, 11, 21, tzinfo=UTC)), "2026-12 has not begun"),
        (lambda: Month.read("2026-08").window(datetime(2026, 11, 21, tzinfo=UTC)), "no longer has the figures"),
        (lambda: Month.read("2025-01").cut(daily(datetime(2026, 9, 20, tzinfo=UTC), 60)), "nothing of 2025-01"),
    ],
)
def test_a_month_that_cannot_be_reported_is_told(act, said):
    with pytest.raises(OpsError, match=said) as told:
        act()
    assert told.value.code == Exit.USAGE
    assert told.value.fix
