"""Elements as strings. What is not `Html` is text, and escaped: nothing that a stack is called becomes markup."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

VOID = frozenset({"meta", "line", "rect", "circle", "path", "polyline", "br", "col"})
"""Elements that are written without an end tag of their own (SVG's closed in themselves)."""


class Html(str):
    """Markup that may stand in a page as it is."""

    __slots__ = ()


def text(value: object) -> Html:
    """The value as markup; a string is escaped, `Html` stays as it is."""
    return value if isinstance(value, Html) else Html(escape("" if value is None else str(value)))


def join(parts: Iterable[object], between: str = "") -> Html:
    """Parts one after the other; `between` is markup."""
    return Html(between.join(text(part) for part in parts))


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """An element. Underscores in an attribute's name are hyphens, a trailing one is dropped; None leaves it out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_figure(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID and not children:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def _figure(value: object) -> str:
    """A coordinate needs a tenth of a pixel, no more: it is most of a chart's size."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
