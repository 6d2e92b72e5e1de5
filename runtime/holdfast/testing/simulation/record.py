"""What came of seeds, and a file of it, so that a long run can be interrupted and go on."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import holdfast


@dataclass(slots=True)
class Tally:
    """What came of some seeds."""

    seeds: int = 0
    operations: int = 0
    superseded: int = 0
    failing: list[int] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take another one's numbers in."""
        self.seeds += other.seeds
        self.operations += other.operations
        self.superseded += other.superseded
        self.failing += other.failing
        self.recoveries += other.recoveries
        self.outcomes.update(other.outcomes)

    def plain(self) -> dict[str, Any]:
        """As JSON data; the fields are its names."""
        return {part.name: getattr(self, part.name) for part in fields(self)}


def fingerprint() -> str:
    """Of the code that a run depends on: what was found of another is not believed."""
    root = Path(holdfast.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


class Record:
    """Chunks of seeds that are done: a line each.

    Args:
        path: the file; None keeps nothing. Lines of other code or another plant are passed over.
        plant: the planted fault, if any.
    """

    def __init__(self, path: Path | None, plant: str = "") -> None:
        self._path = path
        self._of = {"code": fingerprint() if path is not None else "", "plant": plant}
        self._done: dict[tuple[int, int], Tally] = {}
        if path is not None and path.exists():
            for text in path.read_text(encoding="utf-8").splitlines():
                self._read(text)

    def _read(self, text: str) -> None:
        try:
            line: dict[str, Any] = json.loads(text)
        except ValueError:
            return  # the run was killed while it wrote
        if all(line.get(name) == value for name, value in self._of.items()):
            line["tally"]["outcomes"] = Counter(line["tally"]["outcomes"])
            self._done[line["first"], line["last"]] = Tally(**line["tally"])

    def has(self, first: int, last: int) -> bool:
        """Whether that chunk is done."""
        return (first, last) in self._done

    def total(self, first: int, last: int) -> Tally:
        """What came of the chunks in that range."""
        total = Tally()
        for (begin, end), tally in self._done.items():
            if first <= begin and end <= last:
                total.add(tally)
        return total

    def add(self, first: int, last: int, tally: Tally) -> None:
        """A chunk is done."""
        self._done[first, last] = tally
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**self._of, "first": first, "last": last, "tally": tally.plain()}) + "\n")
