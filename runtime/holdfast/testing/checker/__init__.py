"""Judges histories of operations: what was promised, and what the replicas hold at rest."""

from holdfast.testing.checker.history import History, Op, Report, Violation, group
from holdfast.testing.checker.lineage import check_logs
from holdfast.testing.checker.linearizable import UNKNOWN, Event, key_value, linearizable, register
from holdfast.testing.checker.rules import check
from holdfast.testing.checker.timeline import draw

__all__ = [
    "UNKNOWN",
    "Event",
    "History",
    "Op",
    "Report",
    "Violation",
    "check",
    "check_logs",
    "draw",
    "group",
    "key_value",
    "linearizable",
    "register",
]
