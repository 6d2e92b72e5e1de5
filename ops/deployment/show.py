"""How a run is told: what the engine's display says of it, the findings, and the table of regions and layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.deployment import places
from ops.errors import OpsError
from sandbox.engine import losses
from sandbox.engine.display import Style, report

if TYPE_CHECKING:
    from ops.console import Output
    from ops.deployment.inputs import Inputs
    from sandbox.engine import Diagnostic, Outcome


_GO_ON = "what was done is recorded; mend the cause and run the same command again, it goes on from there"


def plan(output: Output, outcome: Outcome, *, diff: bool = False) -> None:
    """The steps with their diffs, the findings and the summary, as `pulumi preview` shows them."""
    for line in report(outcome, Style(color=output.color, width=output.width), diff=diff):
        output.say(line)


def standing(output: Output, inputs: Inputs, outcome: Outcome) -> None:
    """The table of what stands in each region, by layer."""
    columns, rows = places.table(outcome, inputs.settings.region_names)
    output.table(columns, rows, title="resources by layer and region")


def lost_data(outcome: Outcome) -> list[str]:
    """The stateful resources that the run replaces or deletes, a line each."""
    return [f"{step.op} {step.type} {step.name}" for step in losses(outcome.steps)]


def refuse_losses(outcome: Outcome, *, allowed: bool) -> None:
    """Stop before anything that holds data is replaced or deleted, unless that was asked for.

    Raises:
        OpsError: naming what would be lost.
    """
    lost = lost_data(outcome)
    if lost and not allowed:
        raise OpsError(
            f"the change replaces or deletes what holds data: {len(lost)} resources",
            why="\n".join(lost),
            fix="if that is what you want, repeat the command with --allow-replace (make: ALLOW_REPLACE=1)",
        )


def refuse_findings(outcome: Outcome) -> None:
    """Stop at findings that must not be deployed.

    Raises:
        OpsError: there are mandatory findings; each names the resource, the rule and the fix.
    """
    blocking = [finding for finding in outcome.findings if finding.blocking]
    if blocking:
        lines = [
            f"{finding.pack}/{finding.policy}: {finding.urn.split('::')[-1]}: {finding.message}" for finding in blocking
        ]
        raise OpsError(
            f"{len(blocking)} mandatory policy finding{'s' if len(blocking) > 1 else ''}: nothing is deployed",
            why="\n".join(lines),
            fix="change the stack file or the program as each says, then preview again",
        )


def refuse_preview(output: Output, outcome: Outcome, *, allow_replace: bool) -> None:
    """Stop where a preview says that the deployment must not happen, and show why.

    Raises:
        OpsError: mandatory findings, data that would be lost, or a preview that failed.
    """
    blocked = not outcome.ok or any(finding.blocking for finding in outcome.findings)
    if blocked or (losses(outcome.steps) and not allow_replace):
        plan(output, outcome)
        refuse_findings(outcome)
        refuse_failure(outcome, "the preview", recorded=False)
        refuse_losses(outcome, allowed=allow_replace)


def refuse_failure(outcome: Outcome, doing: str, *, recorded: bool = True) -> None:
    """Stop where a run failed. `recorded` says whether it did something that the state now holds.

    Raises:
        OpsError: with the errors of the run.
    """
    if outcome.ok:
        return
    lines = [f"{error.urn.split('::')[-1]}: {error.message}".removeprefix(": ").rstrip() for error in _causes(outcome)]
    raise OpsError(
        f"{doing} failed",
        why="\n".join(lines) or "see the lines above",
        fix=_GO_ON if recorded else "nothing was changed; mend the cause and run the same command again",
    )


def _causes(outcome: Outcome) -> list[Diagnostic]:
    """The errors of a run, without the program's own end where a resource's failure was the cause of it.

    The program hears of the failure as an exception and ends with its traceback, which says nothing that the
    resource's own line does not say.
    """
    errors = [diagnostic for diagnostic in outcome.diagnostics if diagnostic.severity == "error"]
    told = [error.message.partition(": ")[2].strip() or error.message for error in errors if error.urn]
    return [error for error in errors if error.urn or not any(cause and cause in error.message for cause in told)]
