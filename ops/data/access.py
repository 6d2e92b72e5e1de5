"""The table and the two regions that a data command is about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.estate.access import Estate, open_estate
from ops.estate.control import require_known
from ops.exits import Exit
from ops.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from holdfast.topology import Table


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One table in two regions."""

    estate: Estate
    workspace: Workspace
    table: str
    """Physical name."""
    key_names: tuple[str, ...]
    source: str
    target: str

    @property
    def clients(self) -> tuple[Any, Any]:
        """Clients of the source and of the target."""
        return self.estate.client("dynamodb", self.source), self.estate.client("dynamodb", self.target)


def find_table(estate: Estate, name: str) -> Table:
    """The table of that logical or physical name.

    Raises:
        OpsError: the stack has no such table.
    """
    tables = estate.topology.home.tables
    for logical, table in tables.items():
        if name in (logical, table.name):
            return table
    raise OpsError(
        f"stack {estate.topology.stack!r} has no table {name!r}",
        fix=f"write one of {', '.join(tables)}",
        code=Exit.USAGE,
    )


def key_names(table: Table) -> tuple[str, ...]:
    """The names of its key attributes."""
    return (table.partition_key.name, *((table.sort_key.name,) if table.sort_key else ()))


def open_pair(table: str, source: str, target: str, *, stack: str | None, topology: str | None) -> Pair:
    """What the command line names.

    Raises:
        OpsError: an unknown table or region, or one region twice.
    """
    workspace = open_workspace(stack)
    estate = open_estate(workspace, topology=None if topology is None else Path(topology))
    require_known(estate, [source, target])
    if source == target:
        raise OpsError(f"{source} and {target} are one region", fix="name two", code=Exit.USAGE)
    found = find_table(estate, table)
    return Pair(
        estate=estate, workspace=workspace, table=found.name, key_names=key_names(found), source=source, target=target
    )
