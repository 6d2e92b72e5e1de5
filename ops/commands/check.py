"""`holdfast check`."""

from pathlib import Path
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A state or `pulumi stack export`.  [default: the stack in the sandbox]"),
    ] = None,
    *,
    policies: Annotated[
        list[str], typer.Option("--policies", metavar="PACK", help="Only these packs; repeatable.  [default: all]")
    ] = [],  # noqa: B006 (typer makes a new one)
    report: Annotated[str, typer.Option("--report", metavar="table|sarif|junit", help="How to tell it.")] = "table",
    stack: options.Stack = None,
    as_json: options.Json = False,
) -> None:
    """Judge what is deployed by the policy packs, offline: a state file, or an export of the pulumi command.

    Exit code 1 on a mandatory finding.

    Examples:  holdfast check  |  pulumi stack export > prod.json && holdfast check prod.json --report sarif
    """
    from ops.checking import judge

    if not judge(open_workspace(stack), file, packs=policies, report=report, output=Output(as_json=as_json)):
        raise typer.Exit(Exit.FAILED)
