"""`holdfast init`."""

import sys
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit
from ops.workspace import Workspace, find_project

app = typer.Typer(rich_markup_mode=None)


@app.command()
def init(
    *,
    stack: Annotated[
        str | None, typer.Argument(metavar="STACK", help="Its name.  [default: asked for, else app]")
    ] = None,
    account: Annotated[str | None, typer.Option("--account", metavar="ID", help="Twelve digits.")] = None,
    domain: Annotated[
        str | None,
        typer.Option(
            "--domain", metavar="NAME", help="The zone that the service is called by.  [default: tables alone]"
        ),
    ] = None,
    region: Annotated[
        list[str] | None, typer.Option("--region", "-r", metavar="REGION", help="Repeatable; the first is home.")
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option("--table", "-t", metavar="NAME:KEY[:SORT]", help="Repeatable.")
    ] = None,
    prefix: Annotated[
        str | None, typer.Option("--prefix", metavar="NAME", help="What names begin with.  [default: the stack's]")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview/--no-preview", help="Preview it afterwards.")] = True,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Write a stack file of your own and preview it.

    At a terminal it asks for what is not given. Whatever you do not say has its default: `holdfast settings schema`
    lists them. Nothing is deployed.

    Examples:  holdfast init  |
    holdfast init shop --account 111122223333 -r us-east-1 -r us-west-2 -t orders:customer_id:order_id
    """
    from ops.starting.stackfile import Answers, ask, split, write

    output = Output(as_json=as_json, plain=plain)
    asking = sys.stdin.isatty() and not as_json
    name = ask("Name of the stack", stack, "app", asking=asking)
    answers = Answers(
        stack=name,
        account=ask("AWS account", account, "111122223333", asking=asking),
        prefix=ask("What names begin with", prefix, name.lower()[:16], asking=asking),
        regions=split(region, "Regions, home first", "us-east-1 us-west-2", asking=asking),
        tables=split(table, "Tables, NAME:KEY[:SORT]", "orders:customer_id:order_id", asking=asking),
        domain=ask("Domain of the service (empty: tables alone)", domain, "", asking=asking),
    )
    project = find_project()
    path = write(answers, project)
    output.say(f"wrote {path.name}")
    if not preview:
        output.result({"ok": True, "file": str(path)})
        return
    from ops.deployment.preview import preview as run_preview

    document = run_preview(Workspace(project=project, stack=name), output, engine="sandbox")
    output.say(f"bring it up on this machine: make up STACK={name}")
    output.result(document | {"file": str(path)})
    if not document["ok"]:
        raise typer.Exit(Exit.FAILED)
