"""The verdict: what of the demands the measurements do not meet. A pure function of the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops.proof.plan import Demands

PHASES = ("before", "during", "after")


def failures(evidence: dict[str, Any], demands: Demands) -> list[str]:
    """What failed, a sentence each; empty means that the proof holds."""
    found = list(evidence["lag"]["faults"])
    alone = len(evidence["readback"]) == 1
    for name in PHASES:
        judge = _refused if alone and name == "during" else _phase
        found += judge(name, evidence["phases"].get(name), demands)
    found += _rejoined(evidence) if alone else _failover(evidence, demands)
    for region, result in evidence["readback"].items():
        lost = len(result["missing"])
        if lost:
            found.append(f"{region}: {lost} acknowledged orders cannot be read, such as {result['missing'][0]}")
        if result["altered"]:
            found.append(f"{region}: {len(result['altered'])} orders differ, such as {result['altered'][0]}")
        if result["read"] < evidence["acknowledged"] - lost:
            found.append(f"{region}: {result['read']} of {evidence['acknowledged']} acknowledged orders were read back")
    return found


def _phase(name: str, figures: dict[str, Any] | None, demands: Demands) -> list[str]:
    if figures is None:
        return [f"{name} the cut: not reached"]
    found = []
    if figures["counted"] < demands.acknowledged:
        found.append(
            f"{name} the cut: {figures['counted']} orders acknowledged in {figures['seconds']} s, "
            f"{demands.acknowledged} wanted{_errors(figures)}"
        )
    if figures["acknowledged_per_second"] < demands.writes_per_second:
        found.append(
            f"{name} the cut: {figures['acknowledged_per_second']} acknowledged a second, "
            f"at least {demands.writes_per_second:g} wanted{_errors(figures)}"
        )
    return found


def _refused(name: str, figures: dict[str, Any] | None, demands: Demands) -> list[str]:
    """A stack of one region has nowhere to go: it must say so, order by order, and not keep its clients waiting."""
    if figures is None:
        return [f"{name} the cut: not reached"]
    if figures["failed"] >= demands.acknowledged:
        return []
    seen = f"{figures['failed']} orders refused in {figures['seconds']} s, {demands.acknowledged} wanted"
    return [f"{name} the cut: {seen}: clients wait instead{_errors(figures)}"]


def _errors(figures: dict[str, Any]) -> str:
    errors = ", ".join(f"{count} times {error}" for error, count in figures["errors"].items())
    return f" (errors: {errors})" if errors else ""


def _failover(evidence: dict[str, Any], demands: Demands) -> list[str]:
    seconds, home = evidence["failover"]["seconds"], evidence["home"]
    found = []
    if seconds is None:
        found.append(f"after the cut of {home} writes did not flow again from another region")
    elif seconds > demands.failover_seconds:
        found.append(f"failover took {seconds:.1f} s, at most {demands.failover_seconds:g} s wanted")
    found += _rejoined(evidence)
    if evidence["caught_up"]["seconds"] is None:
        found.append(f"{home} was healed and did not catch up with what the others had acknowledged")
    return found


def _rejoined(evidence: dict[str, Any]) -> list[str]:
    return [] if evidence["rejoined"]["seconds"] is not None else [f"{evidence['home']} was healed and not used again"]
