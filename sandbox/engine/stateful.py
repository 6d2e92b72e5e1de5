"""Resources that hold what cannot be made again: replacing or deleting one loses data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sandbox.engine.model import Op, Step

STATEFUL: Final = frozenset(
    {
        "aws:backup/vault:Vault",
        "aws:cloudtrail/eventDataStore:EventDataStore",
        "aws:cognito/userPool:UserPool",
        "aws:dynamodb/globalTable:GlobalTable",
        "aws:dynamodb/table:Table",
        "aws:dynamodb/tableReplica:TableReplica",
        "aws:ebs/volume:Volume",
        "aws:ecr/repository:Repository",
        "aws:efs/fileSystem:FileSystem",
        "aws:eks/cluster:Cluster",
        "aws:elasticache/cluster:Cluster",
        "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:fsx/lustreFileSystem:LustreFileSystem",
        "aws:kinesis/stream:Stream",
        "aws:kms/key:Key",
        "aws:kms/replicaKey:ReplicaKey",
        "aws:opensearch/domain:Domain",
        "aws:rds/cluster:Cluster",
        "aws:rds/globalCluster:GlobalCluster",
        "aws:rds/instance:Instance",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketV2:BucketV2",
        "aws:secretsmanager/secret:Secret",
        "aws:sqs/queue:Queue",
        "eks:index:Cluster",
        "kubernetes:core/v1:PersistentVolumeClaim",
    }
)
"""Tables, keys, clusters, buckets, file systems, vaults, and what else keeps data of its own."""
_LOSSES: Final = frozenset({Op.REPLACE, Op.DELETE})


def losses(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps that replace or delete a stateful resource, unless its object stays in the cloud."""
    return tuple(step for step in steps if step.op in _LOSSES and step.type in STATEFUL and not step.retain)
