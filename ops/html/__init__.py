"""Pages that stand alone: one HTML file with its style and its charts in it, no script, no request."""

from ops.html.bars import bars, stacked
from ops.html.lines import Series, lines
from ops.html.markup import Html, join, tag
from ops.html.page import Badge, badge, facts, note, page, section, table

__all__ = [
    "Badge",
    "Html",
    "Series",
    "badge",
    "bars",
    "facts",
    "join",
    "lines",
    "note",
    "page",
    "section",
    "stacked",
    "table",
    "tag",
]
