"""Cases of the rules on resilience."""

from __future__ import annotations

from typing import Final

from holdfast_policies import kinds
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import AWAY, HOME, arn, key, make
from holdfast_policies.values import UNKNOWN

_PROVISIONED: Final = {
    "billingMode": "PROVISIONED",
    "readCapacity": 100,
    "writeCapacity": 50,
    "onDemandThroughput": None,
}
_WRITES: Final = {"scalableDimension": "dynamodb:table:WriteCapacityUnits"}
_TARGETS: Final = (make(kinds.AUTOSCALING_TARGET, "reads"), make(kinds.AUTOSCALING_TARGET, "writes", **_WRITES))
_SAFE: Final = {"pointInTimeRecovery": True, "deletionProtectionEnabled": True, "propagateTags": True}
_STRONG: Final = [
    {"regionName": region, "consistencyMode": "STRONG", "kmsKeyArn": key(region), **_SAFE}
    for region in ("us-east-2", "us-west-2")
]
_GLOBAL: Final = (make(kinds.TABLE), make(kinds.REPLICA))

CASES: Final = (
    Cases(
        rule="dynamodb-minimum-replicas",
        passes=[[*_GLOBAL], [make(kinds.TABLE, replicas=[{"regionName": AWAY}])]],
        fails=[[make(kinds.TABLE)], [make(kinds.TABLE, name="invoices"), make(kinds.REPLICA)]],
        undecided=[[make(kinds.TABLE, replicas=UNKNOWN)]],
    ),
    Cases(
        rule="dynamodb-replica-parity",
        passes=[[*_GLOBAL], [make(kinds.TABLE)], [make(kinds.TABLE, tableClass="STANDARD"), make(kinds.REPLICA)]],
        fails=[
            [make(kinds.TABLE), make(kinds.REPLICA, pointInTimeRecovery=False)],
            [make(kinds.TABLE), make(kinds.REPLICA, deletionProtectionEnabled=None)],
            [make(kinds.TABLE), make(kinds.REPLICA, tableClassOverride="STANDARD_INFREQUENT_ACCESS")],
            [make(kinds.TABLE, replicas=[{"regionName": AWAY, "kmsKeyArn": key(AWAY)}])],
        ],
        undecided=[[make(kinds.TABLE), make(kinds.REPLICA, pointInTimeRecovery=UNKNOWN)]],
    ),
    Cases(
        rule="dynamodb-mrsc-regions-valid",
        passes=[
            make(kinds.TABLE),
            make(kinds.TABLE, replicas=_STRONG),
            make(kinds.TABLE, replicas=_STRONG[:1], globalTableWitness={"regionName": "us-west-2"}),
            make(kinds.TABLE, replicas=[{"regionName": "eu-west-1"}]),
        ],
        fails=[
            make(kinds.TABLE, replicas=_STRONG[:1]),
            make(kinds.TABLE, replicas=[_STRONG[0], {"regionName": "eu-west-1", "consistencyMode": "STRONG"}]),
            make(kinds.TABLE, replicas=[_STRONG[0], {"regionName": "us-west-2"}]),
            make(kinds.TABLE, replicas=_STRONG, ttl={"enabled": True, "attributeName": "expires_at"}),
        ],
        undecided=[make(kinds.TABLE, replicas=UNKNOWN)],
    ),
    Cases(
        rule="dynamodb-no-legacy-global-table",
        passes=[make(kinds.TABLE)],
        fails=[make(kinds.GLOBAL_TABLE)],
        always_decides="the type is enough",
    ),
    Cases(
        rule="dynamodb-autoscaling-or-on-demand",
        passes=[[make(kinds.TABLE)], [make(kinds.TABLE, **_PROVISIONED), *_TARGETS]],
        fails=[
            [make(kinds.TABLE, **_PROVISIONED)],
            [make(kinds.TABLE, **_PROVISIONED), _TARGETS[0]],
            [make(kinds.TABLE, billingMode=None)],
        ],
        undecided=[[make(kinds.TABLE, billingMode=UNKNOWN)]],
    ),
    Cases(
        rule="dynamodb-replica-capacity-parity",
        passes=[
            [make(kinds.TABLE, **_PROVISIONED), make(kinds.REPLICA), *_TARGETS],
            [
                make(kinds.TABLE, **_PROVISIONED),
                make(kinds.REPLICA),
                *_TARGETS,
                make(kinds.AUTOSCALING_TARGET, "away", provider_region=AWAY),
            ],
        ],
        fails=[
            [
                make(kinds.TABLE, **_PROVISIONED),
                make(kinds.REPLICA),
                *_TARGETS,
                make(kinds.AUTOSCALING_TARGET, "away", provider_region=AWAY, maxCapacity=500),
            ]
        ],
        undecided=[
            [
                make(kinds.TABLE, **_PROVISIONED),
                make(kinds.REPLICA),
                make(kinds.AUTOSCALING_TARGET, maxCapacity=UNKNOWN),
            ]
        ],
    ),
    Cases(
        rule="dynamodb-failover-warm-throughput",
        passes=[
            make(kinds.TABLE, streamEnabled=True),
            make(kinds.TABLE, onDemandThroughput={"maxReadRequestUnits": 10}),
            make(kinds.TABLE, streamEnabled=True, onDemandThroughput=None),
        ],
        fails=[
            make(
                kinds.TABLE,
                streamEnabled=True,
                onDemandThroughput={"maxReadRequestUnits": 100, "maxWriteRequestUnits": 100},
            ),
            make(kinds.TABLE, replicas=[{"regionName": AWAY}], warmThroughput={"writeUnitsPerSecond": 1000}),
        ],
        undecided=[make(kinds.TABLE, streamEnabled=True, onDemandThroughput=UNKNOWN)],
    ),
    Cases(
        rule="dax-multi-az",
        passes=[make(kinds.DAX), make(kinds.DAX, availabilityZones=["us-east-1a", "us-east-1b"])],
        fails=[
            make(kinds.DAX, replicationFactor=1),
            make(kinds.DAX, replicationFactor=None),
            make(kinds.DAX, availabilityZones=["us-east-1a"]),
        ],
        undecided=[make(kinds.DAX, replicationFactor=UNKNOWN)],
    ),
    Cases(
        rule="dax-per-replica-region",
        passes=[
            [*_GLOBAL, make(kinds.DAX), make(kinds.DAX, "away", provider_region=AWAY)],
            [*_GLOBAL],
            [make(kinds.TABLE), make(kinds.DAX)],
        ],
        fails=[[*_GLOBAL, make(kinds.DAX)]],
        undecided=[[make(kinds.TABLE, replicas=UNKNOWN), make(kinds.DAX)]],
    ),
    Cases(
        rule="elasticache-failover",
        passes=[
            make(kinds.CACHE_GROUP),
            make(kinds.CACHE_GROUP, automaticFailoverEnabled=None, globalReplicationGroupId="g"),
        ],
        fails=[make(kinds.CACHE_GROUP, automaticFailoverEnabled=None)],
        undecided=[make(kinds.CACHE_GROUP, automaticFailoverEnabled=UNKNOWN)],
    ),
    Cases(
        rule="elasticache-multi-az",
        passes=[make(kinds.CACHE_GROUP)],
        fails=[make(kinds.CACHE_GROUP, multiAzEnabled=None)],
        undecided=[make(kinds.CACHE_GROUP, multiAzEnabled=UNKNOWN)],
    ),
    Cases(
        rule="elasticache-minor-upgrades",
        passes=[make(kinds.CACHE_GROUP), make(kinds.CACHE_CLUSTER, autoMinorVersionUpgrade=True)],
        fails=[make(kinds.CACHE_GROUP, autoMinorVersionUpgrade=False)],
        undecided=[make(kinds.CACHE_GROUP, autoMinorVersionUpgrade=UNKNOWN)],
    ),
    Cases(
        rule="lambda-multi-az",
        passes=[make(kinds.FUNCTION), make(kinds.FUNCTION, vpcConfig=None)],
        fails=[make(kinds.FUNCTION, vpcConfig={"subnetIds": ["subnet-0a"]})],
        undecided=[make(kinds.FUNCTION, vpcConfig={"subnetIds": UNKNOWN})],
    ),
    Cases(
        rule="eks-multi-az-nodes",
        passes=[make(kinds.EKS_NODES)],
        fails=[make(kinds.EKS_NODES, subnetIds=["subnet-0a"]), make(kinds.EKS_NODES, subnetIds=None)],
        undecided=[make(kinds.EKS_NODES, subnetIds=UNKNOWN)],
    ),
    Cases(
        rule="regional-stack-parity",
        passes=[
            [*_GLOBAL, make(kinds.VPC, f"{HOME}-vpc"), make(kinds.VPC, f"{AWAY}-vpc")],
            [make(kinds.TABLE), make(kinds.VPC, f"{HOME}-vpc"), make(kinds.BACKUP_VAULT, f"{AWAY}-vault")],
            [*_GLOBAL, make(kinds.KEY, f"{HOME}-data"), make(kinds.REPLICA_KEY, f"{AWAY}-data")],
            [*_GLOBAL, make(kinds.ALARM, f"{HOME}-watches-{AWAY}"), make(kinds.ALARM, f"{AWAY}-watches-{HOME}")],
        ],
        fails=[
            [
                *_GLOBAL,
                make(kinds.VPC, f"{HOME}-vpc"),
                make(kinds.VPC, f"{AWAY}-vpc"),
                make(kinds.DAX, f"{HOME}-dax"),
            ]
        ],
        undecided=[
            [make(kinds.TABLE, replicas=UNKNOWN), make(kinds.VPC, f"{HOME}-vpc"), make(kinds.VPC, f"{AWAY}-vpc")]
        ],
    ),
    Cases(
        rule="failover-health-check",
        passes=[
            [make(kinds.RECORD)],
            [make(kinds.RECORD, healthCheckId=UNKNOWN)],
            [make(kinds.RECORD, healthCheckId=None, aliases=[{"evaluateTargetHealth": True}])],
            [make(kinds.RECORD, healthCheckId=None, latencyRoutingPolicies=None)],
            [
                make(
                    kinds.RECORD,
                    healthCheckId=None,
                    latencyRoutingPolicies=None,
                    failoverRoutingPolicies=[{"type": "SECONDARY"}],
                )
            ],
        ],
        fails=[
            [make(kinds.RECORD, healthCheckId=None)],
            [
                make(
                    kinds.RECORD,
                    healthCheckId=None,
                    latencyRoutingPolicies=None,
                    failoverRoutingPolicies=[{"type": "PRIMARY"}],
                )
            ],
        ],
        undecided=[[make(kinds.RECORD, healthCheckId=None, aliases=UNKNOWN)]],
    ),
    Cases(
        rule="fis-stop-condition-bound",
        passes=[
            make(kinds.FIS),
            make(kinds.FIS, stopConditions=[{"source": "aws:cloudwatch:alarm", "value": UNKNOWN}]),
        ],
        fails=[make(kinds.FIS, stopConditions=[{"source": "none"}]), make(kinds.FIS, stopConditions=None)],
        undecided=[make(kinds.FIS, stopConditions=UNKNOWN)],
    ),
    Cases(
        rule="no-cross-region-runtime-dependency",
        passes=[
            [make(kinds.FUNCTION), make(kinds.TABLE), make(kinds.QUEUE)],
            [make(kinds.FUNCTION, environment={"variables": {"QUEUE": arn("sqs", "orders")}})],
        ],
        fails=[
            [make(kinds.FUNCTION, environment={"variables": {"QUEUE": arn("sqs", "orders", AWAY)}})],
            [make(kinds.QUEUE, kmsMasterKeyId=key(AWAY))],
            [make(kinds.LOG_GROUP, provider_region=AWAY)],
        ],
        undecided=[[make(kinds.FUNCTION, environment=UNKNOWN)]],
    ),
)
