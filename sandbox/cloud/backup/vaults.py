"""What AWS Backup keeps: recovery points by their ARN, jobs by their id."""

from __future__ import annotations

import time
import uuid
from typing import Any


class RecoveryPoint:
    """A backup of one table in one vault."""

    def __init__(self, *, region: str, account: str, vault: str, backup: dict[str, Any], role: str) -> None:
        """Keep a backup.

        Args:
            region: where the vault is.
            account: its account.
            vault: its name.
            backup: DynamoDB's BackupDescription.
            role: ARN of the role that made it.
        """
        details, source = backup["BackupDetails"], backup["SourceTableDetails"]
        self.region = region
        self.vault = vault
        self.vault_arn = f"arn:aws:backup:{region}:{account}:backup-vault:{vault}"
        self.arn = f"arn:aws:backup:{region}:{account}:recovery-point:{uuid.uuid4()}"
        self.backup_arn: str = details["BackupArn"]
        self.resource: str = source["TableArn"]
        self.table: str = source["TableName"]
        self.size: int = details["BackupSizeBytes"]
        self.created = time.time()
        self.role = role
        self.copied_from: str | None = None

    def description(self) -> dict[str, Any]:
        """As DescribeRecoveryPoint and the lists give it."""
        document = {
            "RecoveryPointArn": self.arn,
            "BackupVaultName": self.vault,
            "BackupVaultArn": self.vault_arn,
            "ResourceArn": self.resource,
            "ResourceType": "DynamoDB",
            "ResourceName": self.table,
            "IamRoleArn": self.role,
            "Status": "COMPLETED",
            "CreationDate": self.created,
            "CompletionDate": self.created,
            "BackupSizeInBytes": self.size,
            "BackupSizeBytes": self.size,
            "IsEncrypted": True,
            "IsParent": False,
        }
        if self.copied_from is not None:
            document["SourceBackupVaultArn"] = self.copied_from
        return document

    def restore_metadata(self) -> dict[str, str]:
        """What a restore takes, as it would make the same table again."""
        return {"originalTableName": self.table, "targetTableName": self.table, "encryptionType": "Default"}


class Job(dict[str, Any]):
    """A job's description; done by the time that anybody asks again."""

    def __init__(self, identifier: str, **members: Any) -> None:
        super().__init__({identifier: str(uuid.uuid4()), "CreationDate": time.time(), **members})

    def complete(self, state: str, **members: Any) -> None:
        """End it."""
        self.update({state: "COMPLETED", "PercentDone": "100.0", "CompletionDate": time.time(), **members})

    def fail(self, state: str, message: str) -> None:
        """End it without success."""
        self.update({state: "FAILED", "StatusMessage": message, "CompletionDate": time.time()})
