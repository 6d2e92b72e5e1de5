"""What a table can be restored from: a moment, an on-demand backup, a recovery point of AWS Backup, an export in S3."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.exits import Exit
from ops.recovery import exports, vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.estate.access import Estate

ACTIVE_SECONDS = 3600.0
"""How long a restore may take before the command gives up waiting; it goes on in AWS."""
POLL_SECONDS = 0.5
_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
"""As DynamoDB takes it (TableName, API reference)."""
_ARN = re.compile(r"arn:[a-z-]+:(dynamodb|backup):[^\s]{24,}")
"""Of a backup of DynamoDB, or of a recovery point of AWS Backup; DynamoDB takes 37 characters or more."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is restored: at most one of `at`, `backup` and `export`; none is the latest restorable moment."""

    table: str
    """Logical or physical name."""
    region: str | None
    """The home region where None."""
    at: str | None = None
    """RFC 3339."""
    backup: str | None = None
    """ARN of an on-demand backup, or of a recovery point of AWS Backup."""
    export: str | None = None
    """ARN of an export, or `s3://bucket/prefix` of its folder."""
    role: str | None = None
    """ARN of the role that AWS Backup restores with; the one that made the recovery point where None."""

    def require_sound(self) -> None:
        """Refuse two sources at once, and what is no moment and no ARN.

        Raises:
            OpsError: naming the option.
        """
        named = [f"--{name}" for name in ("at", "backup", "export") if getattr(self, name)]
        if len(named) > 1:
            raise OpsError(f"{' and '.join(named)} exclude each other", fix="name one of them", code=Exit.USAGE)
        if self.at is not None:
            parse(self.at)
        if self.backup is not None and not _ARN.fullmatch(self.backup):
            raise OpsError(
                f"--backup {self.backup!r} is no ARN of a backup",
                fix="write one that `holdfast backup list` shows",
                code=Exit.USAGE,
            )


def begin(estate: Estate, source: Source, *, region: str, table: str, target: str, say: Callable[[str], None]) -> None:
    """Make the new table from the source, and wait until it serves.

    Raises:
        OpsError: what AWS refuses, in a readable form.
    """
    client = estate.client("dynamodb", region)
    try:
        if source.export:
            exports.restore(estate, source.export, region=region, table=table, target=target, say=say)
        elif source.backup and vault.is_recovery_point(source.backup):
            vault.restore(estate, source.backup, region=region, target=target, role=source.role)
        elif source.backup:
            client.restore_table_from_backup(TargetTableName=target, BackupArn=source.backup)
        else:
            moment: dict[str, Any] = (
                {"UseLatestRestorableTime": True} if source.at is None else {"RestoreDateTime": parse(source.at)}
            )
            client.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=target, **moment)
    except client.exceptions.TableAlreadyExistsException:
        raise OpsError(f"table {target} exists in {region}", fix="name another with --as", code=Exit.USAGE) from None
    except client.exceptions.ResourceInUseException:
        raise OpsError(f"table {target} exists in {region}", fix="name another with --as", code=Exit.USAGE) from None
    except client.exceptions.ClientError as error:
        said = error.response["Error"]
        raise OpsError(
            f"{table} in {region} cannot be restored",
            why=f"{said['Code']}: {said['Message']}",
            fix="`holdfast status` shows how far back it can be restored, `holdfast backup list` its backups",
        ) from None
    wait(client, target)


def require_name(target: str) -> None:
    """Stop where a table cannot have that name.

    Raises:
        OpsError: saying what one looks like.
    """
    if not _NAME.fullmatch(target):
        raise OpsError(
            f"--as {target!r} cannot name a table",
            fix="write 3 to 255 letters, digits, `_`, `-` and `.`",
            code=Exit.USAGE,
        )


def parse(text: str) -> datetime:
    """A moment with its zone.

    Raises:
        OpsError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise OpsError(
            f"--at {text!r} is no moment",
            fix="write RFC 3339 with a zone, such as 2026-11-21T03:10:00Z",
            code=Exit.USAGE,
        )
    return moment


def wait(client: Any, table: str) -> None:
    """Wait until a table is active.

    Raises:
        OpsError: it is not in time.
    """
    end = time.monotonic() + ACTIVE_SECONDS
    while client.describe_table(TableName=table)["Table"]["TableStatus"] != "ACTIVE":
        if time.monotonic() > end:
            raise OpsError(f"{table} is not active after {ACTIVE_SECONDS:g} s", fix="it goes on: look again later")
        time.sleep(POLL_SECONDS)
