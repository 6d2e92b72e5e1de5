"""`holdfast cost`."""

from pathlib import Path
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit
from ops.groups import Group

app = typer.Typer(cls=Group, rich_markup_mode=None, invoke_without_command=True)


@app.callback()
def cost(
    context: typer.Context,
    *,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state", metavar="FILE", help="Price this state or export.  [default: what the stack file asks for]"
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="FILE|COMMIT", help="Show the difference to a state, an export or a commit."),
    ] = None,
    actual: Annotated[
        bool,
        typer.Option("--actual", help="Also what was spent this month, and the budget (asks Cost Explorer: 0.01 USD)."),
    ] = False,
    lines: Annotated[int, typer.Option("--lines", min=0, metavar="N", help="Also the N dearest lines.")] = 0,
    check: Annotated[bool, typer.Option("--check", help="Exit code 1 where the budget is exceeded.")] = False,
    stack: options.Stack = None,
    topology: options.Topology = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Estimate what a stack costs a month, by layer and region; the difference a change makes; what was spent.

    Low, likely and high come from the traffic in `holdfast:cost.usage`. Prices that are not confirmed, and old ones,
    are named.

    Examples:  holdfast cost --lines 20  |  holdfast cost --against main --json  |  holdfast cost --actual --check
    """
    if context.invoked_subcommand is not None:
        return
    from ops.cost.command import show

    within = show(
        stack,
        Output(as_json=as_json, plain=plain),
        state=state,
        against=against,
        actual=actual,
        topology=None if topology is None else Path(topology),
        lines=lines,
    )
    if check and not within:
        raise typer.Exit(Exit.FAILED)


@app.command()
def refresh(
    *,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="The price file.  [default: awsfacts/prices/prices.json]"),
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Show what would change and write nothing.")] = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Read the prices from the AWS Price List API and write the price file anew.

    Needs credentials with pricing:GetProducts. A price that the API does not tell stays as it was, and is named.

    Examples:  holdfast cost refresh --dry-run  |  holdfast cost refresh
    """
    from ops.cost.refresh_command import rewrite

    rewrite(Output(as_json=as_json, plain=plain), file=file, dry=dry)
