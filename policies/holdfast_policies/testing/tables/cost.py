"""Cases of the rules on cost."""

from __future__ import annotations

from typing import Final

from holdfast_policies import kinds
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import AWAY, key, make
from holdfast_policies.values import UNKNOWN

_SAFE: Final = {"pointInTimeRecovery": True, "deletionProtectionEnabled": True, "propagateTags": True}
_REGIONS: Final = (AWAY, "eu-west-1", "sa-east-1")
_FIXED: Final = {"billingMode": "PROVISIONED", "onDemandThroughput": None}
_FULL: Final = [{"name": name, "projectionType": "ALL"} for name in ("by-date", "by-status", "by-owner")]

CASES: Final = (
    Cases(
        rule="dynamodb-capacity-ceiling",
        passes=[
            make(kinds.TABLE),
            make(kinds.TABLE, **_FIXED, readCapacity=100, writeCapacity=50),
            make(kinds.AUTOSCALING_TARGET),
            make(kinds.AUTOSCALING_TARGET, scalableDimension="ecs:service:DesiredCount", maxCapacity=90_000),
        ],
        fails=[
            make(kinds.TABLE, **_FIXED, readCapacity=100_000),
            make(kinds.TABLE, **_FIXED, globalSecondaryIndexes=[{"name": "i", "writeCapacity": 50_000}]),
            make(kinds.AUTOSCALING_TARGET, maxCapacity=100_000),
        ],
        undecided=[make(kinds.TABLE, **_FIXED, readCapacity=UNKNOWN)],
    ),
    Cases(
        rule="dynamodb-on-demand-maximum",
        passes=[make(kinds.TABLE), make(kinds.TABLE, **_FIXED)],
        fails=[
            make(kinds.TABLE, onDemandThroughput=None),
            make(kinds.TABLE, onDemandThroughput={"maxReadRequestUnits": 10}),
            make(kinds.TABLE, onDemandThroughput={"maxReadRequestUnits": -1, "maxWriteRequestUnits": -1}),
        ],
        undecided=[make(kinds.TABLE, onDemandThroughput=UNKNOWN)],
    ),
    Cases(
        rule="dynamodb-table-class",
        passes=[make(kinds.TABLE), make(kinds.TABLE, tableClass="STANDARD"), make(kinds.REPLICA)],
        fails=[
            make(kinds.TABLE, tableClass="STANDARD_INFREQUENT_ACCESS"),
            make(kinds.REPLICA, tableClassOverride="STANDARD_INFREQUENT_ACCESS"),
        ],
        undecided=[make(kinds.TABLE, tableClass=UNKNOWN)],
    ),
    Cases(
        rule="dynamodb-gsi-projection",
        passes=[make(kinds.TABLE), make(kinds.TABLE, globalSecondaryIndexes=_FULL[:2])],
        fails=[make(kinds.TABLE, globalSecondaryIndexes=_FULL)],
        undecided=[make(kinds.TABLE, globalSecondaryIndexes=UNKNOWN)],
    ),
    Cases(
        rule="dynamodb-replica-ceiling",
        passes=[[make(kinds.TABLE)], [make(kinds.TABLE), make(kinds.REPLICA)]],
        fails=[
            [
                make(
                    kinds.TABLE,
                    replicas=[{"regionName": region, "kmsKeyArn": key(region), **_SAFE} for region in _REGIONS],
                )
            ]
        ],
        undecided=[[make(kinds.TABLE, replicas=UNKNOWN)]],
    ),
    Cases(
        rule="cache-node-allowlist",
        passes=[make(kinds.DAX), make(kinds.CACHE_GROUP), make(kinds.CACHE_GROUP, nodeType=None)],
        fails=[make(kinds.DAX, nodeType="dax.r5.24xlarge"), make(kinds.CACHE_GROUP, nodeType="cache.r7g.16xlarge")],
        undecided=[make(kinds.DAX, nodeType=UNKNOWN)],
    ),
    Cases(
        rule="budget-alarm",
        passes=[[make(kinds.TABLE), make(kinds.BUDGET)], [make(kinds.PROVIDER)]],
        fails=[[make(kinds.TABLE)], [make(kinds.BUDGET, notifications=None)]],
        undecided=[[make(kinds.BUDGET, notifications=UNKNOWN)]],
    ),
    Cases(
        rule="estimated-monthly-cost",
        passes=[[make(kinds.TABLE), make(kinds.DAX), make(kinds.CACHE_GROUP), make(kinds.EKS)]],
        fails=[[make(kinds.TABLE, **_FIXED, readCapacity=100_000, writeCapacity=40_000)]],
        undecided=[[make(kinds.DAX, replicationFactor=UNKNOWN)]],
    ),
)
