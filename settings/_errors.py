"""What is wrong with a stack file, told so that its author can put it right."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault of a stack file."""

    path: str
    """Where: the path in the stack file, for example `holdfast:data.tables.orders.ttl_attribute`."""
    value: object
    """What stands there; None where something is missing."""
    rule: str
    """What the value breaks."""
    fix: str
    """What to write instead."""
    line: int | None = None
    """Line of the stack file, counted from 1, where it is known."""

    def text(self, source: str) -> str:
        """Three lines for a person: where, what and why, what to write instead."""
        where = source if self.line is None else f"{source}:{self.line}"
        return f"{where}: {self.path}\n  {self.rule}\n  {self.fix}"


class SettingsError(ValueError):
    """A stack file that cannot be deployed. `faults` holds everything that is wrong with it."""

    def __init__(self, source: str, faults: tuple[Fault, ...]) -> None:
        self.source = source
        self.faults = faults
        super().__init__("\n".join(fault.text(source) for fault in faults))
