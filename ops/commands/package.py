"""`holdfast package`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def package(
    *,
    stack: options.Stack = None,
    again: Annotated[
        bool, typer.Option("--again", help="Build the layer although its requirements are the same.")
    ] = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Build the packages of the stack's functions and canaries: the same bytes from the same sources.

    Examples:  holdfast package --stack resilient-api  |  holdfast package --stack resilient-api --again --json
    """
    from ops.package.build import build
    from settings import load_stack

    output = Output(as_json=as_json, plain=plain)
    workspace = open_workspace(stack)
    made = build(workspace.project, load_stack(workspace.stack, workspace.project), again=again)
    rows = [[name, item.path.relative_to(workspace.project), item.size, item.sha256] for name, item in made.items()]
    output.table(["package", "file", "bytes", "sha256"], rows)
    output.result(
        {
            name: {"path": str(item.path.relative_to(workspace.project)), "bytes": item.size, "sha256": item.sha256}
            for name, item in made.items()
        }
    )
