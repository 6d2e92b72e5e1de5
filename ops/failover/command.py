"""`holdfast failover` and `holdfast failback`: observe, plan, ask, carry out."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops import lock
from ops.errors import OpsError
from ops.estate import control
from ops.estate.access import open_estate
from ops.estate.services import addresses
from ops.exits import Exit
from ops.failover import lease as leases
from ops.failover import plan as planning
from ops.failover.accepted import require_checks
from ops.failover.observe import observe
from ops.failover.run import Execution
from ops.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.console import Output
    from ops.estate.access import Estate
    from ops.failover.facts import Facts
    from ops.failover.lease import Held, Journal
    from ops.failover.plan import Kind, Plan


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the operator asked for."""

    kind: Kind
    source: str
    target: str | None
    reason: str = ""
    accept: tuple[str, ...] = ()
    """Names of checks whose fault is accepted."""
    resume: bool = False
    """Go on with another operator's unfinished operation."""
    plan_only: bool = False
    yes: bool = False
    stack: str | None = None
    topology: str | None = None


def operate(request: Request, output: Output, *, after_step: Callable[[str], None] = lambda _: None) -> None:
    """Leave a region, or use it again.

    Raises:
        OpsError: a precondition does not hold, declined, another operator is at work, or a step failed.
    """
    require_checks(request.accept)
    workspace = open_workspace(request.stack)
    estate = open_estate(workspace, topology=None if request.topology is None else Path(request.topology))
    control.require_known(estate, [request.source, request.target])
    if request.source == request.target:
        raise OpsError(f"{request.source} cannot take its own place", fix="name another with --to", code=Exit.USAGE)
    guard = contextlib.nullcontext() if request.plan_only else lock.hold(workspace.root / "failover.lock")
    with guard:
        _operate(request, workspace, estate, output, after_step)


def _operate(
    request: Request, workspace: Workspace, estate: Estate, output: Output, after_step: Callable[[str], None]
) -> None:
    services = addresses(estate, workspace)
    lease = leases.Lease(estate, avoid=request.source)
    held = lease.read()
    resumed = _resumable(held, request)
    if resumed is not None:
        journal = resumed
        plan = _unchecked(request.kind, journal.source, journal.target)
        output.say(f"going on with the {request.kind} of {journal.source} that {journal.by} began")
    else:
        operation = leases.describe(held) if held and leases.at_work(held) else None
        facts = observe(estate, services, source=request.source, operation=operation)
        plan = make_plan(request, facts)
        _show(plan, request, output)
        _refuse(plan, request.accept)
        if request.plan_only:
            output.result({"ok": True, "plan": plan.to_dict()})
            return
        output.confirm(f"Carry out this {request.kind} of {request.source}?", yes=request.yes)
        journal = leases.new_journal(request.kind, plan.source, plan.target)
    lease.take(journal, alone="control-plane-alone" in request.accept)
    reason = request.reason or f"{request.kind} by {journal.by}"
    execution = Execution(
        estate, plan, journal, lease, services=services, reason=reason, say=output.say, after_step=after_step
    )
    try:
        execution.run()
    finally:
        path = _record(workspace, journal)
    seconds = time.time() - journal.started
    output.say(f"ok: {request.kind} of {plan.source} done in {seconds:.1f} s; the record is {path.name}")
    output.result({"ok": True, "plan": plan.to_dict(), "journal": vars(journal), "record": str(path)})


def make_plan(request: Request, facts: Facts) -> Plan:
    """The plan for what was asked.

    Raises:
        OpsError: no other region is left.
    """
    target = request.target or planning.next_region(facts, request.source)
    if target is None:
        raise OpsError(
            f"no region is left to take the place of {request.source}",
            why="every other one is evacuated or does not answer",
            fix="readmit one first: holdfast readmit REGION",
        )
    make = planning.failover if request.kind == "failover" else planning.failback
    return make(facts, request.source, target)


def _unchecked(kind: Kind, source: str, target: str) -> Plan:
    """The plan of an operation that was approved before: its steps, without judging it again half-way."""
    return planning.Plan(kind=kind, source=source, target=target, faults=(), warnings=(), steps=planning.ORDER[kind])


def _resumable(held: Held | None, request: Request) -> Journal | None:
    if held is None or held.journal.finished is not None:
        return None
    journal = held.journal
    if (journal.kind, journal.source) != (request.kind, request.source):
        return None
    if request.target not in (None, journal.target):
        return None
    # The lock of this machine is held, so a command of the same operator that began it here is dead.
    return journal if request.resume or journal.by == control.operator() else None


def _show(plan: Plan, request: Request, output: Output) -> None:
    leaving = plan.kind == "failover"
    output.say(
        f"{plan.kind}: clients leave {plan.source} for {plan.target}"
        if leaving
        else f"{plan.kind}: clients of {plan.target} may use {plan.source} again"
    )
    for number, step in enumerate(plan.steps, start=1):
        output.say(f"  {number}. {planning.describe(step, plan)}")
    for warning in plan.warnings:
        output.warn(warning)
    for fault in plan.faults:
        accepted = " (accepted)" if fault.check in request.accept else ""
        output.warn(f"{fault.check}{accepted}: {fault.message}; {fault.fix}")
    if not plan.faults:
        output.say("every check holds")


def _refuse(plan: Plan, accept: tuple[str, ...]) -> None:
    standing = [fault for fault in plan.faults if fault.check not in accept]
    if standing:
        checks = " ".join(f"--accept {fault.check}" for fault in standing)
        raise OpsError(
            f"{len(standing)} preconditions do not hold; nothing was done",
            why="\n".join(f"{fault.check}: {fault.message}\n  {fault.fix}" for fault in standing),
            fix=f"mend them, or go on knowing them: {checks}",
            code=Exit.BUSY if any(fault.check == "operation-running" for fault in standing) else Exit.FAILED,
        )


def _record(workspace: Workspace, journal: Journal) -> Path:
    folder = workspace.evidence / "operations"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{journal.kind}-{journal.operation}.json"
    document: dict[str, Any] = vars(journal)
    path.write_text(json.dumps(document, indent=2) + "\n")
    return path


__all__ = ["Request", "make_plan", "operate"]
