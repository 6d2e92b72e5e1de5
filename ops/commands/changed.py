"""`holdfast changed`."""

import json
from typing import Annotated

import typer

from ops import options
from ops.workspace import find_project

app = typer.Typer(rich_markup_mode=None)


@app.command()
def changed(
    *,
    base: Annotated[
        str, typer.Option("--base", metavar="REF", help="What the change is compared with.")
    ] = "origin/main",
    as_json: options.Json = False,
) -> None:
    """List the stacks that a change may change: those that a pull request previews.

    A change of the program, its settings or the packs changes every stack; one of a stack file that stack; one of
    pages, tests or the command none.

    Examples:  holdfast changed --base origin/main  |  holdfast changed --base HEAD~1 --json
    """
    from ops.pullrequest.touched import stacks_of

    found = stacks_of(find_project(), base)
    typer.echo(json.dumps(found) if as_json else "\n".join(found))
