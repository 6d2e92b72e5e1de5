"""`holdfast data`: items across regions."""

from dataclasses import asdict
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit
from ops.groups import Group

app = typer.Typer(
    cls=Group, rich_markup_mode=None, no_args_is_help=True, help="Compare, copy and repair items between regions."
)

TableName = Annotated[str, typer.Argument(metavar="TABLE", help="Logical or physical name.")]
Source = Annotated[str, typer.Option("--from", metavar="REGION", help="Whose items count.")]
Target = Annotated[str, typer.Option("--to", metavar="REGION", help="The region that is compared or written.")]
ItemRate = Annotated[
    float | None, typer.Option("--rate", min=1, metavar="ITEMS", help="At most so many items a second.")
]


@app.command()
def compare(
    table: TableName,
    *,
    source: Source,
    target: Target,
    rate: ItemRate = None,
    stack: options.Stack = None,
    topology: options.Topology = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Compare a table's items in two regions by digest. Exit code 1 where they differ.

    Example: holdfast data compare orders --from us-east-1 --to us-west-2
    """
    from ops.data import command

    output = Output(as_json=as_json, plain=plain)
    pair = command.open_pair(table, source, target, stack=stack, topology=topology)
    found = command.compare(pair, output, rate=rate)
    output.result({"ok": found.equal, **asdict(found)})
    if not found.equal:
        raise typer.Exit(Exit.FAILED)


@app.command()
def copy(
    table: TableName,
    *,
    source: Source,
    target: Target,
    rate: ItemRate = None,
    version: Annotated[
        str | None, typer.Option("--version-attribute", metavar="NAME", help="The larger value stays.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over items that are there.")] = False,
    stack: options.Stack = None,
    topology: options.Topology = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Copy a table's items from one region to another; killed, the same command goes on where it was.

    Example: holdfast data copy orders --from us-west-2 --to us-east-1 --rate 500 --yes
    """
    from ops.data import command

    output = Output(as_json=as_json, plain=plain)
    pair = command.open_pair(table, source, target, stack=stack, topology=topology)
    done = command.copy(pair, output, rate=rate, version=version, overwrite=overwrite, yes=yes)
    output.result({"ok": True, **done})


@app.command()
def repair(
    table: TableName,
    *,
    source: Source,
    target: Target,
    rate: ItemRate = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete items that only the target has.")] = False,
    stack: options.Stack = None,
    topology: options.Topology = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Make the target's items equal to the source's where they differ.

    Example: holdfast data repair orders --from us-west-2 --to us-east-1 --yes
    """
    from ops.data import command

    output = Output(as_json=as_json, plain=plain)
    pair = command.open_pair(table, source, target, stack=stack, topology=topology)
    output.result({"ok": True, **command.repair(pair, output, rate=rate, delete=delete, yes=yes)})
