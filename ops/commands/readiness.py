"""`holdfast readiness`."""

from pathlib import Path
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit

app = typer.Typer(rich_markup_mode=None)


@app.command()
def readiness(
    *,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FILE", help="An export of the stack.  [default: the sandbox's]")
    ] = None,
    stack: options.Stack = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Judge the stack by the production checklist: what the stack file wants, shown by the state and by evidence.

    What is not known counts as failed, and evidence of drills and proofs ages out. Exit code 1 where a required
    line fails.

    Examples:  holdfast readiness  |  pulumi stack export > prod.json && holdfast readiness --state prod.json --json
    """
    from ops.readiness.command import show

    if not show(stack, state, Output(as_json=as_json, plain=plain)):
        raise typer.Exit(Exit.FAILED)
