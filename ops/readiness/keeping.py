"""Backups and what proves them; keys, trails and what watches the account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ops.readiness.finding import Finding, none, shown
from ops.readiness.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator


class Keeping(Lines):
    """Backups and what proves them; keys, trails and what watches the account."""

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        yield from self._backup()
        yield from self._security()

    def _backup(self) -> Iterator[Finding]:
        data = self.settings.data
        backup = data.backup if data else None
        if data is None or backup is None:
            for line in ("vault-lock", "restore-testing", "exports"):
                yield none(line, "backup", "the stack file has no holdfast:data.backup")
            return
        for vault in (backup.vault_name, backup.copy_vault_name):
            locks = self.found("aws:backup/vaultLockConfiguration:VaultLockConfiguration")
            locked = any(one.get("backupVaultName") == vault and one.get("minRetentionDays") for one in locks)
            yield shown("vault-lock", vault, locked, "a lock")
        if backup.restore_test is None:
            yield none("restore-testing", "plan", "the stack file turns it off")
        else:
            tested = self.has("aws:backup/restoreTestingPlan:RestoreTestingPlan") and self.has(
                "aws:backup/restoreTestingSelection:RestoreTestingSelection"
            )
            yield shown("restore-testing", "plan", tested, "a plan and what it restores")
        if backup.export is None:
            yield none("exports", "schedule", "the stack file turns them off")
            return
        for logical, table in data.tables.items():
            targets = [one.get("target") or {} for one in self.found("aws:scheduler/schedule:Schedule")]
            exported = any(
                "exportTableToPointInTime" in str(target.get("arn"))
                and f':table/{table.name}"' in str(target.get("input"))
                for target in targets
            )
            yield shown("exports", logical, exported, "a scheduled export")

    def _security(self) -> Iterator[Finding]:
        security = self.settings.security
        if security is None:
            for line in ("key-rotation", "key-replicas", "audit-trail", "change-audit", "threat-detection"):
                yield none(line, "security", "the stack file has no holdfast:security")
            return
        for purpose in ("data", "fields", "logs", "backup"):
            key = f"key-{purpose}"
            turned = any(one.get("enableKeyRotation") is True for one in self.deployed.named("aws:kms/key:Key", key))
            yield shown("key-rotation", purpose, turned, "a key that is rotated")
        for region in self.regions[1:]:
            copies = list(self.deployed.named("aws:kms/replicaKey:ReplicaKey", f"{region}-key-data"))
            yield shown("key-replicas", region, copies, "a replica of the data key")
        audit = security.audit
        names = [table.name for table in self.settings.data.tables.values()] if self.settings.data else []
        if audit is None or not audit.trail:
            yield none("audit-trail", "trail", "the stack file has no trail")
        else:
            for name in names:
                recorded = any(
                    one.get("isMultiRegionTrail") is True
                    and one.get("enableLogFileValidation") is True
                    and f'table/{name}"' in json.dumps(one.get("advancedEventSelectors") or [])
                    for one in self.found("aws:cloudtrail/trail:Trail")
                )
                yield shown("audit-trail", name, recorded, "a validated trail of all regions with its item calls")
        for name in names if audit and audit.changes else ():
            streams = self.found("aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination")
            sent = any(one.get("tableName") == name for one in streams)
            yield shown("change-audit", name, sent, "a stream of its changes")
        if not (audit and audit.changes):
            yield none("change-audit", "changes", "the stack file does not record changes")
        for region in self.regions if audit and audit.account_wide else ():
            on = self.has("aws:guardduty/detector:Detector", region, lambda one: one.get("enable") is True)
            recording = self.has("aws:cfg/recorderStatus:RecorderStatus", region, lambda one: one.get("isEnabled"))
            yield shown("threat-detection", region, on and recording, "GuardDuty and a configuration recorder")
        if not (audit and audit.account_wide):
            yield none("threat-detection", "account", "another stack owns what is once per account")
