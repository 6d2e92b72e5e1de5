"""`holdfast deploy`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def deploy(
    *,
    stack: options.Stack = None,
    aws: Annotated[
        bool, typer.Option("--aws", help="The stack in AWS, by the pulumi command as it is signed in.")
    ] = False,
    first: Annotated[
        str | None, typer.Option("--first", metavar="REGION", help="Begin there.  [default: the last that is not home]")
    ] = None,
    bake: Annotated[
        float,
        typer.Option("--bake", min=0, metavar="SECONDS", help="How long the first region stands before the rest."),
    ] = 600.0,
    look: Annotated[
        float, typer.Option("--look", min=0.5, metavar="SECONDS", help="Between two looks at the alarms.")
    ] = 10.0,
    plan: options.PlanOnly = False,
    allow_replace: options.AllowReplace = False,
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Deploy a change in waves: one region, time to see it stand, then the rest.

    An alarm that was quiet before and rings while the first region bakes stops the deployment: the other regions are
    left as they were. What is global and changes goes last. Exit code 1 where it was stopped.

    Examples:  holdfast deploy --plan  |  holdfast deploy --aws --stack prod --bake 900 --yes
    """
    from ops.deployment.deploy import deploy as run

    output = Output(as_json=as_json, plain=plain)
    output.result(
        run(
            open_workspace(stack),
            output,
            engine="aws" if aws else "sandbox",
            first=first,
            bake_seconds=bake,
            look_seconds=look,
            allow_replace=allow_replace,
            yes=yes,
            plan_only=plan,
        )
    )
