"""Every holdfast command that a document shows is one that the command line takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from ops.table import COMMANDS, app

ROOT = Path(__file__).parents[3]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs" / "ops").glob("*.md")),
    *sorted((ROOT / "docs" / "runbooks").glob("*.md")),
]
SPAN = re.compile(r"`(holdfast [a-z][^`]*)`")
LINE = re.compile(r"^ *(holdfast [a-z].*)$", re.MULTILINE)
PLACEHOLDERS = {
    "REGION": "us-east-1",
    "REF": "main",
    "STACK=FILE": "prod=x.json",
    "STACK": "shop",
    "SCENARIO": "region-loss",
    "FILE": "x.json",
    "COMMAND": "status",
    "CHECK": "lag",
}


def shown():
    for path in DOCUMENTS:
        text = path.read_text()
        for found in sorted({*SPAN.findall(text), *LINE.findall(text)}):
            if "…" not in found and "COMMAND" not in found:
                yield pytest.param(found.split("#")[0].strip(), id=f"{path.name}: {found[:60]}")


def words_of(text: str) -> list[str]:
    words = shlex.split(text.replace("[", "").replace("]", ""))
    return [PLACEHOLDERS.get(word, word) for word in words[1:]]


@pytest.mark.parametrize("text", shown())
def test_a_shown_command_is_one_that_is_taken(text):
    words = words_of(text)
    context = get_command(app).make_context("holdfast", list(words), resilient_parsing=True)
    command = get_command(app).get_command(context, words[0])
    assert command is not None, f"no command {words[0]!r}"
    rest = words[1:]
    while hasattr(command, "commands") and rest and rest[0] in command.commands:
        command, rest = command.commands[rest[0]], rest[1:]
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    used = {word.split("=")[0] for word in rest if word.startswith("-")}
    assert used <= options | {"--help"}


def test_every_command_is_documented():
    text = (ROOT / "docs" / "ops" / "commands.md").read_text()
    missing = [name for name in COMMANDS if f"holdfast {name}" not in text]
    assert missing == []


def test_every_runbook_is_listed_and_uses_the_command():
    folder = ROOT / "docs" / "runbooks"
    index = (folder / "README.md").read_text()
    for path in folder.glob("*.md"):
        if path.name != "README.md":
            assert f"({path.name})" in index
            assert re.search(r"(`|^ *)holdfast ", path.read_text(), re.MULTILINE)
