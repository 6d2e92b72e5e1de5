"""Writes the reference pages from the code: `python release/reference.py [--check]`."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import Any

from typer.main import get_command

import holdfast
from ops.table import COMMANDS, app

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
_WIDTH = 100


def main() -> int:
    """Write the pages, or say which are not what the code says."""
    pages = {FOLDER / "cli.md": cli(), FOLDER / "api.md": api()}
    if "--check" in sys.argv:
        stale = [path.name for path, text in pages.items() if not path.is_file() or path.read_text() != text]
        for name in stale:
            print(f"docs/reference/{name} is not what the code says: run make reference", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in pages.items():
        path.write_text(text)
    return 0


def cli() -> str:
    """Every command with its help."""
    parts = ["# The command", "", "Written from `holdfast --help` by `make reference`.", "", *_help([]), ""]
    group: Any = get_command(app)
    for command, line in COMMANDS.items():
        parts += [f"## holdfast {command}", "", line, "", *_help([command]), ""]
        for name in getattr(group.get_command(None, command), "commands", {}):
            parts += [f"### holdfast {command} {name}", "", *_help([command, name]), ""]
    return "\n".join(parts).rstrip() + "\n"


def _help(words: list[str]) -> list[str]:
    group: Any = get_command(app)
    context = group.make_context("holdfast", [], resilient_parsing=True, terminal_width=_WIDTH)
    for word in words:
        group = group.get_command(context, word)
        context = group.make_context(word, [], parent=context, resilient_parsing=True, terminal_width=_WIDTH)
    return ["```text", *(line.rstrip() for line in group.get_help(context).strip().splitlines()), "```"]


def api() -> str:
    """Every public name of the client with its signature and what it says of itself."""
    parts = ["# The client's API", "", "Written from the docstrings of `holdfast` by `make reference`.", ""]
    for name in holdfast.__all__:
        found = getattr(holdfast, name)
        parts += [f"## {name}", "", *_described(found), ""]
        if inspect.isclass(found):
            for method, member in sorted(vars(found).items()):
                if method.startswith("_") or not callable(getattr(found, method, None)):
                    continue
                parts += [f"### {name}.{method}", "", *_described(getattr(found, method), member), ""]
    return "\n".join(parts).rstrip() + "\n"


def _described(found: object, member: object = None) -> list[str]:
    lines = []
    if callable(found) and not (inspect.isclass(found) and issubclass(found, BaseException)):
        try:
            text = str(inspect.signature(found)).replace("typing.", "").replace("collections.abc.", "")
        except (TypeError, ValueError):
            text = ""
        if text:
            kind = "async " if inspect.iscoroutinefunction(member or found) else ""
            text = re.sub(r" object at 0x[0-9a-f]+", "", text)
            text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)
            lines += ["```text", f"{kind}{getattr(found, '__name__', '')}{text}", "```", ""]
    described = inspect.getdoc(found) or ""
    return [*lines, *(line.rstrip() for line in described.splitlines())]


if __name__ == "__main__":
    raise SystemExit(main())
