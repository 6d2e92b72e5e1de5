"""Rules for items that keep a log of the writes they went through: an update appends its name to a list.

The log shows what single values cannot: that an update took effect twice, that one which was reported as failed took
effect, and whose acknowledged updates a failover superseded.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from holdfast.testing.checker.history import Op, Report, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def check_logs(ops: Iterable[Op], logs: Mapping[str, Sequence[str]], report: Report) -> None:
    """Judge the logs that the items of each key hold at rest against the updates that were made."""
    by_key: dict[str, dict[str, Op]] = {}
    for op in ops:
        if op.kind == "write":
            by_key.setdefault(op.key, {})[str(op.value)] = op
    for key, mine in by_key.items():
        log = logs.get(key, ())
        for name, times in Counter(log).items():
            made = mine.get(name)
            if made is None:
                report.violations.append(Violation("phantom", key, f"the log holds {name}, which nobody wrote"))
            elif times > 1:
                report.violations.append(Violation("applied-twice", key, f"{name} took effect {times} times", (made,)))
            elif made.outcome == "failed":
                report.violations.append(
                    Violation("failed-write-visible", key, f"{name} was reported as failed, and took effect", (made,))
                )
        there = set(log)
        report.superseded.extend(write for name, write in mine.items() if write.outcome == "ok" and name not in there)
