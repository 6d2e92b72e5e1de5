"""Whether a drill met its objectives: each that it missed, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.drill.scenario import Objectives


def judge(figures: Mapping[str, Any], objectives: Objectives, *, leaves_home: bool) -> list[str]:
    """Which objectives the figures miss."""
    return [*_recovered(figures, objectives, leaves_home=leaves_home), *_served(figures, objectives)]


def _recovered(figures: Mapping[str, Any], objectives: Objectives, *, leaves_home: bool) -> Iterator[str]:
    serving, age, lost = figures["rto"]["serving"], figures["at_risk"]["oldest_seconds"], figures["lost"]
    if leaves_home and serving is None:
        yield "no other region served while the home region was gone"
    elif leaves_home and serving > objectives.rto_seconds:
        yield f"RTO {serving:.1f} s, objective {objectives.rto_seconds:g} s"
    if leaves_home and figures["rto"]["recover"] is None:
        yield "the home region was not used again after it was healed"
    if age is not None and age > objectives.rpo_seconds:
        yield f"RPO {age:.2f} s, objective {objectives.rpo_seconds:g} s"
    if lost:
        yield f"{len(lost)} acknowledged orders were lost, such as {lost[0]}"


def _served(figures: Mapping[str, Any], objectives: Objectives) -> Iterator[str]:
    share, p99, rate = (
        figures["errors_share"],
        figures["p99_ms"],
        figures["phases"]["during"]["acknowledged_per_second"],
    )
    if share > objectives.error_share:
        yield f"{share:.0%} of attempts failed, objective {objectives.error_share:.0%}"
    if p99 is None or p99 > objectives.p99_ms:
        yield f"p99 {p99} ms during the failure, objective {objectives.p99_ms:g} ms"
    if rate < objectives.least_per_second:
        yield f"{rate:g} orders a second acknowledged during the failure, objective {objectives.least_per_second:g}"
    reads = figures["reads"]
    if reads is not None and reads["failed"] > objectives.error_share * reads["attempts"]:
        yield f"{reads['failed']} of {reads['attempts']} reads failed, objective {objectives.error_share:.0%}"
