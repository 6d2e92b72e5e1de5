"""`holdfast failover`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output

app = typer.Typer(rich_markup_mode=None)


@app.command()
def failover(
    *,
    source: Annotated[str, typer.Option("--from", metavar="REGION", help="The region to leave.")],
    target: Annotated[
        str | None, typer.Option("--to", metavar="REGION", help="Where clients go.  [default: next in their order]")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", "-r", help="For the record.")] = "",
    accept: options.Accept = [],  # noqa: B006 (typer makes a new one)
    resume: options.Resume = False,
    plan: options.PlanOnly = False,
    stack: options.Stack = None,
    topology: options.Topology = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
) -> None:
    """Leave a region: checks, a plan, approval, and its steps over data planes only.

    Killed at any step, the same command goes on from there. The record of the steps and their times is kept in
    .holdfast/STACK/evidence/operations/, and in the control table while it runs.

    Examples:  holdfast failover --from us-east-1 --plan  |  holdfast failover --from us-east-1 --accept lag --yes
    """
    from ops.failover.command import Request, operate

    request = Request(
        kind="failover", source=source, target=target, reason=reason, accept=tuple(accept), resume=resume,
        plan_only=plan, yes=yes, stack=stack, topology=topology,
    )  # fmt: skip
    operate(request, Output(as_json=as_json))
