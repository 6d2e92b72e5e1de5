"""Recovery points of AWS Backup: listed, and restored into a new table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from ops.estate.access import Estate

JOB_SECONDS = 3600.0
"""How long a restore job may take before the command gives up waiting; it goes on in AWS."""
POLL_SECONDS = 1.0
DONE = ("COMPLETED", "ABORTED", "FAILED")


def is_recovery_point(arn: str) -> bool:
    """Whether an ARN names a recovery point that only AWS Backup restores."""
    return arn.split(":")[2:3] == ["backup"]


def points(estate: Estate, region: str, table_arn: str) -> list[dict[str, Any]]:
    """The recovery points of a table in a region, as AWS Backup lists them."""
    client = estate.client("backup", region)
    pages = client.get_paginator("list_recovery_points_by_resource").paginate(ResourceArn=table_arn)
    return [point for page in pages for point in page.get("RecoveryPoints", [])]


def restore(estate: Estate, point: str, *, region: str, target: str, role: str | None) -> None:
    """Restore a recovery point into a new table, and wait for the job.

    Args:
        estate: the stack.
        point: ARN of the recovery point.
        region: where it is.
        target: the new table.
        role: ARN of the role that restores; the one that made the recovery point where None.

    Raises:
        OpsError: no vault holds it, or the job failed.
    """
    client = estate.client("backup", region)
    vault, made_by = _find(client, point)
    metadata = client.get_recovery_point_restore_metadata(BackupVaultName=vault, RecoveryPointArn=point)
    wanted = {**metadata.get("RestoreMetadata", {}), "targetTableName": target}
    job = client.start_restore_job(
        RecoveryPointArn=point, Metadata=wanted, IamRoleArn=role or made_by, ResourceType="DynamoDB"
    )["RestoreJobId"]
    end = time.monotonic() + JOB_SECONDS
    while (found := client.describe_restore_job(RestoreJobId=job))["Status"] not in DONE:
        if time.monotonic() > end:
            raise OpsError(f"restore job {job} is not done after {JOB_SECONDS:g} s", fix="it goes on: look again later")
        time.sleep(POLL_SECONDS)
    if found["Status"] != "COMPLETED":
        raise OpsError(f"restore job {job} is {found['Status']}", why=found.get("StatusMessage", ""))


def _find(client: Any, point: str) -> tuple[str, str]:
    """The vault that holds a recovery point, and the role that made it."""
    for page in client.get_paginator("list_backup_vaults").paginate():
        for vault in page.get("BackupVaultList", []):
            name = vault["BackupVaultName"]
            held = client.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=name)
            for found in (one for part in held for one in part.get("RecoveryPoints", [])):
                if found["RecoveryPointArn"] == point:
                    return name, str(found.get("IamRoleArn", ""))
    raise OpsError(
        f"no vault holds recovery point {point}",
        fix="see which there are: holdfast backup list",
        code=Exit.USAGE,
    )
