"""`holdfast drill`: make a region fail on purpose, and measure."""

from pathlib import Path
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Make a region fail on purpose, and measure.")


@app.command(name="run")
def run_(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="See: holdfast drill list")],
    *,
    stack: options.Stack = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Run a scenario: checks, load, failure, healing, figures, signed evidence.

    The failure ends by itself when the drill is killed. Exit code 1 where an objective is not met.

    Examples:  holdfast drill run region-loss  |  holdfast drill run incident-2025-10-20 --yes --json
    """
    from ops.drill.command import drill

    if not drill(scenario, stack=stack, yes=yes, output=Output(as_json=as_json, plain=plain)):
        raise typer.Exit(Exit.FAILED)


@app.command(name="list")
def list_(*, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """List the scenarios; those that were incidents name the operator's own summary.

    Example: holdfast drill list
    """
    from ops.drill.command import listing

    listing(Output(as_json=as_json, plain=plain))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="evidence/drills/*.json")],
    *,
    stack: options.Stack = None,
    as_json: options.Json = False,
) -> None:
    """Check the signature of evidence, the history behind it, and every figure anew.

    Example: holdfast drill verify .holdfast/prod/evidence/drills/region-loss-20261121T031000-1a2b3c.json
    """
    from ops.drill.command import verify as check

    check(file, stack=stack, output=Output(as_json=as_json))


@app.command()
def schedule(*, stack: options.Stack = None, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """Show the quarterly plan: when each scenario was run, and is due. Exit code 1 where one is overdue.

    Example: holdfast drill schedule --stack prod
    """
    from ops.drill.command import schedule as show

    if not show(stack=stack, output=Output(as_json=as_json, plain=plain)):
        raise typer.Exit(Exit.FAILED)
