"""On-demand backups: what a table held, and how it was made."""

from __future__ import annotations

import copy
import time
import uuid
from typing import Any

from sandbox.cloud.dynamodb.table import Table


class Backup:
    """A backup of one table. Items are never changed in place, so keeping them costs no copy."""

    def __init__(self, name: str, table: Table, description: dict[str, Any]) -> None:
        self.name = name
        self.table_name = table.name
        self.table_arn = table.arn
        self.table_id = table.id
        self.items = list(table.items.values())
        self.description = description
        self.shape = table
        """The table itself: its keys and indexes as a restore makes them again, even when it is deleted."""
        self.size = table.bytes()
        self.created = time.time()
        self.arn = f"{table.arn}/backup/{int(self.created * 1000):017d}-{uuid.uuid4().hex[:8]}"

    def copy(self, region: str) -> Backup:
        """The same backup in another region, which a table there can be made of."""
        twin = copy.copy(self)
        place = self.table_arn.split(":")
        place[3] = region
        twin.arn = f"{':'.join(place)}/backup/{int(time.time() * 1000):017d}-{uuid.uuid4().hex[:8]}"
        return twin

    def details(self) -> dict[str, Any]:
        """BackupDetails."""
        return {
            "BackupArn": self.arn,
            "BackupName": self.name,
            "BackupSizeBytes": self.size,
            "BackupStatus": "AVAILABLE",
            "BackupType": "USER",
            "BackupCreationDateTime": self.created,
        }

    def summary(self) -> dict[str, Any]:
        """BackupSummary."""
        return {
            "TableName": self.table_name,
            "TableId": self.table_id,
            "TableArn": self.table_arn,
            **self.details(),
        }
