"""How a command speaks: tables and colour for a person at a terminal, plain lines in a pipe, JSON for a program."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console


class Output:
    """Where a command's words go.

    With `as_json` stdout carries one JSON document and everything else goes to stderr. Colour and movement
    only on a terminal, never with `plain`, NO_COLOR or TERM=dumb.
    """

    def __init__(self, *, as_json: bool = False, plain: bool = False) -> None:
        self.as_json = as_json
        self._stream = sys.stderr if as_json else sys.stdout
        dumb = os.environ.get("TERM") == "dumb"
        self.lively = self._stream.isatty() and not plain and not dumb
        self.color = self.lively and not os.environ.get("NO_COLOR")
        self._console: Console | None = None

    @property
    def width(self) -> int:
        """Columns of the terminal; a pipe is wide."""
        return shutil.get_terminal_size().columns if self.lively else 240

    @property
    def console(self) -> Console:
        """The rich console behind it, made when first needed."""
        if self._console is None:
            from rich.console import Console  # noqa: PLC0415 (40 ms that `--help` and `--json` need not pay)

            self._console = Console(
                file=self._stream,
                force_terminal=self.lively,
                no_color=not self.color,
                highlight=False,
                width=self.width,
                soft_wrap=True,
            )
        return self._console

    def say(self, text: str = "", *, style: str | None = None) -> None:
        """Say a line (or several) to the person."""
        if style and self.lively:
            self.console.print(text, style=style, markup=False)
        else:
            print(text, file=self._stream, flush=True)

    def warn(self, text: str) -> None:
        """Say what a person should not miss."""
        self.say(f"! {text}", style="yellow")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
        """A table; numbers stand to the right. A pipe gets the same cells in full, a row a line, without a frame."""
        right = {
            index for index in range(len(columns)) if rows and all(isinstance(row[index], int | float) for row in rows)
        }
        if not self.lively:
            for line in _aligned([columns, *([_cell(value) for value in row] for row in rows)], right, title):
                self.say(line)
            return
        from rich import box  # noqa: PLC0415 (see `console`)
        from rich.markup import escape  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title or None)
        table.title_justify = "left"
        for index, name in enumerate(columns):
            table.add_column(name, justify="right" if index in right else "left")
        for row in rows:
            table.add_row(*(escape(_cell(value)) for value in row))
        self.console.print(table)

    def result(self, document: Any) -> None:
        """The document of `--json`; nothing otherwise."""
        if self.as_json:
            print(json.dumps(document, indent=2, default=str), flush=True)

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before what was shown is carried out.

        Raises:
            OpsError: the answer is no, or nobody can be asked.
        """
        if yes:
            return
        if not sys.stdin.isatty():
            raise OpsError(
                f"{question} There is no terminal to ask at.",
                fix="repeat the command with --yes (make: YES=1)",
                code=Exit.DECLINED,
            )
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise OpsError("nothing was changed", code=Exit.DECLINED)


def _aligned(rows: Sequence[Sequence[str]], right: set[int], title: str) -> Iterator[str]:
    """The rows as lines, their columns as wide as the widest cell: nothing is cut, however wide that is."""
    if title:
        yield title
    lines = [[" ".join(cell.split("\n")) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else str(value)
