"""The map: regions where they are, what replicates between them, and a table of what stands in each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ops.cost.resources import GLOBAL
from ops.html import Html, table, tag
from ops.html.figure import figure
from ops.report.places import WHERE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ops.cost.resources import Resource

WIDTH, HEIGHT = 720, 300
DOT = 9
LEAST_DEGREES = 40.0
"""Narrowest frame, in degrees of longitude: two near regions are not drawn as a world apart."""
ROOM = 1.3
"""Frame over the extent of the regions."""
_COMPONENTS = ("holdfast:", "pulumi:", "eks:")


def world(
    regions: Sequence[str], home: str, resources: Sequence[Resource], lag_ms: Mapping[tuple[str, str], float]
) -> Html:
    """The drawing, with the table beneath.

    Args:
        regions: where the stack serves, the home region first.
        home: the home region.
        resources: what stands.
        lag_ms: (from, to) → measured replication lag; told beside the lines.
    """
    frame = _Frame([WHERE[region] for region in regions if region in WHERE])
    drawn = frame.graticule()
    placed = {region: frame.point(*WHERE[region]) for region in regions if region in WHERE}
    drawn += [_link(placed[first], placed[second]) for first in placed for second in placed if first < second]
    for region, (x, y) in placed.items():
        drawn.append(tag("circle", cx=x, cy=y, r=DOT, class_="f0" if region == home else "f2"))
        name = f"{region}, home" if region == home else region
        drawn.append(tag("text", name, x=min(max(x, 60.0), WIDTH - 60.0), y=y + DOT + 16, class_="mid"))
    return figure(
        "Regions, and what replicates between them", drawn, WIDTH, HEIGHT, _table(regions, home, resources, lag_ms)
    )


class _Frame:
    """The part of the world that holds the regions, with room around them."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        north = [point[0] for point in points] or [0.0]
        east = [point[1] for point in points] or [0.0]
        across = max(max(east) - min(east), (max(north) - min(north)) * WIDTH / HEIGHT, LEAST_DEGREES) * ROOM
        self._scale = WIDTH / across
        self._west = (max(east) + min(east)) / 2 - across / 2
        self._north = (max(north) + min(north)) / 2 + across * HEIGHT / WIDTH / 2
        self._across = across

    def point(self, north: float, east: float) -> tuple[float, float]:
        """Where it stands in the drawing."""
        return (east - self._west) * self._scale, (self._north - north) * self._scale

    def graticule(self) -> list[Html]:
        """Lines each ten degrees (thirty where the frame is wide), those of latitude with their figure."""
        step = 10 if self._across <= 120 else 30
        drawn = []
        for east in range(-180, 181, step):
            x, _ = self.point(0, east)
            if 0 < x < WIDTH:
                drawn.append(tag("line", x1=x, x2=x, y1=0, y2=HEIGHT, class_="axis"))
        for north in range(-90, 91, step):
            _, y = self.point(north, 0)
            if 0 < y < HEIGHT:
                name = f"{abs(north)}°{' N' if north > 0 else ' S' if north < 0 else ''}"
                drawn.append(tag("line", x1=0, x2=WIDTH, y1=y, y2=y, class_="axis"))
                drawn.append(tag("text", name, x=4, y=y - 3, class_="soft"))
        return drawn


def _link(one: tuple[float, float], other: tuple[float, float]) -> Html:
    """An arc, so that the lines of three regions in a row do not lie upon each other."""
    (x1, y1), (x2, y2) = one, other
    lift = min(abs(x2 - x1) / 4 + 10, 60)
    path = f"M{x1:.1f} {y1:.1f} Q{(x1 + x2) / 2:.1f} {(y1 + y2) / 2 - lift:.1f} {x2:.1f} {y2:.1f}"
    return tag("path", d=path, class_="series s0")


def _table(
    regions: Sequence[str], home: str, resources: Sequence[Resource], lag_ms: Mapping[tuple[str, str], float]
) -> Html:
    counts = Counter((one.region, one.layer) for one in resources if not one.type.startswith(_COMPONENTS))
    layers = sorted({layer for _, layer in counts})
    others = sorted({region for region, _ in counts} - {*regions, GLOBAL})
    rows = []
    for region in [*regions, *others, GLOBAL]:
        role = (
            "home"
            if region == home
            else "replica"
            if region in regions
            else "copies"
            if region in others
            else "no region"
        )
        slowest = max((ms for (_, to), ms in lag_ms.items() if to == region), default=None)
        lag = "not measured" if slowest is None else f"{slowest:,.0f} ms"
        cells = [counts.get((region, layer), 0) for layer in layers]
        if region not in regions and not any(cells):
            continue
        rows.append([region, role, lag if region in regions else "none", *cells, sum(cells)])
    return table("Resources by region and layer", ["region", "role", "lag", *layers, "all"], rows)
