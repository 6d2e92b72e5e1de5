from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from ops.html import Series, badge, bars, facts, join, lines, note, page, section, stacked, table, tag

NASTY = """<script>alert("x")</script> & 'quoted'"""


class Elements(HTMLParser):
    """Counts elements and remembers their attributes; a tag that is not closed fails."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, name, attributes):
        self.found.append((name, dict(attributes)))
        if name not in ("meta", "br"):
            self.open.append(name)

    def handle_startendtag(self, name, attributes):
        self.found.append((name, dict(attributes)))

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def named(self, name):
        return [attributes for found, attributes in self.found if found == name]


def test_what_is_not_markup_is_escaped_everywhere():
    made = page(
        NASTY,
        section("a", NASTY, note(NASTY), facts({NASTY: NASTY}), table(NASTY, [NASTY], [[NASTY]]), badge(NASTY, "bad")),
        section("b", "charts", bars(NASTY, {NASTY: 1.0}, unit=NASTY), lines(NASTY, [], x=NASTY, y=NASTY)),
        lead=NASTY,
    )
    assert "<script" not in made
    assert "alert(&quot;x&quot;)" in made
    assert Elements(made).named("script") == []


def test_a_page_stands_alone():
    made = page("Stack", section("a", "First", tag("p", "text")), section("b", "Second"), lead="of today")
    elements = Elements(made)
    assert [link["href"] for link in elements.named("a")] == ["#a", "#b"]
    assert elements.named("link") == elements.named("img") == elements.named("script") == []
    assert "default-src 'none'" in [meta.get("content") for meta in elements.named("meta")][2]
    assert not re.search(r"https?://|url\(|@import", made)


CHARTS = {
    "bars": bars("B", {"a": 1.0, "b": 0.0}, unit="USD"),
    "stacked": stacked("S", {"one": {"x": 1.0, "y": 2.0}, "two": {"y": 3.5}}, unit="USD"),
    "lines": lines("L", [Series(name="lag", points=[(0, 1), (1, 3)])], x="s", y="ms", limit=2, marks={"cut": 0.5}),
    "empty": lines("E", [], x="s", y="ms"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_has_its_name_and_its_table_beneath(name):
    elements = Elements(CHARTS[name])
    (drawing,) = elements.named("svg")
    assert drawing["role"] == "img"
    assert drawing["aria-label"] in CHARTS[name].split("<svg")[0]
    names = [found for found, _ in elements.found]
    assert names.index("table") > names.index("svg")


def test_the_table_of_stacked_bars_carries_every_part_and_the_sum():
    cells = re.findall(r"<td class=\"n\">([^<]*)</td>", CHARTS["stacked"])
    assert cells == ["1.00", "2.00", "3.00", "0.00", "3.50", "3.50"]


def test_a_long_line_is_thinned_and_keeps_its_peak():
    points = [(float(x), 1.0) for x in range(5000)]
    points[3210] = (3210.0, 99.0)
    made = lines("lag", [Series(name="a", points=points)], x="s", y="ms")
    assert len(made) < 12_000
    assert ">99.00<" in made
    assert "the largest value of each step" in made
    assert made.count("<tr>") == 25


def test_figures_are_written_with_a_tenth_of_a_pixel():
    assert tag("rect", x=1 / 3, y=2.0) == '<rect x="0.3" y="2"/>'
    assert join(["<", tag("b", "x")], "<br/>") == "&lt;<br/><b>x</b>"
