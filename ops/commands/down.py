"""`holdfast down`."""

import typer

from ops import options
from ops.console import Output
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def down(
    *,
    stack: options.Stack = None,
    engine: options.Engine = "sandbox",
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Destroy the stack in the sandbox and stop everything.

    Shows the plan and the protections that it lifts, asks, destroys, and leaves nothing running. It never touches
    a stack in AWS: that is for `pulumi destroy`, which honours every protection.

    Examples:  holdfast down  |  holdfast down --stack dev --yes
    """
    from ops.deployment.down import down as take_down

    output = Output(as_json=as_json, plain=plain)
    output.result(take_down(open_workspace(stack), output, engine=engine, yes=yes))
