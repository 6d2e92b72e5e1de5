"""`holdfast capacity`."""

from pathlib import Path
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit

app = typer.Typer(rich_markup_mode=None)


@app.command()
def capacity(
    *,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="The history: time,region,table,index,read_units,write_units."),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=60, help="How far back CloudWatch is asked.")
    ] = 14,
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="YYYY-MM", help="The monthly report: that month alone, kept as a page."),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="Also write the report as a page.")
    ] = None,
    stack: options.Stack = None,
    topology: options.Topology = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Compare on-demand, provisioned and reserved capacity by what each table and index really consumed.

    Shows the assumptions, the change of the stack file to apply, the hottest keys, and for each lost region whether
    the others can take its load. Exit code 1 where they cannot.

    Examples:  holdfast capacity --month 2026-10  |  holdfast capacity --days 30 --page capacity.html  |
    holdfast capacity --csv load.csv --json
    """
    from ops.capacity.command import show
    from ops.capacity.month import Month

    path = None if topology is None else Path(topology)
    output = Output(as_json=as_json, plain=plain)
    about = None if month is None else Month.read(month)
    if not show(stack, output, csv=csv, days=days, topology=path, page=page, month=about):
        raise typer.Exit(Exit.FAILED)
