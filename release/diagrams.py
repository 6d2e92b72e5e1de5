"""Drawings of a stack, from what its program registers: SVG text, computed from plain data.

`make diagrams` writes them into docs/diagrams; a test holds them to the program.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

COLUMN, ROW, GAP, EDGE = 290, 76, 14, 16
"""Pixels: a box's width and height, the room between two, the room around all."""
ORDER = ("platform", "security", "network", "data", "cache", "compute", "serverless", "edge", "monitoring", "recovery")
STYLE = (
    "text{font:13px sans-serif;fill:#1f2328}.head{font-weight:bold}.small{font-size:11px;fill:#59636e}"
    "rect{fill:#f6f8fa;stroke:#8c959f}rect.home{fill:#ddf4ff}line{stroke:#0969da;stroke-width:1.5}"
)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A resource that the program registers."""

    urn: str
    type: str
    name: str
    layer: str
    region: str
    """`global` for what the stack has once."""
    after: Sequence[str]
    """URNs of what it reads."""


def layers(stack: str, resources: Sequence[Made]) -> str:
    """What stands where: a column for each region, a row for each layer, and which layers a layer reads."""
    boxes: dict[tuple[str, str], Counter[str]] = {}
    by_urn = {one.urn: one for one in resources}
    reads: dict[str, set[str]] = {}
    for one in resources:
        boxes.setdefault((one.region, one.layer), Counter())[_service(one.type)] += 1
        read = {by_urn[urn].layer for urn in one.after if urn in by_urn} - {one.layer, "platform"}
        reads.setdefault(one.layer, set()).update(read)
    columns = ["global", *sorted({one.region for one in resources} - {"global"}, key=_home_first(resources))]
    rows = sorted(reads, key=lambda layer: (ORDER.index(layer) if layer in ORDER else len(ORDER), layer))
    drawn = [_text(EDGE + index * (COLUMN + GAP), 40, name, "head") for index, name in enumerate(columns)]
    for down, layer in enumerate(rows):
        for across, column in enumerate(columns):
            services = boxes.get((column, layer))
            if services is None:
                continue
            x, y = EDGE + across * (COLUMN + GAP), 50 + down * (ROW + GAP)
            drawn += [
                _box(x, y, COLUMN, ROW),
                _text(x + 8, y + 18, f"{layer}: {services.total()}", "head"),
                _text(x + 8, y + 37, _most(services, 3), ""),
                _text(x + 8, y + 53, _most(services, 6, 3), ""),
                _text(x + 8, y + 69, _reads(reads[layer]), "small"),
            ]
    size = (2 * EDGE + len(columns) * (COLUMN + GAP), 60 + len(rows) * (ROW + GAP))
    return _svg(f"{stack}: {len(resources)} resources by region and layer", size, drawn)


def tables(stack: str, replicas: Mapping[str, Sequence[str]]) -> str:
    """Table → its regions, home first: where each table's items are."""
    regions = list(dict.fromkeys(region for where in replicas.values() for region in where))
    drawn = [_text(EDGE + 230 + index * 190, 40, region, "head") for index, region in enumerate(regions)]
    for down, (table, where) in enumerate(sorted(replicas.items())):
        y = 50 + down * 44
        drawn.append(_text(EDGE, y + 20, table, "head"))
        for region in where[1:]:
            first, last = (EDGE + 230 + regions.index(one) * 190 for one in (where[0], region))
            drawn.append(f'<line x1="{first + 150}" y1="{y + 15}" x2="{last}" y2="{y + 15}"/>')
        for region in where:
            x = EDGE + 230 + regions.index(region) * 190
            home = region == where[0]
            drawn += [_box(x, y, 150, 30, home=home), _text(x + 8, y + 20, "home" if home else "replica", "")]
    return _svg(
        f"{stack}: tables and their replicas", (2 * EDGE + 230 + len(regions) * 190, 60 + len(replicas) * 44), drawn
    )


def _home_first(resources: Sequence[Made]) -> object:
    order = list(dict.fromkeys(one.region for one in resources))
    return order.index


def _service(token: str) -> str:
    package, _, rest = token.partition(":")
    service = rest.partition("/")[0].partition(":")[0]
    return service if package == "aws" else package


def _most(services: Counter[str], upto: int, skip: int = 0) -> str:
    every = sorted(services.items(), key=lambda found: (-found[1], found[0]))
    told = ", ".join(f"{name} {count}" for name, count in every[skip:upto])
    return f"{told}, …" if skip and len(every) > upto else told


def _reads(layers_read: Iterable[str]) -> str:
    names = ", ".join(sorted(layers_read))
    return f"reads {names}" if names else ""


def _text(x: int, y: int, text: str, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(text)}</text>' if text else ""


def _box(x: int, y: int, width: int, height: int, *, home: bool = False) -> str:
    kind = ' class="home"' if home else ""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4"{kind}/>'


def _svg(title: str, size: tuple[int, int], drawn: Sequence[str]) -> str:
    width, height = size
    body = "\n".join(filter(None, drawn))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
        f"<title>{escape(title)}</title><style>{STYLE}</style>\n"
        f'<rect width="{width}" height="{height}" style="fill:#fff;stroke:none"/>\n'
        f"{_text(EDGE, 20, title, 'head')}\n{body}\n</svg>\n"
    )
