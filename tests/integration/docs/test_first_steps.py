"""The tutorial and the README's quick start, typed into a fresh clone from top to bottom."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NEEDS_AN_ACCOUNT = "<!-- needs an AWS account -->\n"
BLOCK = re.compile(
    rf"(?P<account>{NEEDS_AN_ACCOUNT})?^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
WHOLE_SUITE = re.compile(r"^make test\b.*\n", re.MULTILINE)
REAL_ENGINE = re.compile(r"^make up ENGINE=pulumi\b.*\n", re.MULTILINE)


@dataclass
class Block:
    """Commands as a page shows them, and the lines that it says they print."""

    commands: str
    prints: list[str] = field(default_factory=list)


def read(page: str) -> list[Block]:
    """The command blocks that need no AWS account, in order."""
    found: list[Block] = []
    for block in BLOCK.finditer(page):
        if block["language"] == "console" and not block["account"]:
            found.append(Block(block["body"]))
        elif block["language"] == "text":
            found[-1].prints += block["body"].splitlines()
    return found


def missing(lines: list[str], output: str) -> list[str]:
    """Those lines that the output does not have after the ones before them; `…` stands for what a run decides."""
    rest, lost = [" ".join(line.split()) for line in output.splitlines()], []
    for line in lines:
        text = ".*".join(map(re.escape, " ".join(line.split()).split("…")))
        wanted = re.compile(rf"(?:.*: )?{text}")  # what follows a question stands on its line
        at = next((number for number, shown in enumerate(rest) if wanted.fullmatch(shown)), None)
        if at is None:
            lost.append(line)
        else:
            rest = rest[at + 1 :]
    return lost


def follow(clone, blocks: list[Block], *, answers: str = "") -> None:
    for block in blocks:
        shown = clone.type(block.commands, answers=answers)
        assert missing(block.prints, shown) == [], f"{block.commands}\n{shown[-6000:]}"


def test_what_a_page_says_is_printed_is_looked_for_in_order_and_whole():
    shown = "preview: 85 changes\r\nok:  1 region serving, used again 2.0 s after\n"
    assert missing(["preview: … changes", "ok: 1 region serving, used again … s after"], shown) == []
    assert missing(["ok: … regions serving …"], shown) == ["ok: … regions serving …"]
    assert missing(["ok: …", "preview: …"], shown) == ["preview: …"]
    assert missing(["1 region serving"], shown) == ["1 region serving"]


def test_the_tutorial_has_commands_that_need_no_account_and_says_what_they_print():
    blocks = read((ROOT / "docs" / "tutorial.md").read_text())
    assert len(blocks) >= 6
    assert [block.commands for block in blocks if not block.prints] == []
    assert not any("--aws" in block.commands or "pulumi " in block.commands for block in blocks)


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.timeout(1200)
def test_the_tutorial_as_it_is_typed(clone):
    follow(clone, read((ROOT / "docs" / "tutorial.md").read_text()), answers="\n\n")  # what `init` asks: as suggested
    assert clone.running() == []


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.timeout(1200)
def test_the_quick_start_of_the_readme_as_it_is_typed(clone):
    page = (ROOT / "README.md").read_text()
    blocks = read(page.partition("## Two commands\n")[2].partition("\n## ")[0])
    assert len(blocks) == 2
    for block in blocks:
        block.commands = WHOLE_SUITE.sub("", block.commands)  # which this test is part of
        if shutil.which("pulumi") is None:
            block.commands = REAL_ENGINE.sub("", block.commands)  # "where it is installed", says the page
    follow(clone, blocks, answers="yes\n")
    assert clone.running() == []
