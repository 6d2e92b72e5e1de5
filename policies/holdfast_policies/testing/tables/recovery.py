"""Cases of the rules on recovery."""

from __future__ import annotations

from typing import Final

from holdfast_policies import kinds
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import AWAY, HOME, arn, make
from holdfast_policies.values import UNKNOWN

_PLAN_RULE: Final = {"ruleName": "daily", "targetVaultName": "orders"}

CASES: Final = (
    Cases(
        rule="dynamodb-pitr",
        passes=[make(kinds.TABLE), make(kinds.TABLE, pointInTimeRecovery={"enabled": "true"})],
        fails=[
            make(kinds.TABLE, pointInTimeRecovery=None),
            make(kinds.TABLE, pointInTimeRecovery={"enabled": False}),
            make(kinds.TABLE, pointInTimeRecovery={}),
        ],
        undecided=[
            make(kinds.TABLE, pointInTimeRecovery=UNKNOWN),
            make(kinds.TABLE, pointInTimeRecovery={"enabled": UNKNOWN}),
        ],
    ),
    Cases(
        rule="dynamodb-replica-pitr",
        passes=[
            make(kinds.REPLICA),
            make(kinds.TABLE),
            make(kinds.TABLE, replicas=[{"regionName": AWAY, "pointInTimeRecovery": True}]),
        ],
        fails=[
            make(kinds.REPLICA, pointInTimeRecovery=None),
            make(kinds.REPLICA, pointInTimeRecovery=False),
            make(
                kinds.TABLE, replicas=[{"regionName": AWAY, "pointInTimeRecovery": True}, {"regionName": "eu-west-1"}]
            ),
        ],
        undecided=[make(kinds.REPLICA, pointInTimeRecovery=UNKNOWN), make(kinds.TABLE, replicas=[UNKNOWN])],
    ),
    Cases(
        rule="dynamodb-pitr-window-minimum",
        passes=[
            make(kinds.TABLE),
            make(kinds.TABLE, pointInTimeRecovery={"enabled": True, "recoveryPeriodInDays": 35}),
            make(kinds.TABLE, pointInTimeRecovery={"enabled": False, "recoveryPeriodInDays": 7}),
        ],
        fails=[
            make(kinds.TABLE, pointInTimeRecovery={"enabled": True, "recoveryPeriodInDays": 7}),
            make(kinds.TABLE, pointInTimeRecovery={"enabled": True, "recoveryPeriodInDays": "7"}),
        ],
        undecided=[make(kinds.TABLE, pointInTimeRecovery={"enabled": True, "recoveryPeriodInDays": UNKNOWN})],
    ),
    Cases(
        rule="dynamodb-deletion-protection",
        passes=[
            make(kinds.TABLE),
            make(kinds.REPLICA),
            make(kinds.TABLE, replicas=[{"regionName": AWAY, "deletionProtectionEnabled": True}]),
        ],
        fails=[
            make(kinds.TABLE, deletionProtectionEnabled=None),
            make(kinds.REPLICA, deletionProtectionEnabled=False),
            make(kinds.TABLE, replicas=[{"regionName": AWAY}]),
        ],
        undecided=[make(kinds.TABLE, deletionProtectionEnabled=UNKNOWN)],
    ),
    Cases(
        rule="dynamodb-pulumi-protect",
        passes=[make(kinds.TABLE, protect=True)],
        fails=[make(kinds.TABLE, protect=False)],
        always_decides="it reads a resource option, which is always known",
    ),
    Cases(
        rule="dynamodb-no-delete-before-replace",
        passes=[make(kinds.TABLE), make(kinds.TABLE, delete_before_replace=False)],
        fails=[make(kinds.TABLE, delete_before_replace=True), make(kinds.REPLICA, delete_before_replace=True)],
        always_decides="it reads a resource option, which is always known",
    ),
    Cases(
        rule="dynamodb-in-backup-plan",
        passes=[
            [make(kinds.TABLE, arn=arn("dynamodb", "table/orders")), make(kinds.BACKUP_SELECTION)],
            [make(kinds.TABLE), make(kinds.BACKUP_SELECTION)],
            [make(kinds.TABLE), make(kinds.BACKUP_SELECTION, resources=["arn:aws:dynamodb:*:*:table/*"])],
            [make(kinds.TABLE), make(kinds.BACKUP_SELECTION, resources=["*"])],
            [
                make(kinds.TABLE, tags={"Backup": "daily"}),
                make(
                    kinds.BACKUP_SELECTION,
                    resources=None,
                    selectionTags=[{"type": "STRINGEQUALS", "key": "Backup", "value": "daily"}],
                ),
            ],
            [
                make(kinds.TABLE),
                make(
                    kinds.BACKUP_SELECTION,
                    resources=[UNKNOWN],
                    property_dependencies={"resources": [make(kinds.TABLE).urn]},
                ),
            ],
        ],
        fails=[
            [make(kinds.TABLE)],
            [make(kinds.TABLE, name="invoices"), make(kinds.BACKUP_SELECTION)],
            [
                make(kinds.TABLE),
                make(
                    kinds.BACKUP_SELECTION,
                    resources=None,
                    selectionTags=[{"type": "STRINGEQUALS", "key": "Backup", "value": "daily"}],
                ),
            ],
        ],
        undecided=[[make(kinds.TABLE), make(kinds.BACKUP_SELECTION, resources=UNKNOWN)]],
    ),
    Cases(
        rule="backup-cross-region-copy",
        passes=[make(kinds.BACKUP_PLAN)],
        fails=[
            make(kinds.BACKUP_PLAN, rules=[_PLAN_RULE]),
            make(
                kinds.BACKUP_PLAN,
                rules=[{**_PLAN_RULE, "copyActions": [{"destinationVaultArn": arn("backup", "backup-vault:b", HOME)}]}],
            ),
        ],
        undecided=[make(kinds.BACKUP_PLAN, rules=[{**_PLAN_RULE, "copyActions": [{"destinationVaultArn": UNKNOWN}]}])],
    ),
    Cases(
        rule="backup-retention-minimum",
        passes=[make(kinds.BACKUP_PLAN), make(kinds.BACKUP_PLAN, rules=[_PLAN_RULE])],
        fails=[make(kinds.BACKUP_PLAN, rules=[{**_PLAN_RULE, "lifecycle": {"deleteAfter": 7}}])],
        undecided=[make(kinds.BACKUP_PLAN, rules=[{**_PLAN_RULE, "lifecycle": {"deleteAfter": UNKNOWN}}])],
    ),
    Cases(
        rule="backup-vault-lock",
        passes=[
            [make(kinds.BACKUP_VAULT), make(kinds.BACKUP_LOCK)],
            [
                make(kinds.BACKUP_VAULT, name=None),
                make(
                    kinds.BACKUP_LOCK,
                    backupVaultName=UNKNOWN,
                    property_dependencies={"backupVaultName": [make(kinds.BACKUP_VAULT).urn]},
                ),
            ],
        ],
        fails=[[make(kinds.BACKUP_VAULT)], [make(kinds.BACKUP_VAULT), make(kinds.BACKUP_LOCK, backupVaultName="b")]],
        always_decides="what a lock refers to is in the graph, be the name known or not",
    ),
    Cases(
        rule="backup-restore-testing-plan",
        passes=[[make(kinds.BACKUP_PLAN), make(kinds.BACKUP_TESTING)], [make(kinds.TABLE)]],
        fails=[[make(kinds.BACKUP_PLAN)]],
        always_decides="it asks whether a resource is there",
    ),
    Cases(
        rule="kms-deletion-window-minimum",
        passes=[make(kinds.KEY), make(kinds.KEY, deletionWindowInDays=30), make(kinds.REPLICA_KEY)],
        fails=[make(kinds.KEY, deletionWindowInDays=7), make(kinds.REPLICA_KEY, deletionWindowInDays=7)],
        undecided=[make(kinds.KEY, deletionWindowInDays=UNKNOWN)],
    ),
    Cases(
        rule="elasticache-backup",
        passes=[
            make(kinds.CACHE_GROUP),
            make(kinds.CACHE_CLUSTER),
            make(kinds.CACHE_CLUSTER, engine="redis", replicationGroupId="orders"),
        ],
        fails=[
            make(kinds.CACHE_GROUP, snapshotRetentionLimit=None),
            make(kinds.CACHE_GROUP, snapshotRetentionLimit=0),
            make(kinds.CACHE_CLUSTER, engine="redis"),
        ],
        undecided=[make(kinds.CACHE_GROUP, snapshotRetentionLimit=UNKNOWN)],
    ),
    Cases(
        rule="s3-versioning",
        passes=[
            [make(kinds.BUCKET), make(kinds.BUCKET_VERSIONING[0])],
            [make(kinds.BUCKET, versioning={"enabled": True})],
        ],
        fails=[
            [make(kinds.BUCKET)],
            [make(kinds.BUCKET), make(kinds.BUCKET_VERSIONING[0], versioningConfiguration={"status": "Suspended"})],
        ],
        undecided=[[make(kinds.BUCKET), make(kinds.BUCKET_VERSIONING[0], versioningConfiguration=UNKNOWN)]],
    ),
)
