"""AWS Backup: vaults, plans and what the sandbox's cloud has of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sandbox.codec import Value
from sandbox.provider.aws import crud, ids
from sandbox.provider.aws.crud import Crud
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Kind, Properties

VAULT = crud.kind(
    "aws:backup/vault:Vault",
    Crud(
        service="backup",
        what="backup vault",
        create="create_backup_vault",
        id=lambda _context, inputs, _answer: str(inputs["name"]),
        key=lambda physical_id, _state: {"BackupVaultName": physical_id},
        read="describe_backup_vault",
        delete="delete_backup_vault",
        renames={"name": "BackupVaultName", "kmsKeyArn": "EncryptionKeyArn"},
        arn=lambda context, physical_id, _state: context.arn("backup", f"backup-vault:{physical_id}"),
    ),
    forces=frozenset({"name", "kmsKeyArn", "region"}),
    defaults={"forceDestroy": False},
    name=AutoName(limit=50),
    identity=ids.by("name"),
    computed=ids.arn("backup", "backup-vault:{name}"),
)


_RULE: Final = {
    "ruleName": "RuleName",
    "targetVaultName": "TargetBackupVaultName",
    "schedule": "ScheduleExpression",
    "scheduleExpressionTimezone": "ScheduleExpressionTimezone",
    "startWindow": "StartWindowMinutes",
    "completionWindow": "CompletionWindowMinutes",
    "enableContinuousBackup": "EnableContinuousBackup",
    "recoveryPointTags": "RecoveryPointTags",
}
_LIFECYCLE: Final = {
    "coldStorageAfter": "MoveToColdStorageAfterDays",
    "deleteAfter": "DeleteAfterDays",
    "optInToArchiveForSupportedResources": "OptInToArchiveForSupportedResources",
}


def _rule(given: Mapping[str, Value]) -> dict[str, Any]:
    rule: dict[str, Any] = {api: given[name] for name, api in _RULE.items() if given.get(name) is not None}
    if given.get("lifecycle"):
        rule["Lifecycle"] = _lifecycle(given["lifecycle"])
    if given.get("copyActions"):
        rule["CopyActions"] = [
            {
                "DestinationBackupVaultArn": action["destinationVaultArn"],
                **({"Lifecycle": _lifecycle(action["lifecycle"])} if action.get("lifecycle") else {}),
            }
            for action in given["copyActions"]
        ]
    return rule


def _lifecycle(given: Mapping[str, Value]) -> dict[str, Any]:
    return {
        api: given[name] if isinstance(given[name], bool) else int(given[name])
        for name, api in _LIFECYCLE.items()
        if given.get(name) is not None
    }


def _observed_rules(context: Context, physical_id: str, _state: Properties) -> Properties:
    plan = context.client("backup").get_backup_plan(BackupPlanId=physical_id)["BackupPlan"]
    return {"rules": [_observed_rule(rule) for rule in plan["Rules"]]}


def _observed_rule(record: Mapping[str, Any]) -> dict[str, Value]:
    rule: dict[str, Value] = {name: record[api] for name, api in _RULE.items() if api in record}
    if record.get("Lifecycle"):
        rule["lifecycle"] = _observed_lifecycle(record["Lifecycle"])
    if record.get("CopyActions"):
        rule["copyActions"] = [
            {
                "destinationVaultArn": action["DestinationBackupVaultArn"],
                **({"lifecycle": _observed_lifecycle(action["Lifecycle"])} if action.get("Lifecycle") else {}),
            }
            for action in record["CopyActions"]
        ]
    return rule


def _observed_lifecycle(record: Mapping[str, Any]) -> dict[str, Value]:
    return {name: record[api] for name, api in _LIFECYCLE.items() if api in record}


def _plan(_context: Context, inputs: Properties) -> Mapping[str, Any]:
    return {"BackupPlan": {"BackupPlanName": inputs["name"], "Rules": [_rule(rule) for rule in inputs["rules"]]}}


PLAN = crud.kind(
    "aws:backup/plan:Plan",
    Crud(
        service="backup",
        what="backup plan",
        create="create_backup_plan",
        id="BackupPlanId",
        key=lambda physical_id, _state: {"BackupPlanId": physical_id},
        read="get_backup_plan",
        updates=("update_backup_plan",),
        delete="delete_backup_plan",
        extra=_plan,
        observe=_observed_rules,
        alive=lambda record: "DeletionDate" not in record,
        arn=lambda context, physical_id, _state: context.arn("backup", f"backup-plan:{physical_id}"),
    ),
    forces=frozenset({"name", "region"}),
    name=AutoName(limit=50),
    sets=frozenset({"rules", "advancedBackupSettings"}),
    computed=lambda context, physical_id, _inputs: (
        {"arn": context.arn("backup", f"backup-plan:{physical_id}")} if physical_id else {}
    ),
)

LOCK = crud.kind(
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    Crud(
        service="backup",
        what="vault lock",
        create="put_backup_vault_lock_configuration",
        id=lambda _context, inputs, _answer: str(inputs["backupVaultName"]),
        key=lambda physical_id, _state: {"BackupVaultName": physical_id},
        read="describe_backup_vault",
        updates=("put_backup_vault_lock_configuration",),
        delete="delete_backup_vault_lock_configuration",
        alive=lambda record: bool(record.get("Locked")),
        tags=False,
    ),
    forces=frozenset({"backupVaultName", "changeableForDays", "maxRetentionDays", "minRetentionDays", "region"}),
    identity=ids.by("backupVaultName"),
    computed=ids.arn("backup", "backup-vault:{backupVaultName}", output="backupVaultArn"),
)

KINDS: tuple[Kind, ...] = (VAULT, PLAN, LOCK)
