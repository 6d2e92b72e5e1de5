"""A history: the start, end and outcome of every operation, as its callers saw them."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["read", "write", "delete"]
Outcome = Literal["ok", "failed", "unknown"]
"""`ok`: acknowledged. `failed`: it certainly had no effect. `unknown`: it may have had one, and may yet."""


@dataclass(slots=True, eq=False)
class Op:
    """One operation on one key.

    `value` is what was written, unique in the history, or what was read (None: no item). `version` is the
    number that every write of a key raises.
    """

    process: str
    """Whose operations follow each other; operations of one process do not overlap."""
    kind: Kind
    key: str
    value: Any
    start: float
    end: float
    outcome: Outcome = "ok"
    version: int | None = None
    conditional: bool = False
    session: str | None = None
    """Operations of one session must see what came before them in it."""
    cache: str | None = None
    """For a read: the cache that may have answered. For a write: the cache that was to be told."""
    region: str | None = None
    began: float | None = None
    """When the write first took effect, where that is known. None: at its start, or any time later."""
    settled: float | None = None
    """When the last send of the write took effect, where that is known: a first send that was given up may arrive
    after the end. None: with its end, and for an unknown outcome any time later."""

    @property
    def over(self) -> float:
        """From when on the operation can have no more effect."""
        if self.settled is None:
            return math.inf if self.outcome == "unknown" else self.end
        return max(self.end, self.settled)


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a history breaks."""

    rule: str
    key: str
    message: str
    ops: tuple[Op, ...] = ()


@dataclass(slots=True)
class Report:
    """What a checker found."""

    violations: list[Violation] = field(default_factory=list)
    superseded: list[Op] = field(default_factory=list)
    """Acknowledged writes that no replica holds because a write concurrent with them, or one made after a failover
    that had not seen them, came later: listed, not hidden."""
    operations: int = 0

    @property
    def ok(self) -> bool:
        """Whether every rule held."""
        return not self.violations


@dataclass(slots=True)
class History:
    """Operations, and what the replicas hold at rest: region → key → value (None or absent: no item)."""

    ops: list[Op]
    at_rest: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def by_key(self) -> dict[str, list[Op]]:
        """The operations of each key, by start."""
        return group(self.ops)


def group(ops: Iterable[Op]) -> dict[str, list[Op]]:
    """Operations of each key, by start."""
    groups: dict[str, list[Op]] = defaultdict(list)
    for op in ops:
        groups[op.key].append(op)
    for part in groups.values():
        part.sort(key=_start)
    return groups


def _start(op: Op) -> float:
    return op.start
