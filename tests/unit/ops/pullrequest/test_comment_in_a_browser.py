"""The comment as a reader sees it: Markdown made to HTML, laid out as the forges do, looked at in Chromium."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from ops.pullrequest.model import Change, CostChange, Note, Preview
from ops.pullrequest.render import render

ROOT = Path(__file__).parents[4]
APPROVED = ROOT / "tests" / "integration" / "pipelines" / "approved.md"
WIDTHS = {"page": 860, "phone": 390}
STYLE = """
body { font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2328; margin: 16px; overflow-wrap: break-word }
table { display: block; width: max-content; max-width: 100%; overflow: auto; border-collapse: collapse; margin: 0 0 16px }
td, th { border: 1px solid #d1d9e0; padding: 6px 13px } tr:nth-child(2n) { background: #f6f8fa }
code { font: 85% ui-monospace, Menlo, Consolas, monospace; background: #818b981f; padding: .2em .4em; border-radius: 6px }
pre { background: #f6f8fa; padding: 16px; overflow: auto; border-radius: 6px } pre code { background: none; padding: 0 }
blockquote { margin: 0 0 16px; padding: 0 1em; border-left: .25em solid #cf222e } summary { cursor: pointer }
"""
"""How wide, how a table scrolls and where words break is what the forges do; the rest makes a screenshot readable."""


def page(comment: str) -> str:
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(comment)
    html = re.sub(r"\[!([A-Z]+)\]", lambda found: f"<strong>{found[1].title()}</strong><br>", html)
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>comment</title><style>{STYLE}</style>{html}'


def large() -> str:
    """Three hundred changes with the longest names that the program has."""
    layers = ("network", "data", "monitoring", "security")
    changes = tuple(
        Change(
            op=("create", "update", "replace", "delete")[number % 4],
            type="aws:ec2/networkAclRule:NetworkAclRule",
            name=f"us-east-1-application-rule-number-{number:03}",
            region=("us-east-1", "us-west-2")[number % 2],
            layer=layers[number % 4],
            touched=("~cidrBlock", "~tags"),
            diff=(f"- cidrBlock: 10.{number % 250}.0.0/16", f"+ cidrBlock: 10.{number % 250}.0.0/20"),
        )
        for number in range(300)
    )
    prod = Preview(stack="prod", ok=True, changes=changes, unchanged=7, cost=CostChange(before=1234.5, after=2345.6))
    return render(Note(commit="0123456789abcdef", order=1, at="2026-01-02 03:04", previews=(prod,)))


COMMENTS = {"made": APPROVED.read_text, "large": large}
CLIPPED = """
[...document.querySelectorAll("table, pre")].filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1)
    .map(e => e.innerText.slice(0, 80))
"""
FOLDED = "[...document.querySelectorAll('details:not([open])')]"


def shown(browser, comment, tmp_path, name, width):
    path = tmp_path / "comment.html"
    path.write_text(page(comment))
    browser.open(path, width=WIDTHS[width], height=900)
    artifacts = Path(os.environ.get("HOLDFAST_ARTIFACTS", ROOT / ".holdfast" / "artifacts"))
    artifacts.mkdir(parents=True, exist_ok=True)
    browser.screenshot(artifacts / f"comment-{name}-{width}.png")


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", COMMENTS)
def test_a_reader_sees_every_table_and_opens_every_fold(browser, tmp_path, name, width):
    shown(browser, COMMENTS[name](), tmp_path, name, width)
    assert browser.complaints == []
    assert browser.requests == []
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    if width == "page":
        assert browser.value(CLIPPED) == []

    folded = browser.value(f"{FOLDED}.length")
    assert folded > 0
    browser.value(f"{FOLDED}.forEach(one => one.querySelector('summary').click())")
    assert browser.value(f"{FOLDED}.length") == 0
    assert browser.value("[...document.querySelectorAll('details')].filter(d => d.offsetHeight < 30).length") == 0
    words = browser.value("document.body.innerText")
    assert not re.search(r"\|[-:]+\|", words), "a table stays as it was typed: a blank line is missing before it"
    assert "```" not in words
    assert "**" not in words
    if width == "page":
        assert browser.value(CLIPPED) == []


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_first_screen_tells_what_would_be_lost_and_what_it_costs(browser, tmp_path):
    shown(browser, APPROVED.read_text(), tmp_path, "first", "page")
    seen = browser.value(
        "[...document.querySelectorAll('h3, blockquote, table')].filter(e => e.getBoundingClientRect().bottom < 500)"
        ".map(e => e.innerText).join(' ')"
    )
    assert "1 to replace" in seen
    assert "table-orders" in seen
    assert "cost a month" in seen
