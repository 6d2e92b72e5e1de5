"""A drill from its pre-checks to its evidence, in the sandbox or in AWS. It heals whatever happens."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.deployment import cloud
from ops.drill import checks, experiment, figures
from ops.drill.healer import Healer
from ops.drill.inject import SandboxFailure
from ops.drill.judge import judge
from ops.drill.perform import Course, perform
from ops.drill.standing import Standing
from ops.drill.stops import Limits
from ops.errors import OpsError
from ops.estate import control
from ops.estate.control import operator

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.drill.events import EventLog
    from ops.drill.inject import Failure
    from ops.drill.scenario import Scenario
    from ops.estate.access import Estate
    from ops.workspace import Workspace
    from sandbox.cloud import Sandbox

EXPERIMENT_SECONDS = 3600.0
"""An experiment in AWS ends by itself after what its template says; this is the most that a drill waits for it."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a drill runs."""

    workspace: Workspace
    estate: Estate
    sandbox: Sandbox | None
    """None in AWS."""
    services: dict[str, str]
    """Region → address of its orders service."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for."""

    scenario: Scenario
    seconds: float | None = None
    """How long the failure lasts; None is the scenario's own figure."""
    limits: Limits = field(default_factory=Limits)


def run(place: Place, order: Order, say: Callable[[str], None]) -> tuple[dict[str, Any], EventLog]:
    """Carry a drill out.

    Returns:
        The evidence without its signature, and the raw log.

    Raises:
        OpsError: a pre-check does not hold, or it was interrupted before anything failed.
    """
    scenario, home = order.scenario, place.estate.topology.home_region
    checks.mended(place.workspace.root, say)
    checks.check(place.estate, scenario, place.services)
    started = datetime.now(UTC)
    drill = f"{scenario.name}-{started:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
    failure, keys, alarms = _failure(place, scenario, drill)
    standing = Standing(
        drill=drill, pid=os.getpid(), region=home, sandboxed=place.sandbox is not None, keys=tuple(keys)
    )
    seconds = order.seconds or (scenario.failure_seconds if place.sandbox else EXPERIMENT_SECONDS)
    course = Course(
        estate=place.estate, scenario=scenario, services=place.services, failure=failure, seconds=seconds,
        limits=order.limits, say=say,
    )  # fmt: skip
    with Healer(place.workspace.root, standing):
        log, stopped = asyncio.run(perform(course))
    objectives = scenario.objectives.of_stack(place.estate.topology.objectives)
    computed = figures.compute(log, home=home)
    failed = judge(computed, objectives, leaves_home=scenario.leaves_home)
    evidence = {
        "id": drill,
        "stack": place.estate.topology.stack,
        "sandbox": place.sandbox is not None,
        "operator": operator(),
        "started": started.isoformat(timespec="milliseconds"),
        "region": home,
        "scenario": asdict(scenario),
        "objectives": asdict(objectives),
        "stop_conditions": asdict(order.limits) | {"alarms": alarms},
        "stopped_because": stopped,
        "figures": computed,
        "ok": not failed and not stopped,
        "failures": ([f"stopped: {stopped}"] if stopped else []) + failed,
    }
    return evidence, log


def _failure(place: Place, scenario: Scenario, drill: str) -> tuple[Failure, list[str], list[str]]:
    """What makes the region fail, the keys that it disables, and the alarms that end it."""
    home = place.estate.topology.home_region
    if place.sandbox is not None:
        key = checks.key_to_disable(place.estate, scenario)
        return SandboxFailure(scenario, home, place.sandbox, place.estate, key), [key] if key else [], []
    template = experiment.template_of(place.estate, scenario)
    alarms = experiment.check(place.estate, template)
    stack = place.estate.topology.stack
    return experiment.Experiment(place.estate.client("fis", home), template, drill=drill, stack=stack), [], alarms


def leave_nothing(estate: Estate, sandbox: Sandbox | None) -> None:
    """After a drill no fault stands and no region is flagged by it.

    Raises:
        OpsError: something still stands.
    """
    standing = cloud.status(sandbox, estate.topology.stack).faults if sandbox else ()
    if standing:
        raise OpsError(f"a fault still stands after the drill: {standing}", fix="end it: holdfast sandbox heal")
    flags = control.read_flags(estate)
    for name in estate.regions:
        flag = control.newest(flags, name)
        if flag is not None and flag.holds(time.time()):
            raise OpsError(f"{name} is still evacuated after the drill", fix=f"holdfast readmit {name}")
