"""`holdfast deploy`: a change to a standing stack, a region first, then the rest, stopped by the stack's own alarms."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ops import lock
from ops.console import Output
from ops.deployment import show
from ops.deployment.bake import Ringing, bake, ringing
from ops.deployment.inputs import Inputs, read_inputs
from ops.deployment.removal import refuse_removals
from ops.deployment.runner import Runner
from ops.deployment.waves import Wave, plan, require_first
from ops.errors import OpsError
from ops.estate.access import named_estate, open_estate
from ops.exits import Exit
from ops.workspace import Workspace
from sandbox.codec import plain
from sandbox.engine.targets import Targets


def deploy(
    workspace: Workspace,
    output: Output,
    *,
    engine: str,
    first: str | None = None,
    bake_seconds: float = 600.0,
    look_seconds: float = 10.0,
    allow_replace: bool = False,
    yes: bool = False,
    plan_only: bool = False,
) -> dict[str, Any]:
    """Carry a change out in waves.

    Args:
        workspace: the stack.
        output: where to tell it.
        engine: `sandbox` for the stack that `holdfast up` brought up, `aws` for the pulumi command as it is signed in.
        first: the region to begin with; the last that changes and is not home by default.
        bake_seconds: how long the first region stands before the rest follows.
        look_seconds: between two looks at the alarms.
        allow_replace: what holds data may be lost.
        yes: do not ask.
        plan_only: show the waves and change nothing.

    Raises:
        OpsError: a finding, a loss, a failure, or an alarm; what was deployed stays, and the message says what was not.
    """
    with lock.hold(workspace.lock):
        inputs = read_inputs(workspace)
        settings = inputs.settings
        require_first(first, regions=settings.region_names, home=settings.home.name)
        runner = _runner(engine, inputs)
        preview = runner().preview()
        refuse_removals(inputs, plain(preview.old_outputs))
        show.refuse_preview(output, preview, allow_replace=allow_replace)
        waves = plan(
            preview,
            stack=workspace.stack,
            project=inputs.program.project,
            regions=settings.region_names,
            home=settings.home.name,
            first=first,
        )
        show.plan(output, preview)
        document: dict[str, Any] = {"ok": True, "stack": workspace.stack, "waves": [_told(wave) for wave in waves]}
        for number, wave in enumerate(waves, 1):
            output.say(f"wave {number} of {len(waves)}: {wave.name}: {wave.changes} changes")
        if not waves:
            output.say("0 changes: there is nothing to deploy")
        if plan_only or not waves:
            return document
        look = _look(workspace, engine, watched=bake_seconds > 0 and len(waves) > 1)
        output.confirm(f"Deploy to stack {workspace.stack}?", yes=yes)
        before = look()
        for number, wave in enumerate(waves):
            _carry_out(runner(wave), wave, document["waves"][number], output, done=waves[:number])
            if number + 1 < len(waves):
                output.say(f"watching the alarms for {bake_seconds:.0f} s")
                for left in bake(look, before, seconds=bake_seconds, interval=look_seconds):
                    if output.lively:
                        output.say(f"  quiet; {left:.0f} s left")
        return document


def _carry_out(runner: Runner, wave: Wave, told: dict[str, Any], output: Output, *, done: tuple[Wave, ...]) -> None:
    told["began"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    started = time.monotonic()
    outcome = runner.up(lambda _: None)
    told["seconds"] = round(time.monotonic() - started, 1)
    try:
        show.refuse_failure(outcome, f"wave {wave.name!r}")
    except OpsError as error:
        standing = ", ".join(region for one in done for region in one.regions) or "none"
        raise OpsError(
            error.what,
            why=f"{error.why}\nregions with the whole change: {standing}",
            fix="mend the cause and deploy again, or deploy the commit before this one to go back",
        ) from error
    output.say(f"  {outcome.changes} changes in {told['seconds']} s")


def _runner(engine: str, inputs: Inputs) -> Callable[..., Runner]:
    """What makes the runner of a wave; of everything where none is given."""
    if engine == "aws":
        from ops.deployment.pulumi_cli import PulumiCli  # noqa: PLC0415 (one of two is loaded)

        return lambda wave=None: PulumiCli(inputs, targets=wave.targets if wave else ())
    from ops.deployment.sandbox_runner import SandboxRunner  # noqa: PLC0415 (one of two is loaded)

    return lambda wave=None: SandboxRunner(
        inputs, empty=False, targets=Targets(include=wave.targets) if wave and wave.targets else None
    )


def _look(workspace: Workspace, engine: str, *, watched: bool) -> Callable[[], Ringing]:
    """What tells which alarms ring. A stack in AWS is never taken for the one in the sandbox."""
    if not watched:
        return dict
    estate = open_estate(workspace) if engine == "sandbox" else named_estate(workspace)
    if estate is None:
        raise OpsError(
            "there is no topology, so no alarm can be watched while the first region bakes",
            fix="name it: HOLDFAST_TOPOLOGY=topology.json (pulumi stack output topology --json); or --bake 0",
            code=Exit.USAGE,
        )
    return lambda: ringing(estate)


def _told(wave: Wave) -> dict[str, Any]:
    return {"name": wave.name, "regions": list(wave.regions), "changes": wave.changes}
