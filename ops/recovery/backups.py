"""Backups of every kind: on-demand ones made and listed, recovery points of AWS Backup and exports listed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.data.access import find_table
from ops.estate.access import open_estate
from ops.estate.control import require_known
from ops.estate.reach import ask, reason
from ops.recovery import exports, vault
from ops.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.console import Output
    from ops.estate.access import Estate


@dataclass(frozen=True, kw_only=True)
class Backup:
    """One backup of one table."""

    region: str
    table: str
    kind: str
    """`on demand`, `AWS Backup` or `export`."""
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
            found += answer.value[0]
            for fault in answer.value[1]:
                output.warn(f"{answer.region}: {fault}")
    found.sort(key=lambda backup: (backup.created, backup.region), reverse=True)
    output.table(
        ["region", "table", "kind", "backup", "status", "created", "bytes", "arn"],
        [[one.region, one.table, one.kind, one.name, one.status, one.created, one.bytes, one.arn] for one in found],
    )
    return found


def _tables(estate: Estate) -> list[str]:
    return sorted({table.name for region in estate.topology.regions.values() for table in region.tables.values()})


def _of(estate: Estate, region: str, tables: list[str]) -> tuple[list[Backup], list[str]]:
    """The backups of a region, and what of them could not be asked for."""
    found: list[Backup] = []
    faults: list[str] = []
    for table in tables:
        arn = estate.client("dynamodb", region).describe_table(TableName=table)["Table"]["TableArn"]
        found += _on_demand(estate, region, table)
        for kind, listing_of in (("AWS Backup", _points), ("exports", _exports)):
            try:
                found += listing_of(estate, region, table, arn)
            except Exception as error:  # noqa: BLE001 (who may not ask AWS Backup still sees the rest)
                faults.append(f"{kind} of {table}: {reason(error)}")
    return found, faults


def _on_demand(estate: Estate, region: str, table: str) -> Iterator[Backup]:
    for summary in estate.client("dynamodb", region).list_backups(TableName=table).get("BackupSummaries", []):
        yield Backup(
            region=region,
            table=table,
            kind="on demand",
            name=summary["BackupName"],
            arn=summary["BackupArn"],
            status=summary["BackupStatus"],
            created=_moment(summary["BackupCreationDateTime"]),
            bytes=int(summary.get("BackupSizeBytes", 0)),
        )


def _points(estate: Estate, region: str, table: str, arn: str) -> Iterator[Backup]:
    for point in vault.points(estate, region, arn):
        yield Backup(
            region=region,
            table=table,
            kind="AWS Backup",
            name=point.get("BackupVaultName", ""),
            arn=point["RecoveryPointArn"],
            status=point["Status"],
            created=_moment(point["CreationDate"]),
            bytes=int(point.get("BackupSizeBytes", 0)),
        )


def _exports(estate: Estate, region: str, table: str, arn: str) -> Iterator[Backup]:
    for export in exports.listing(estate, region, arn):
        yield Backup(
            region=region,
            table=table,
            kind="export",
            name=f"s3://{export['S3Bucket']}/{export.get('S3Prefix', '')}",
            arn=export["ExportArn"],
            status=export["ExportStatus"],
            created=_moment(export["ExportTime"]),
            bytes=int(export.get("BilledSizeBytes", 0)),
        )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def as_json(backups: list[Backup]) -> list[dict[str, Any]]:
    """JSON types."""
    return [asdict(backup) for backup in backups]
