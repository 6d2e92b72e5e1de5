"""`holdfast topology`."""

from pathlib import Path

import typer

from ops import options
from ops.console import Output
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def topology(
    *,
    stack: options.Stack = None,
    topology: options.Topology = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Show and validate the document that clients read: which regions serve which tables.

    Examples:  holdfast topology  |  holdfast topology --topology topology.json --json
    """
    from ops.estate.access import open_estate

    output = Output(as_json=as_json, plain=plain)
    found = open_estate(open_workspace(stack), topology=None if topology is None else Path(topology)).topology
    failover = "may" if found.failover else "may not"
    output.say(f"stack {found.stack}, version {found.version}: home {found.home_region}; clients {failover} fail over")
    rows = [
        [region.name, logical, table.name, table.consistency, ", ".join(index.name for index in table.indexes)]
        for region in found.regions.values()
        for logical, table in region.tables.items()
    ]
    output.table(["region", "table", "physical name", "consistency", "indexes"], rows)
    for region in found.regions.values():
        parts = {
            "control table": region.control_table,
            "DAX": region.dax_endpoint,
            "Redis": region.redis_endpoint,
            "endpoint": region.endpoints.get("dynamodb"),
        }
        output.say(f"{region.name}: " + ", ".join(f"{name} {value or 'none'}" for name, value in parts.items()))
    output.result(found.to_dict())
