"""`holdfast report`."""

from pathlib import Path
from typing import Annotated

import typer

from ops import options
from ops.console import Output

app = typer.Typer(rich_markup_mode=None)


@app.command()
def report(
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="The page.  [default: .holdfast/STACK/report.html]"),
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FILE", help="An export of the stack.  [default: the sandbox's]")
    ] = None,
    topology: options.Topology = None,
    stack: options.Stack = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Write one self-contained page: regions and layers, findings, costs, drills, readiness, replication lag.

    With --topology a stack in AWS is asked for its replication lag of the last day. No script and no request; readable
    on a phone and printable. A stack that is not deployed is shown as its stack file asks for it. Findings are listed
    here too, each with what to write instead.

    Examples:  holdfast report --out prod.html  |  holdfast report --state prod.json --json
    """
    from ops.report.command import write

    path = None if topology is None else Path(topology)
    write(stack, Output(as_json=as_json, plain=plain), out=out, state=state, topology=path)
