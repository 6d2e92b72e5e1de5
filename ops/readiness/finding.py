"""One subject of one line of the checklist."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["passed", "failed", "not applicable"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One subject of one line."""

    id: str
    """`<line>/<subject>`; stable from run to run."""
    line: str
    required: bool
    state: State
    reason: str
    fix: str = ""
    """What to do where it failed; empty otherwise."""

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return asdict(self)


def shown(
    line: str, subject: str, proof: object, what: str, *, required: bool = True, source: str = "the state"
) -> Finding:
    """Passed where there is proof, failed where there is none, and so where nothing is known."""
    state: State = "passed" if proof else "failed"
    reason = f"{source} records {what}" if proof else f"{source} does not record {what}"
    return Finding(id=f"{line}/{subject}", line=line, required=required, state=state, reason=reason)


def none(line: str, subject: str, reason: str, *, required: bool = True) -> Finding:
    """The line does not apply, and why: always the stack file's word."""
    return Finding(id=f"{line}/{subject}", line=line, required=required, state="not applicable", reason=reason)
