"""`holdfast drift`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def drift(
    *,
    stack: options.Stack = None,
    aws: Annotated[
        bool, typer.Option("--aws", help="The stack in AWS, by the pulumi command as it is signed in.")
    ] = False,
    issue: Annotated[
        bool, typer.Option("--issue", help="Open, update or close the issue that tells of it, in a job of GitHub's.")
    ] = False,
    log_url: Annotated[str, typer.Option("--log-url", metavar="URL", help="Where the full log is.")] = "",
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Show what was changed behind the stack's back. Reads everything, writes nothing.

    Exit code 1 where something differs.

    Examples:  holdfast drift  |  holdfast drift --aws --stack prod --issue
    """
    from ops.deployment.drift import drift as run

    output = Output(as_json=as_json, plain=plain)
    workspace = open_workspace(stack)
    issues = None
    if issue:
        from ops.pullrequest.drift_issue import keep, of_this_job

        issues = of_this_job()
    document = run(workspace, output, engine="aws" if aws else "sandbox")
    if issues is not None:
        output.say(keep(document, log_url=log_url, issues=issues))
    output.result(document)
    if not document["ok"]:
        raise typer.Exit(Exit.FAILED)
