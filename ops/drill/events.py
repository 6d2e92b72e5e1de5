"""The raw log of a drill: every attempt of every client, the drill's own moments, and what was looked for and missed.

Every figure of the evidence is computed from it, and can be computed from it again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ops.load.history import Attempt, History

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Look:
    """Orders that were looked for in one region."""

    purpose: Literal["risk", "rest"]
    """`risk`: when the failure begins, what the failed region acknowledged last; `rest`: after it, everything."""
    region: str
    missing: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    fault: str = ""
    """Why the region did not answer; it then says nothing about what is missing."""


@dataclass(kw_only=True)
class EventLog:
    """What happened in a drill. Times are seconds on the drill's monotonic clock."""

    writes: History = field(default_factory=History)
    reads: History = field(default_factory=History)
    marks: dict[str, float] = field(default_factory=dict)
    """`begin` (load starts), `fault`, `heal`, `end`."""
    looks: list[Look] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.writes) + len(self.reads) + len(self.marks) + len(self.looks)

    def write(self, path: Path) -> None:
        """Write one JSON object a line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            for line in self._lines():
                file.write(json.dumps(line, separators=(",", ":")) + "\n")

    def _lines(self) -> Iterator[dict[str, Any]]:
        for name, at in self.marks.items():
            yield {"event": "mark", "name": name, "at": round(at, 6)}
        for event, history in (("write", self.writes), ("read", self.reads)):
            for attempt in history:
                yield {"event": event, **asdict(attempt)}
        for look in self.looks:
            yield {"event": "look", **asdict(look)}

    @classmethod
    def read(cls, path: Path) -> EventLog:
        """Read what `write` wrote."""
        log = cls()
        with path.open(encoding="utf-8") as file:
            for text in file:
                line: dict[str, Any] = json.loads(text)
                match line.pop("event"):
                    case "mark":
                        log.marks[line["name"]] = line["at"]
                    case "write":
                        log.writes.add(Attempt(**line))
                    case "read":
                        log.reads.add(Attempt(**line))
                    case "look":
                        lists: Any = {name: tuple(line.pop(name)) for name in ("missing", "altered")}
                        log.looks.append(Look(**line, **lists))
        return log
