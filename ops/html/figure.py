"""A chart in a page: a caption, the drawing, and the same figures as a table beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.html.markup import Html, tag

if TYPE_CHECKING:
    from collections.abc import Sequence


def figure(title: str, drawn: Sequence[Html], width: int, height: int, beneath: Html) -> Html:
    """The drawing is one image to a screen reader, named by its title; the table beneath carries every figure."""
    drawing = tag("svg", *drawn, viewBox=f"0 0 {width} {height}", role="img", aria_label=title)
    return tag("figure", tag("figcaption", title), drawing, beneath)
