"""`holdfast evacuate`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output

app = typer.Typer(rich_markup_mode=None)


@app.command()
def evacuate(
    region: Annotated[str, typer.Argument(metavar="REGION", help="The region to leave.")],
    *,
    reason: Annotated[
        str, typer.Option("--reason", "-r", metavar="TEXT", help="For the record; deep health tells it.")
    ] = "",
    minutes: Annotated[
        float | None, typer.Option("--for", min=1, metavar="MINUTES", help="The flag ends by itself.  [default: never]")
    ] = None,
    stack: options.Stack = None,
    topology: options.Topology = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Tell every client to leave a region: the flag alone, nothing else is checked or done.

    The flag is an item of the control table, written in another region. Clients leave within their refresh interval,
    and deep health of the region answers 503, so DNS follows. `holdfast failover` does the same with checks.

    Examples:  holdfast evacuate us-east-1 --reason "errors since 03:10"  |  holdfast evacuate us-east-1 --for 60 --yes
    """
    from ops.estate.flagging import change

    change(
        region, evacuated=True, reason=reason, minutes=minutes, stack=stack, topology=topology, yes=yes,
        output=Output(as_json=as_json, plain=plain),
    )  # fmt: skip
