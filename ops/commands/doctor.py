"""`holdfast doctor`."""

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit

app = typer.Typer(rich_markup_mode=None)


@app.command()
def doctor(
    *,
    stack: options.Stack = None,
    topology: options.Topology = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Say what this machine and account lack for each command, with the fix.

    Exit code 1 where something is missing that a command cannot do without.

    Examples:  holdfast doctor  |  holdfast doctor --topology topology.json --json
    """
    from ops.doctor import examine

    if not examine(stack, topology, Output(as_json=as_json, plain=plain)):
        raise typer.Exit(Exit.FAILED)
