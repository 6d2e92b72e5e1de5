"""`holdfast preview`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def preview(
    *,
    stack: options.Stack = None,
    engine: options.PreviewEngine = "sandbox",
    diff: Annotated[bool, typer.Option("--diff", help="Show every property instead of the tree.")] = False,
    allow_replace: options.AllowReplace = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Show what an up would change, judged by the policy packs.

    Works with nothing running and changes nothing. Exit code 1 on a mandatory finding, and where a
    table, key or other holder of data would be replaced or deleted without --allow-replace.

    Examples:  holdfast preview  |  holdfast preview --stack dev --json
    """
    from ops.deployment.preview import preview as run_preview

    output = Output(as_json=as_json, plain=plain)
    document = run_preview(open_workspace(stack), output, engine=engine, allow_replace=allow_replace, diff=diff)
    output.result(document)
    if not document["ok"]:
        raise typer.Exit(Exit.FAILED)
