"""The rules that hold per key, each linear in the operations of the key once they are sorted.

They judge what an eventually consistent global table promises a client that keeps to one writing region at a
time; linearizability, which a single region or MRSC promises, is judged in `linearizable`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from holdfast.testing.checker.history import History, Op, Report, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOCKS_DIFFER_SECONDS = 0.1
"""Up to which the clocks of regions may differ: what the client's handover of writes covers."""


def check(history: History) -> Report:
    """Judge a history by every rule."""
    report = Report(operations=len(history.ops))
    for key, ops in history.by_key().items():
        writes: dict[Any, Op] = {}
        for op in ops:
            if op.kind != "read" and op.value is not None:
                writes[op.value] = op
        _reads_of_real_writes(key, ops, writes, report)
        _sessions(key, ops, writes, report)
        _caches(key, ops, writes, report)
        if history.at_rest:
            _at_rest(key, ops, writes, history.at_rest, report)
    return report


def _reads_of_real_writes(key: str, ops: list[Op], writes: Mapping[Any, Op], report: Report) -> None:
    """A read gives what some write wrote; never from the future, and never what was said to have failed."""
    for op in ops:
        if op.kind != "read" or op.outcome != "ok" or op.value is None:
            continue
        source = writes.get(op.value)
        if source is None:
            report.violations.append(Violation("phantom", key, f"read {op.value!r}, which nobody wrote", (op,)))
        elif source.outcome == "failed":
            report.violations.append(
                Violation(
                    "failed-write-visible", key, f"{op.value!r} was reported as failed, and was read", (source, op)
                )
            )
        elif source.start > op.end:
            report.violations.append(
                Violation("read-from-the-future", key, f"{op.value!r} was read before it was written", (op, source))
            )


def _sessions(key: str, ops: list[Op], writes: Mapping[Any, Op], report: Report) -> None:
    """Within a session no read goes back in time: not behind a write of the session, nor behind a read."""
    seen: dict[str, list[Op]] = {}
    for op in ops:
        if op.session is not None and op.outcome == "ok" and (op.version is not None or op.kind == "read"):
            seen.setdefault(op.session, []).append(op)
    for session, mine in seen.items():
        # A sweep over starts and ends: the floor is the highest version of what had ended before.
        ended = sorted(mine, key=lambda op: op.end)
        position, floor, holder = 0, -1, None
        for op in mine:
            while position < len(ended) and ended[position].end <= op.start:
                done = ended[position]
                version = -1 if done.version is None else done.version
                if version > floor:
                    floor, holder = version, done
                position += 1
            if op.kind == "read" and holder is not None and (op.version if op.version is not None else -1) < floor:
                if op.value is None:
                    sources = [o for o in ops if o.kind == "delete" and o.outcome != "failed" and o.start < op.end]
                else:
                    sources = [writes[op.value]] if op.value in writes else []
                if not _went_back(sources, holder):
                    report.violations.append(
                        Violation("read-back-in-time", key, f"session {session} had seen version {floor}, and read "
                                  f"{op.version}", (holder, op))
                    )  # fmt: skip


def _went_back(sources: list[Op], newer: Op) -> bool:
    """Whether what was read is of a write that took effect once more after the newer one: the item did go back.

    A put that was sent twice, and whose first send was given up and arrived late, supersedes what came between: by the
    clocks of regions, which may differ. Likewise a delete, of which nothing is read.
    """
    since = (newer.start if newer.began is None else newer.began) - CLOCKS_DIFFER_SECONDS
    return any(source.over > since for source in sources)


def _caches(key: str, ops: list[Op], writes: Mapping[Any, Op], report: Report) -> None:
    """A cached value does not outlive its version: after a write that told the cache, no older value comes from it."""
    caches = {op.cache for op in ops if op.cache is not None and op.kind == "read"}
    for cache in caches:
        told = [op for op in ops if op.kind != "read" and op.cache == cache and op.outcome == "ok"]
        told = sorted((op for op in told if op.version is not None), key=lambda op: op.end)
        position, floor, holder = 0, -1, None
        for op in ops:
            if op.kind != "read" or op.cache != cache or op.outcome != "ok":
                continue
            while position < len(told) and told[position].end <= op.start:
                version = told[position].version
                if version is not None and version > floor:
                    floor, holder = version, told[position]
                position += 1
            older = holder is not None and op.version is not None and op.version < floor
            if (
                holder is not None
                and older
                and not _went_back([writes[op.value]] if op.value in writes else [], holder)
            ):
                report.violations.append(
                    Violation("cache-outlived-version", key, f"the cache of {cache} gave version {op.version} after "
                              f"version {floor} was acknowledged", (holder, op))
                )  # fmt: skip


def _at_rest(
    key: str, ops: list[Op], writes: Mapping[Any, Op], at_rest: Mapping[str, Mapping[str, Any]], report: Report
) -> None:
    """At rest all replicas agree, and no acknowledged write is lost."""
    held = {region: items.get(key) for region, items in at_rest.items()}
    if len(set(held.values())) > 1:
        report.violations.append(Violation("replicas-differ", key, f"at rest: {held}"))
        return
    final = next(iter(held.values()))
    acknowledged = [op for op in ops if op.kind != "read" and op.outcome == "ok"]
    if final is not None:
        source = writes.get(final)
        if source is None:
            report.violations.append(Violation("phantom", key, f"at rest {final!r}, which nobody wrote"))
            return
        if source.outcome == "failed":
            report.violations.append(
                Violation("failed-write-visible", key, f"{final!r} was reported as failed, and is at rest", (source,))
            )
        over = source.over
        _lost(key, acknowledged, source, over, report)
    elif acknowledged:
        deletes = [op for op in ops if op.kind == "delete" and op.outcome != "failed"]
        over = max((op.over for op in deletes), default=-math.inf)
        last = max(deletes, key=lambda op: op.over, default=None)
        _lost(key, [op for op in acknowledged if op.kind == "write"], last, over, report)


def _lost(key: str, acknowledged: list[Op], final: Op | None, over: float, report: Report) -> None:
    """Writes that began after the surviving one was over cannot have been superseded by it."""
    for op in acknowledged:
        if op is final:
            continue
        if op.start > over:
            report.violations.append(
                Violation("lost-write", key, f"{op.value!r} was acknowledged, and at rest is "
                          f"{final.value if final else None!r}, which was over before it began",
                          (op,) if final is None else (final, op))
            )  # fmt: skip
        elif final is not None and op.end > final.start and op.over != math.inf and op.start >= final.start:
            report.superseded.append(op)
