"""`holdfast restore`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit

app = typer.Typer(rich_markup_mode=None)


@app.command()
def restore(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Logical or physical name.")],
    *,
    target: Annotated[str | None, typer.Option("--as", metavar="NAME", help="The new table.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="RFC 3339 with a zone.  [default: the latest moment]")
    ] = None,
    backup: Annotated[
        str | None, typer.Option("--backup", metavar="ARN", help="From a backup, or a recovery point of AWS Backup.")
    ] = None,
    export: Annotated[
        str | None, typer.Option("--export", metavar="ARN|S3", help="From an export: its ARN, or s3://BUCKET/FOLDER.")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option("--role", metavar="ARN", help="AWS Backup restores with it.  [default: which made the backup]"),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Restore, compare every item with the source, and clean up.")
    ] = False,
    item: Annotated[
        list[str], typer.Option("--item", metavar="JSON", help="Bring this key back from --as into TABLE; repeatable.")
    ] = [],  # noqa: B006 (typer makes a new one)
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over items that are there.")] = False,
    region: Annotated[str | None, typer.Option("--region", metavar="REGION", help="[default: home]")] = None,
    stack: options.Stack = None,
    topology: options.Topology = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Restore a table into a new one, verify that a restore would hold, or bring single items back.

    The table that is in use is never replaced. With --verify the exit code is 1 where the restored copy differs.

    Examples:  holdfast restore orders --as orders-restored --at 2026-11-21T03:10:00Z
               holdfast restore orders --verify
               holdfast restore orders --as orders-exported --export s3://exports/weekly/AWSDynamoDB/0169-a1b2
               holdfast restore orders --as orders-restored --item '{"pk":{"S":"c-1"},"sk":{"S":"ORD_1"}}'
    """
    from ops.recovery.command import Wish, carry_out

    wish = Wish(
        table=table, target=target, at=at, backup=backup, export=export, role=role, verify=verify, keys=tuple(item),
        overwrite=overwrite, region=region, yes=yes,
    )  # fmt: skip
    if not carry_out(wish, stack=stack, topology=topology, output=Output(as_json=as_json, plain=plain)):
        raise typer.Exit(Exit.FAILED)
