"""What tables and indexes consumed, region by region, and how it is read from a file."""

from __future__ import annotations

import csv
import io
import itertools
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ops.errors import OpsError
from ops.exits import Exit
from ops.files import read_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COLUMNS = ("time", "region", "table", "index", "read_units", "write_units")
LEAST_POINTS = 2
_FORM = f"""write the line {",".join(COLUMNS)}
and beneath it lines such as 2026-11-01T00:00:00Z,us-east-1,orders-production,,120.5,30.0"""


@dataclass(frozen=True, order=True)
class Place:
    """A table or one of its indexes in one region."""

    table: str
    """Physical name."""
    index: str
    """Empty for the table itself."""
    region: str


@dataclass(frozen=True, kw_only=True)
class Load:
    """Consumed units a second, averaged over each interval, in order of time."""

    interval: float
    """Seconds from a point to the next."""
    start: datetime
    read: Sequence[float]
    write: Sequence[float]

    def way(self, name: str) -> Sequence[float]:
        """`read` or `write`."""
        return self.read if name == "read" else self.write

    def times(self, share: float) -> Load:
        """The same load, larger or smaller."""
        return Load(
            interval=self.interval,
            start=self.start,
            read=[units * share for units in self.read],
            write=[units * share for units in self.write],
        )


def average(units: Sequence[float]) -> float:
    """Mean; 0 of nothing."""
    return sum(units) / len(units) if units else 0.0


def peak(units: Sequence[float]) -> float:
    """Largest; 0 of nothing."""
    return max(units, default=0.0)


def read_csv(path: Path) -> dict[Place, Load]:
    """Loads from a file with the columns of `COLUMNS`; units are consumed units a second over the interval.

    Every place must have the same times. A gap is an error: it would be read as rest.

    Raises:
        OpsError: naming the line that is wrong.
    """
    points: dict[Place, list[tuple[datetime, float, float]]] = defaultdict(list)
    rows = csv.DictReader(io.StringIO(read_text(path, fix=_FORM), newline=""))
    try:
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise _wrong(path, 1, f"no column {', '.join(missing)}")
        for number, row in enumerate(rows, 2):
            points[Place(row["table"], row["index"] or "", row["region"])].append(_point(path, number, row))
    except csv.Error as error:
        raise _wrong(path, rows.line_num, str(error)) from None
    if not points:
        raise _wrong(path, 1, "no line of load")
    return {place: _load(path, place, found) for place, found in sorted(points.items())}


def _point(path: Path, number: int, row: dict[str, str]) -> tuple[datetime, float, float]:
    try:
        moment = datetime.fromisoformat(row["time"])
        read, write = float(row["read_units"] or 0), float(row["write_units"] or 0)
    except (TypeError, ValueError):
        raise _wrong(path, number, "the time is not ISO 8601, or the units are no numbers") from None
    if read < 0 or write < 0:
        raise _wrong(path, number, "units are below 0")
    return moment, read, write


def _load(path: Path, place: Place, points: list[tuple[datetime, float, float]]) -> Load:
    points.sort(key=lambda point: point[0])
    steps = {(after[0] - before[0]).total_seconds() for before, after in itertools.pairwise(points)}
    name = f"{place.table}{f'/{place.index}' if place.index else ''} in {place.region}"
    if len(points) < LEAST_POINTS or len(steps) != 1 or min(steps) <= 0:
        raise _wrong(path, 1, f"{name}: the times do not follow each other at one interval")
    return Load(
        interval=steps.pop(),
        start=points[0][0],
        read=[point[1] for point in points],
        write=[point[2] for point in points],
    )


def _wrong(path: Path, line: int, what: str) -> OpsError:
    return OpsError(f"{path}, line {line}: {what}", fix=_FORM, code=Exit.USAGE)
