"""`holdfast status`."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def status(
    *,
    stack: options.Stack = None,
    topology: options.Topology = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again until Ctrl-C.")] = False,
    interval: Annotated[float, typer.Option(min=0.5, metavar="SECONDS", help="Between two looks.")] = 5.0,
    times: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="With --watch: look so often, then end.")
    ] = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Show every region: reachable, tables, replication lag, evacuation, alarms, how far back it can be restored.

    Each region is probed by an item written and read in the control table. Exit code 0 where all are well and in
    use, 1 where one is not.

    Examples:  holdfast status  |  holdfast status --watch  |  holdfast status --topology topology.json --json
    """
    from ops.estate import early
    from ops.estate.access import open_estate
    from ops.estate.show import show

    output = Output(as_json=as_json, plain=plain)
    workspace = open_workspace(stack)
    estate = open_estate(workspace, topology=None if topology is None else Path(topology))

    def services() -> Mapping[str, str]:
        from ops.estate.services import addresses

        return addresses(estate, workspace)

    code = show(estate, services, output, begun=early.taken())
    looked = 1
    while watch and looked != times:
        time.sleep(interval)
        if output.lively:
            output.console.clear()
        output.say(time.strftime("-- %H:%M:%S"))
        code, looked = show(estate, services, output), looked + 1
    raise typer.Exit(code)
