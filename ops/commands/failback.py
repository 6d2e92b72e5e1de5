"""`holdfast failback`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output

app = typer.Typer(rich_markup_mode=None)


@app.command()
def failback(
    *,
    source: Annotated[str, typer.Option("--from", metavar="REGION", help="The region that was left.")],
    target: Annotated[
        str | None, typer.Option("--to", metavar="REGION", help="Which serves now.  [default: next in clients' order]")
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
    """Use a region again that was left: it is checked, drained and compared item by item before clients return.

    Examples:  holdfast failback --from us-east-1 --plan  |  holdfast failback --from us-east-1 --yes
    """
    from ops.failover.command import Request, operate

    request = Request(
        kind="failback", source=source, target=target, reason=reason, accept=tuple(accept), resume=resume,
        plan_only=plan, yes=yes, stack=stack, topology=topology,
    )  # fmt: skip
    operate(request, Output(as_json=as_json))
