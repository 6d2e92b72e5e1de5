"""A page and what stands in it: sections, tables, figures and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ops.html.markup import Html, join, tag
from ops.html.style import STYLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Badge = Literal["good", "bad", "warn", "soft"]
"""How a word is meant. The word says it too: colour alone says nothing to some."""

SHORT = 24
"""Longest text of a cell that is not broken, in characters."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Of the page itself: a browser then refuses whatever request a mistake would make."""


def page(title: str, *sections: Html, lead: object = "") -> str:
    """The whole document: UTF-8, no script, no request.

    Args:
        title: of the window and of the page.
        sections: made by `section`; the table of contents is made of them.
        lead: what stands beneath the title: whose page it is, and of when.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        tag("style", Html(STYLE)),
    )
    links = join(
        tag("li", tag("a", part.title_, href=f"#{part.id_}")) for part in sections if isinstance(part, Section)
    )
    contents = tag("nav", tag("ul", links), aria_label="Sections")
    header = tag("header", tag("h1", title), tag("p", lead, class_="soft"), contents)
    body = tag("body", header, tag("main", *sections))
    return "<!DOCTYPE html>\n" + tag("html", head, "\n", body, lang="en") + "\n"


class Section(Html):
    """A section that knows its name, for the table of contents."""

    __slots__ = ("id_", "title_")
    id_: str
    title_: str


def section(name: str, title: str, *parts: object) -> Html:
    """A section under a heading; `name` is its anchor."""
    made = Section(tag("section", tag("h2", title, id=name), *parts, aria_labelledby=name) + "\n")
    made.id_, made.title_ = name, title
    return made


def badge(word: object, kind: Badge) -> Html:
    """A word in the colour of what it means."""
    return tag("span", word, class_=f"badge {kind}")


def note(*parts: object, kind: Badge = "soft") -> Html:
    """A paragraph that should not be missed."""
    return tag("p", *parts, class_=f"note {kind}")


def facts(values: Mapping[str, object]) -> Html:
    """The few figures that a reader came for: what → how much."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in values.items()))


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Html:
    """A table; the first cell of a row names it. A number stands to the right; a wide table scrolls by itself."""
    head = tag(
        "tr",
        *(
            tag("th", name, scope="col", class_="n" if rows and all(_number(row[index]) for row in rows) else None)
            for index, name in enumerate(columns)
        ),
    )
    body = join((tag("tr", *(_cell(value, first=index == 0) for index, value in enumerate(row))) for row in rows), "\n")
    made = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", body))
    # What scrolls must be reachable by keyboard, and named.
    return tag("div", made, class_="scroll", tabindex="0", role="region", aria_label=f"Table: {caption}")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: object, *, first: bool) -> Html:
    """A number stands to the right; what is short, such as the name of a region, is not broken."""
    written = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if _number(value) else value
    style = "n" if _number(value) else "k" if len(str(written)) <= SHORT and not isinstance(written, Html) else None
    if first:
        return tag("th", written, scope="row", class_=style)
    return tag("td", written, class_=style)
