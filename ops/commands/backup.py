"""`holdfast backup`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.groups import Group

app = typer.Typer(cls=Group, rich_markup_mode=None, no_args_is_help=True, help="Back tables up now, and list backups.")


@app.command()
def create(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Logical or physical name.")],
    *,
    region: Annotated[str | None, typer.Option("--region", metavar="REGION", help="[default: home]")] = None,
    stack: options.Stack = None,
    topology: options.Topology = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Back a table up now, as DynamoDB's own on-demand backup.

    Example: holdfast backup create orders
    """
    from ops.recovery import backups

    output = Output(as_json=as_json, plain=plain)
    output.result({"ok": True, **backups.make(backups.open_stack(stack, topology), table, region, output)})


@app.command(name="list")
def list_(
    table: Annotated[str | None, typer.Argument(metavar="TABLE", help="[default: every table]")] = None,
    *,
    stack: options.Stack = None,
    topology: options.Topology = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """List the on-demand backups of all regions, the newest first.

    Example: holdfast backup list orders
    """
    from ops.recovery import backups

    output = Output(as_json=as_json, plain=plain)
    output.result(backups.as_json(backups.listing(backups.open_stack(stack, topology), table, output)))
