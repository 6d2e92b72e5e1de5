"""`holdfast readmit`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output

app = typer.Typer(rich_markup_mode=None)


@app.command()
def readmit(
    region: Annotated[str, typer.Argument(metavar="REGION", help="The region to use again.")],
    *,
    reason: Annotated[str, typer.Option("--reason", "-r", metavar="TEXT", help="For the record.")] = "",
    stack: options.Stack = None,
    topology: options.Topology = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Tell every client that a region may be used again: the flag alone. `holdfast failback` checks first.

    Examples:  holdfast readmit us-east-1 --reason "errors are gone"  |  holdfast readmit us-east-1 --yes --json
    """
    from ops.estate.flagging import change

    change(
        region, evacuated=False, reason=reason, minutes=None, stack=stack, topology=topology, yes=yes,
        output=Output(as_json=as_json, plain=plain),
    )  # fmt: skip
