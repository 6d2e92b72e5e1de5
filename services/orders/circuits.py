"""The circuits of a process's clients in short words, for those who look at many processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.resilience import Core

WORST = ("open", "half-open", "closed")
"""States of a circuit, the worst first."""


def circuits(cores: Iterable[Core]) -> dict[str, Any]:
    """Where writes go, and per region the state of reads and writes: of several clients the worst.

    Returns:
        `{"writer": region, "breakers": {region: {"read": state, "write": state}}}`; the writer is the first client's.
    """
    writer: str | None = None
    breakers: dict[str, dict[str, str]] = {}
    for core in cores:
        writer = writer or core.router.writer.name
        for state in core.router.states:
            known = breakers.setdefault(state.name, {"read": "closed", "write": "closed"})
            for kind, breaker in (("read", state.read), ("write", state.write)):
                known[kind] = min(known[kind], breaker.view().state, key=WORST.index)
    return {"writer": writer, "breakers": breakers}
