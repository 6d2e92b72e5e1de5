"""What a comment tells, before it is text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

IMPORTANCE: Final = ("replace", "delete", "update", "import", "create", "read")
"""The operations, what a reviewer must not miss first."""
SIGNS: Final = {"create": "+", "update": "~", "replace": "+-", "delete": "-", "import": "=", "read": ">"}
"""Operation → its sign, as `pulumi preview` writes it."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A resource that an up would change."""

    op: str
    """One of `IMPORTANCE`."""
    type: str
    """`aws:dynamodb/table:Table`."""
    name: str
    region: str
    """`us-east-1`, or `global`."""
    layer: str
    """`data`, or `-` where no layer owns it."""
    touched: tuple[str, ...] = ()
    """The properties that differ, top level, with their signs."""
    forcing: tuple[str, ...] = ()
    """The properties that force the replacement."""
    holds_data: bool = False
    """The change would lose what the resource holds."""
    diff: tuple[str, ...] = ()
    """Lines of a diff, already free of secrets."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Findings of one policy."""

    level: str
    """`mandatory`, `advisory` or `remediated`."""
    policy: str
    """`pack/policy`."""
    message: str
    resources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CostChange:
    """US dollars a month, likely case."""

    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One stack's preview."""

    stack: str
    ok: bool
    changes: tuple[Change, ...]
    unchanged: int
    findings: tuple[Judgement, ...] = ()
    errors: tuple[str, ...] = ()
    cost: CostChange | None = None

    def tally(self) -> dict[str, int]:
        """Operation → how many, in the order of `IMPORTANCE`; only what there is."""
        counts = {op: sum(change.op == op for change in self.changes) for op in IMPORTANCE}
        return {op: number for op, number in counts.items() if number}


@dataclass(frozen=True, kw_only=True)
class Past:
    """An earlier commit of the pull request, in the comment's history."""

    commit: str
    at: str
    """UTC, ISO 8601, to the minute."""
    told: str
    """Its tally in a line."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """All that a comment is made of."""

    commit: str
    order: int
    """Grows with each run of the pull request; the greatest wins."""
    at: str
    previews: tuple[Preview, ...]
    log_url: str = ""
    history: tuple[Past, ...] = field(default=())
