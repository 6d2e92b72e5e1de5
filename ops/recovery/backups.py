"""On-demand backups: made, listed, and how old the last ones are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.data.access import find_table
from ops.estate.access import open_estate
from ops.estate.control import require_known
from ops.estate.reach import ask
from ops.workspace import open_workspace

if TYPE_CHECKING:
    from ops.console import Output
    from ops.estate.access import Estate


@dataclass(frozen=True, kw_only=True)
class Backup:
    """One backup of one table."""

    region: str
    table: str
    name: str
    arn: str
    status: str
    created: str
    """RFC 3339."""
    bytes: int


def open_stack(stack: str | None, topology: str | None) -> Estate:
    """The running stack that the command line names."""
    return open_estate(open_workspace(stack), topology=None if topology is None else Path(topology))


def make(estate: Estate, table: str, region: str | None, output: Output) -> dict[str, Any]:
    """Back a table up now, in its home region or the one named.

    Raises:
        OpsError: an unknown table or region.
    """
    require_known(estate, [region])
    where = region or estate.topology.home_region
    found = find_table(estate, table)
    name = f"{found.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    details = estate.client("dynamodb", where).create_backup(TableName=found.name, BackupName=name)["BackupDetails"]
    output.say(f"ok: backup {name} of {found.name} in {where}: {details['BackupStatus']}")
    output.say(f"  {details['BackupArn']}")
    return {"region": where, "table": found.name, "name": name, "arn": details["BackupArn"]}


def listing(estate: Estate, table: str | None, output: Output) -> list[Backup]:
    """The backups of all regions, the newest first; and how far back each table can be restored.

    Raises:
        OpsError: an unknown table.
    """
    tables = [find_table(estate, table).name] if table else _tables(estate)
    found: list[Backup] = []
    for answer in ask(estate.regions, lambda name: _of(estate, name, tables)):
        if answer.value is None:
            output.warn(f"{answer.region}: {answer.fault}")
        else:
            found += answer.value
    found.sort(key=lambda backup: (backup.created, backup.region), reverse=True)
    output.table(
        ["region", "table", "backup", "status", "created", "bytes"],
        [[one.region, one.table, one.name, one.status, one.created, one.bytes] for one in found],
    )
    return found


def _tables(estate: Estate) -> list[str]:
    return sorted({table.name for region in estate.topology.regions.values() for table in region.tables.values()})


def _of(estate: Estate, region: str, tables: list[str]) -> list[Backup]:
    client = estate.client("dynamodb", region)
    return [
        Backup(
            region=region,
            table=summary["TableName"],
            name=summary["BackupName"],
            arn=summary["BackupArn"],
            status=summary["BackupStatus"],
            created=summary["BackupCreationDateTime"].astimezone(UTC).isoformat(timespec="seconds"),
            bytes=int(summary.get("BackupSizeBytes", 0)),
        )
        for table in tables
        for summary in client.list_backups(TableName=table).get("BackupSummaries", [])
    ]


def as_json(backups: list[Backup]) -> list[dict[str, Any]]:
    """JSON types."""
    return [asdict(backup) for backup in backups]
