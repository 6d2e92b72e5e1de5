"""Lines: how something went over time, as inline SVG with its table beneath."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.html.figure import figure
from ops.html.markup import Html, tag
from ops.html.page import table
from ops.html.style import SERIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 36, 40
STEPS = 240
"""Most points of a line: what a screen has no room for is thinned, each step to its largest value."""
ROWS = 24
"""Most rows of the table; beyond, each row is a step with its largest value, and the caption says so."""
DASHES = (None, "7 3", "2 3", "9 3 2 3", "4 4", "1 4")


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line: points (x, y) in ascending order of x."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class _Scale:
    """Where a point stands in the drawing."""

    low: float
    high: float
    top: float

    def right(self, at: float) -> float:
        return LEFT + (at - self.low) * (WIDTH - LEFT - RIGHT) / ((self.high - self.low) or 1.0)

    def level(self, value: float) -> float:
        return HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM) / self.top


def lines(
    title: str,
    series: Sequence[Series],
    *,
    x: str,
    y: str,
    limit: float | None = None,
    marks: Mapping[str, float] | None = None,
) -> Html:
    """A line for each series.

    Args:
        title: says what is shown.
        series: the lines; a chart without a point says that nothing was measured.
        x: what runs to the right, with its unit.
        y: what runs upwards, with its unit; from 0.
        limit: a y that should not be passed, drawn across.
        marks: moments by name, drawn upwards.
    """
    points = [point for one in series for point in one.points]
    if not points:
        empty = tag("text", "nothing was measured", x=WIDTH // 2, y=40, class_="mid")
        return figure(title, [empty], WIDTH, 80, table(f"{title}: the figures", [x, y], []))
    low, high = min(at for at, _ in points), max(at for at, _ in points)
    most = max([value for _, value in points] + ([limit] if limit else [])) or 1.0
    step = _round_step(most)
    scale = _Scale(low, high, math.ceil(most / step) * step)
    drawn = _axes(scale, step, x=x, y=y)
    for name, at in (marks or {}).items():
        if low <= at <= high:
            drawn.append(tag("line", x1=scale.right(at), x2=scale.right(at), y1=TOP, y2=HEIGHT - BOTTOM, class_="axis"))
            drawn.append(tag("text", name, x=scale.right(at) + 3, y=TOP + 12, class_="soft"))
    if limit is not None:
        across = scale.level(limit)
        drawn.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=across, y2=across, class_="limit"))
    for index, one in enumerate(series):
        drawn += _line(index, one, scale)
    rows, thinned = _rows(series, low, high)
    caption = f"{title}: {'the largest value of each step' if thinned else 'the figures'} ({y})"
    return figure(title, drawn, WIDTH, HEIGHT, table(caption, [x, *(one.name for one in series)], rows))


def _axes(scale: _Scale, step: float, *, x: str, y: str) -> list[Html]:
    drawn = [tag("text", y, x=WIDTH - RIGHT, y=14, class_="end soft")]
    for count in range(round(scale.top / step) + 1):
        level = scale.level(count * step)
        drawn.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=level, y2=level, class_="axis"))
        drawn.append(tag("text", f"{count * step:g}", x=LEFT - 6, y=level + 4, class_="end soft"))
    for share, anchor in ((0.0, "soft"), (0.5, "mid soft"), (1.0, "end soft")):
        at = scale.low + (scale.high - scale.low) * share
        drawn.append(tag("text", f"{at:,.4g}", x=scale.right(at), y=HEIGHT - BOTTOM + 16, class_=anchor))
    drawn.append(tag("text", x, x=(LEFT + WIDTH) // 2, y=HEIGHT - 6, class_="mid soft"))
    return drawn


def _line(index: int, one: Series, scale: _Scale) -> list[Html]:
    """The line, and its name in the legend above; dashes tell lines apart where colours do not."""
    dash, colour = DASHES[index % len(DASHES)], index % SERIES
    at = " ".join(f"{scale.right(x):.1f},{scale.level(y):.1f}" for x, y in _thinned(one.points, STEPS))
    left = LEFT + (index % SERIES) * 110
    style = f"series s{colour}"
    return [
        tag("polyline", points=at, class_=style, stroke_dasharray=dash),
        tag("line", x1=left, x2=left + 22, y1=24, y2=24, class_=style, stroke_dasharray=dash),
        tag("text", one.name, x=left + 26, y=28),
    ]


def _thinned(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most so many points, each the largest of its step: what is thinned away is never the peak."""
    if len(points) <= most:
        return list(points)
    width = len(points) / most
    return [
        max(points[int(step * width) : int((step + 1) * width)], key=lambda point: point[1]) for step in range(most)
    ]


def _rows(series: Sequence[Series], low: float, high: float) -> tuple[list[list[object]], bool]:
    """The points as rows by x, or the largest value of each of `ROWS` equal steps where there are more."""
    every = sorted({at for one in series for at, _ in one.points})
    if len(every) <= ROWS:
        values = [dict(one.points) for one in series]
        return [[f"{at:,g}", *(_value(found.get(at)) for found in values)] for at in every], False
    width = (high - low) / ROWS
    rows: list[list[object]] = []
    for step in range(ROWS):
        first, last = low + step * width, (high if step == ROWS - 1 else low + (step + 1) * width)
        within = [[value for at, value in one.points if first <= at < last or at == last == high] for one in series]
        rows.append([f"{first:,.4g} to {last:,.4g}", *(_value(max(found, default=None)) for found in within)])
    return rows, True


def _value(value: float | None) -> object:
    return "none" if value is None else float(value)


def _round_step(most: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that makes four to ten lines."""
    rough = most / 5
    power = 10.0 ** math.floor(math.log10(rough))
    return next((times * power for times in (1, 2, 5) if times * power >= rough), 10 * power)
