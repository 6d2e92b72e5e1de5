from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.capacity.load import Load, Place
from ops.capacity.month import Month
from ops.commands.capacity import app
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


ROOT = Path(__file__).parents[4]


@pytest.fixture
def history(tmp_path, monkeypatch):
    """Three months of a table in one region: 100 reads a second in September, 10 in October, 1,000 in November."""
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    lines = ["time,region,table,index,read_units,write_units"]
    moment = datetime(2026, 9, 28, tzinfo=UTC)
    while moment < datetime(2026, 11, 4, tzinfo=UTC):
        reads = {9: 100, 10: 10, 11: 1000}[moment.month]
        lines.append(f"{moment.isoformat()},us-east-1,Production,,{reads},5")
        moment += timedelta(hours=1)
    path = tmp_path / "load.csv"
    path.write_text("\n".join(lines))
    return path


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_monthly_report_of_a_file_is_of_that_month_alone_and_is_kept(history):
    done = run("--csv", history, "--month", "2026-10", "--stack", "prod", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["month"] == "2026-10"
    (table,) = told["tables"]
    assert (table["table"], table["now"]) == ("Production", "on-demand")
    page = history.parent / ".holdfast" / "prod" / "evidence" / "capacity-2026-10.html"
    text = page.read_text()
    assert "2026-10" in text
    assert 'points="' in text
    september = json.loads(run("--csv", history, "--month", "2026-09", "--stack", "prod", "--json").stdout)
    november = json.loads(run("--csv", history, "--month", "2026-11", "--stack", "prod", "--json").stdout)
    likely = [one["tables"][0]["usd"]["on-demand"]["likely"] for one in (told, september, november)]
    assert likely == sorted(likely)
    assert len(list(page.parent.glob("capacity-*.html"))) == 3


def test_the_months_load_is_said_in_plain_lines(history):
    done = run("--csv", history, "--month", "2026-10", "--stack", "prod", "--plain", "--page", "mine.html")
    (line,) = [line for line in done.stdout.splitlines() if line.split()[:2] == ["Production", "us-east-1"]][:1]
    assert line.split()[2:] == ["10.00", "10.00", "5.00", "5.00"]
    assert (history.parent / "mine.html").exists()
    assert not (history.parent / ".holdfast").exists()


@pytest.mark.parametrize("month", ["October", "2025-01"])
def test_a_month_that_the_file_does_not_hold_is_refused(history, month):
    done = run("--csv", history, "--month", month, "--stack", "prod")
    assert done.exception.code == Exit.USAGE
