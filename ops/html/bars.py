"""Bars: how much of each, as inline SVG with its table beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.html.figure import figure
from ops.html.markup import Html, tag
from ops.html.page import table
from ops.html.style import SERIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH = 720
LABEL = 230
ROW = 30
VALUE = 110


def bars(title: str, values: Mapping[str, float], *, unit: str, name: str = "what") -> Html:
    """A bar for each value, none below 0."""
    return stacked(title, {key: {"": value} for key, value in values.items()}, unit=unit, name=name)


def stacked(title: str, groups: Mapping[str, Mapping[str, float]], *, unit: str, name: str = "what") -> Html:
    """A bar for each group, of the parts that it has; the parts of all groups share their colours.

    Args:
        title: says what is shown.
        groups: label of the bar → part → value in `unit`; none below 0.
        unit: stands above the table.
        name: what a group is; the head of the table's first column.
    """
    parts = list(dict.fromkeys(part for values in groups.values() for part in values))
    legend = [part for part in parts if part]
    top = 24 * ((len(legend) + 2) // 3) + 8
    most = max((sum(values.values()) for values in groups.values()), default=0.0) or 1.0
    drawn: list[Html] = _legend(legend)
    for index, (label, values) in enumerate(groups.items()):
        drawn += _bar(label, values, parts, y=top + index * ROW, scale=(WIDTH - LABEL - VALUE) / most)
    columns = [name, *(part or unit for part in parts)]
    rows: list[list[object]] = [
        [label, *(float(values.get(part, 0.0)) for part in parts)] for label, values in groups.items()
    ]
    if legend:
        columns.append("all")
        rows = [[*row, float(sum(values.values()))] for row, values in zip(rows, groups.values(), strict=True)]
    return figure(
        title, drawn, WIDTH, top + len(groups) * ROW + 4, table(f"{title}: the figures ({unit})", columns, rows)
    )


def _legend(parts: Sequence[str]) -> list[Html]:
    drawn = []
    for index, part in enumerate(parts):
        x, y = 8 + (index % 3) * 230, 6 + (index // 3) * 24
        drawn.append(tag("rect", x=x, y=y, width=12, height=12, class_=f"f{index % SERIES}"))
        drawn.append(tag("text", part, x=x + 18, y=y + 11))
    return drawn


def _bar(label: str, values: Mapping[str, float], parts: Sequence[str], *, y: int, scale: float) -> list[Html]:
    drawn = [tag("text", label, x=LABEL - 8, y=y + 17, class_="end")]
    x = float(LABEL)
    for index, part in enumerate(parts):
        wide = values.get(part, 0.0) * scale
        if wide > 0:
            drawn.append(tag("rect", x=x, y=y + 4, width=max(wide, 0.5), height=ROW - 12, class_=f"f{index % SERIES}"))
            x += wide
    drawn.append(tag("text", f"{sum(values.values()):,.2f}", x=x + 6, y=y + 17))
    return drawn
