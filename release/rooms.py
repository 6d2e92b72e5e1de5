"""Branch coverage by room, from what coverage.py measured.

    python release/rooms.py MEASURED.json --tests WHICH [--page]

Prints the table and writes `build/coverage.md`; with --page `docs/coverage.md` too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
SPLIT = ("components", "ops", "policies", "runtime", "sandbox", "services")
"""Rooms so large that each folder in them is told alone."""

ABOUT = (
    "Which branches and lines the tests run, by room. Tests that start processes run much of the program, the sandbox "
    "and the command in those, which are not measured: their rooms show less than is tested. The figures are a report; "
    "no gate hangs on them. [Mutants](mutants.md) tell more of the pure cores."
)


@dataclass
class Room:
    """Sums over the files of a room."""

    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_run: int = 0

    def add(self, summary: dict[str, int]) -> None:
        """Add a file, as coverage.py sums it up."""
        self.lines += summary["num_statements"]
        self.lines_run += summary["covered_lines"]
        self.branches += summary["num_branches"]
        self.branches_run += summary["covered_branches"]


def room_of(file: str) -> str:
    """The folder that a file is counted in."""
    folders = file.split("/")[:-1]
    deep = 3 if folders[:2] == ["runtime", "holdfast"] else 2
    return "/".join(folders[: deep if folders[0] in SPLIT else 1])


def table(measured: dict[str, dict[str, dict[str, int]]]) -> list[str]:
    """The rooms by name and the whole, as rows of a table."""
    rooms: defaultdict[str, Room] = defaultdict(Room)
    for file, found in measured.items():
        for name in (room_of(file), "all"):
            rooms[name].add(found["summary"])
    rows = ["| Room | Branches | taken | Lines | run |", "|---|---|---|---|---|"]
    for name in [*sorted(rooms.keys() - {"all"}), "all"]:
        room = rooms[name]
        rows.append(
            f"| {name} | {room.branches:,} | {_share(room.branches_run, room.branches)} "
            f"| {room.lines:,} | {_share(room.lines_run, room.lines)} |"
        )
    return rows


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"


def page(rows: list[str], tests: str) -> str:
    """The page of the figures."""
    said = f'`make coverage TESTS="{tests}"`, {datetime.now(UTC).date()}, CPython {sys.version.split()[0]}.'
    return "\n".join(["# Coverage", "", ABOUT, "", said, "", *rows, ""])


def main() -> int:
    """Print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path, help="what `coverage json` wrote")
    parser.add_argument("--tests", required=True, help="which tests ran, for the page")
    parser.add_argument("--page", action="store_true", help="write docs/coverage.md")
    options = parser.parse_args()
    rows = table(json.loads(options.measured.read_text())["files"])
    print("\n".join(rows))
    text = page(rows, options.tests)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "coverage.md").write_text(text)
    if options.page:
        (ROOT / "docs" / "coverage.md").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
