"""Cases of the rules on encryption."""

from __future__ import annotations

from typing import Any, Final

from holdfast_policies import kinds
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import AWAY, HOME, allow, deny, document, key, make
from holdfast_policies.values import UNKNOWN

_AWS_KEY: Final = f"arn:aws:kms:{HOME}:111122223333:alias/aws/dynamodb"
_HTTP: Final = {"Bool": {"aws:SecureTransport": "false"}}


def _disk(encrypted: str = "true") -> dict[str, Any]:
    """A device of a launch template."""
    return {"deviceName": "/dev/xvda", "ebs": {"encrypted": encrypted, "volumeType": "gp3"}}


CASES: Final = (
    Cases(
        rule="dynamodb-table-cmk",
        passes=[make(kinds.TABLE), make(kinds.TABLE, serverSideEncryption={"enabled": True, "kmsKeyArn": UNKNOWN})],
        fails=[
            make(kinds.TABLE, serverSideEncryption=None),
            make(kinds.TABLE, serverSideEncryption={"enabled": False}),
            make(kinds.TABLE, serverSideEncryption={"enabled": True}),
            make(kinds.TABLE, serverSideEncryption={"enabled": True, "kmsKeyArn": _AWS_KEY}),
            make(kinds.TABLE, serverSideEncryption="yes"),
        ],
        undecided=[
            make(kinds.TABLE, serverSideEncryption=UNKNOWN),
            make(kinds.TABLE, serverSideEncryption={"enabled": UNKNOWN, "kmsKeyArn": key()}),
        ],
    ),
    Cases(
        rule="dynamodb-replica-cmk-in-region",
        passes=[
            make(kinds.REPLICA),
            make(kinds.REPLICA, kmsKeyArn=UNKNOWN),
            make(kinds.TABLE),
            make(kinds.TABLE, replicas=[{"regionName": AWAY, "kmsKeyArn": key(AWAY)}]),
        ],
        fails=[
            make(kinds.REPLICA, kmsKeyArn=None),
            make(kinds.REPLICA, kmsKeyArn=key(HOME)),
            make(kinds.TABLE, replicas=[{"regionName": AWAY}]),
            make(kinds.TABLE, replicas=[{"regionName": AWAY, "kmsKeyArn": key(HOME)}]),
            make(kinds.TABLE, replicas=[{"regionName": AWAY, "kmsKeyArn": _AWS_KEY}]),
        ],
        undecided=[make(kinds.TABLE, replicas=UNKNOWN), make(kinds.REPLICA, region=UNKNOWN)],
    ),
    Cases(
        rule="dax-at-rest",
        passes=[make(kinds.DAX)],
        fails=[make(kinds.DAX, serverSideEncryption=None), make(kinds.DAX, serverSideEncryption={"enabled": False})],
        undecided=[make(kinds.DAX, serverSideEncryption=UNKNOWN)],
    ),
    Cases(
        rule="dax-in-transit",
        passes=[make(kinds.DAX), make(kinds.DAX, clusterEndpointEncryptionType="tls")],
        fails=[
            make(kinds.DAX, clusterEndpointEncryptionType=None),
            make(kinds.DAX, clusterEndpointEncryptionType="NONE"),
        ],
        undecided=[make(kinds.DAX, clusterEndpointEncryptionType=UNKNOWN)],
    ),
    Cases(
        rule="elasticache-at-rest",
        passes=[
            make(kinds.CACHE_GROUP),
            make(kinds.CACHE_GROUP, engine="valkey", atRestEncryptionEnabled=None),
            make(kinds.CACHE_GROUP, atRestEncryptionEnabled=None, globalReplicationGroupId="global"),
        ],
        fails=[
            make(kinds.CACHE_GROUP, atRestEncryptionEnabled=None),
            make(kinds.CACHE_GROUP, atRestEncryptionEnabled=False),
        ],
        undecided=[make(kinds.CACHE_GROUP, atRestEncryptionEnabled=UNKNOWN)],
    ),
    Cases(
        rule="elasticache-in-transit",
        passes=[
            make(kinds.CACHE_GROUP),
            make(kinds.CACHE_CLUSTER),
            make(kinds.CACHE_CLUSTER, transitEncryptionEnabled=None, replicationGroupId="orders"),
        ],
        fails=[
            make(kinds.CACHE_GROUP, transitEncryptionEnabled=None),
            make(kinds.CACHE_GROUP, transitEncryptionMode="preferred"),
            make(kinds.CACHE_CLUSTER, transitEncryptionEnabled=False),
        ],
        undecided=[make(kinds.CACHE_GROUP, transitEncryptionEnabled=UNKNOWN)],
    ),
    Cases(
        rule="elasticache-auth-or-rbac",
        passes=[
            make(kinds.CACHE_GROUP),
            make(kinds.CACHE_GROUP, userGroupIds=None, authToken=UNKNOWN),
            make(kinds.CACHE_SERVERLESS),
            make(kinds.CACHE_GROUP, userGroupIds=None, globalReplicationGroupId=UNKNOWN),
        ],
        fails=[make(kinds.CACHE_GROUP, userGroupIds=None), make(kinds.CACHE_SERVERLESS, userGroupId=None)],
        always_decides="a name that is set is enough, be its value known or not",
    ),
    Cases(
        rule="kms-rotation",
        passes=[
            make(kinds.KEY),
            make(kinds.KEY, enableKeyRotation=None, customerMasterKeySpec="RSA_2048", keyUsage="SIGN_VERIFY"),
            make(kinds.KEY, enableKeyRotation=None, customKeyStoreId="cks-1"),
        ],
        fails=[make(kinds.KEY, enableKeyRotation=None), make(kinds.KEY, enableKeyRotation=False)],
        undecided=[make(kinds.KEY, enableKeyRotation=UNKNOWN)],
    ),
    Cases(
        rule="kms-multi-region-replica-present",
        passes=[
            [make(kinds.KEY, arn=key()), make(kinds.REPLICA_KEY), make(kinds.TABLE), make(kinds.REPLICA)],
            [make(kinds.KEY, arn=key()), make(kinds.TABLE)],
            [make(kinds.KEY, arn=key(), multiRegion=False), make(kinds.TABLE), make(kinds.REPLICA)],
            [
                make(kinds.KEY, "data"),
                make(
                    kinds.REPLICA_KEY,
                    primaryKeyArn=UNKNOWN,
                    property_dependencies={"primaryKeyArn": [make(kinds.KEY, "data").urn]},
                ),
                make(kinds.TABLE),
                make(kinds.REPLICA),
            ],
        ],
        fails=[[make(kinds.KEY, arn=key()), make(kinds.TABLE), make(kinds.REPLICA)]],
        undecided=[[make(kinds.KEY, multiRegion=UNKNOWN), make(kinds.TABLE), make(kinds.REPLICA)]],
    ),
    Cases(
        rule="ebs-at-rest",
        passes=[
            make(kinds.LAUNCH_TEMPLATE),
            make(kinds.LAUNCH_TEMPLATE, blockDeviceMappings=[{"deviceName": "/dev/sdb", "noDevice": "true"}, _disk()]),
            make(kinds.INSTANCE),
            make(kinds.INSTANCE, rootBlockDevice=None, launchTemplate={"id": "lt-0a", "version": "1"}),
            make(kinds.EBS_VOLUME),
            make(kinds.EKS_NODES),
            make(kinds.EKS_NODES, launchTemplate=UNKNOWN),
            [make(kinds.EKS_NODES, launchTemplate=None), make(kinds.EBS_DEFAULT)],
            [make(kinds.EKS_NODES, launchTemplate=None), make(kinds.EBS_DEFAULT, enabled=True)],
        ],
        fails=[
            make(kinds.LAUNCH_TEMPLATE, blockDeviceMappings=[_disk(encrypted="false")]),
            make(kinds.LAUNCH_TEMPLATE, blockDeviceMappings=[_disk(), {"deviceName": "/dev/sdb", "ebs": {}}]),
            make(kinds.LAUNCH_TEMPLATE, blockDeviceMappings=None),
            make(kinds.LAUNCH_TEMPLATE, blockDeviceMappings=[{"deviceName": "/dev/sdb", "noDevice": "true"}]),
            make(kinds.INSTANCE, rootBlockDevice={"volumeSize": 50}),
            make(kinds.INSTANCE, rootBlockDevice=None),
            make(kinds.INSTANCE, ebsBlockDevices=[{"deviceName": "/dev/sdb"}]),
            make(kinds.EBS_VOLUME, encrypted=None),
            make(kinds.EKS_NODES, launchTemplate=None),
            [make(kinds.EKS_NODES, launchTemplate=None), make(kinds.EBS_DEFAULT, enabled=False)],
            [make(kinds.EKS_NODES, launchTemplate=None), make(kinds.EBS_DEFAULT, provider_region=AWAY)],
        ],
        undecided=[
            make(kinds.LAUNCH_TEMPLATE, blockDeviceMappings=UNKNOWN),
            make(kinds.EBS_VOLUME, encrypted=UNKNOWN),
            [make(kinds.EKS_NODES, launchTemplate=None), make(kinds.EBS_DEFAULT, enabled=UNKNOWN)],
        ],
    ),
    Cases(
        rule="eks-secrets-kms",
        passes=[
            make(kinds.EKS),
            make(kinds.EKS, encryptionConfig={"resources": ["secrets"], "provider": {"keyArn": UNKNOWN}}),
        ],
        fails=[make(kinds.EKS, encryptionConfig=None), make(kinds.EKS, encryptionConfig={"resources": []})],
        undecided=[make(kinds.EKS, encryptionConfig=UNKNOWN)],
    ),
    Cases(
        rule="cloudtrail-kms",
        passes=[make(kinds.TRAIL), make(kinds.TRAIL, kmsKeyId=UNKNOWN)],
        fails=[make(kinds.TRAIL, kmsKeyId=None), make(kinds.TRAIL, kmsKeyId="")],
        always_decides="a key that is set is enough, be its ARN known or not",
    ),
    Cases(
        rule="log-group-kms",
        passes=[make(kinds.LOG_GROUP), make(kinds.LOG_GROUP, kmsKeyId=UNKNOWN)],
        fails=[make(kinds.LOG_GROUP, kmsKeyId=None)],
        always_decides="a key that is set is enough, be its ARN known or not",
    ),
    Cases(
        rule="sqs-encrypted",
        passes=[make(kinds.QUEUE), make(kinds.QUEUE, kmsMasterKeyId=None)],
        fails=[make(kinds.QUEUE, kmsMasterKeyId=None, sqsManagedSseEnabled=False)],
        undecided=[make(kinds.QUEUE, kmsMasterKeyId=None, sqsManagedSseEnabled=UNKNOWN)],
    ),
    Cases(
        rule="sns-encrypted",
        passes=[make(kinds.TOPIC), make(kinds.TOPIC, kmsMasterKeyId=UNKNOWN)],
        fails=[make(kinds.TOPIC, kmsMasterKeyId=None)],
        always_decides="a key that is set is enough, be its id known or not",
    ),
    Cases(
        rule="s3-kms",
        passes=[
            [make(kinds.BUCKET), make(kinds.BUCKET_ENCRYPTION[0])],
            [
                make(
                    kinds.BUCKET,
                    serverSideEncryptionConfiguration={
                        "rule": {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms:dsse"}}
                    },
                )
            ],
            [make(kinds.BUCKET, bucket="orders-access"), make(kinds.BUCKET_LOGGING[0])],
            [
                make(kinds.BUCKET, "access", bucket="orders-access"),
                make(kinds.BUCKET, logging={"targetBucket": "orders-access"}),
                make(kinds.BUCKET_ENCRYPTION[0]),
            ],
            [make(kinds.BUCKET, website={"indexDocument": "index.html"})],
        ],
        fails=[
            [make(kinds.BUCKET)],
            [
                make(kinds.BUCKET),
                make(
                    kinds.BUCKET_ENCRYPTION[0],
                    rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
                ),
            ],
            [make(kinds.BUCKET, bucket="another"), make(kinds.BUCKET_ENCRYPTION[0])],
        ],
        undecided=[[make(kinds.BUCKET), make(kinds.BUCKET_ENCRYPTION[0], rules=UNKNOWN)]],
    ),
    Cases(
        rule="s3-tls-only",
        passes=[
            [make(kinds.BUCKET), make(kinds.BUCKET_POLICY)],
            [make(kinds.BUCKET, website={"indexDocument": "index.html"})],
            [make(kinds.BUCKET), make(kinds.BUCKET_WEBSITE[0], bucket="orders-exports")],
        ],
        fails=[
            [make(kinds.BUCKET)],
            [make(kinds.BUCKET), make(kinds.BUCKET_POLICY, policy=document(allow("s3:GetObject", "*", Principal="*")))],
            [
                make(kinds.BUCKET),
                make(
                    kinds.BUCKET_POLICY,
                    policy=document(deny("s3:GetObject", "*", Principal={"AWS": "111122223333"}, Condition=_HTTP)),
                ),
            ],
        ],
        undecided=[[make(kinds.BUCKET), make(kinds.BUCKET_POLICY, policy=UNKNOWN)]],
    ),
    Cases(
        rule="backup-vault-cmk",
        passes=[make(kinds.BACKUP_VAULT), make(kinds.BACKUP_VAULT, kmsKeyArn=UNKNOWN)],
        fails=[
            make(kinds.BACKUP_VAULT, kmsKeyArn=None),
            make(kinds.BACKUP_VAULT, kmsKeyArn="arn:aws:kms:us-east-1:111122223333:alias/aws/backup"),
        ],
        always_decides="a key that is set is enough: AWS's own keys are always known",
    ),
    Cases(
        rule="secret-cmk",
        passes=[make(kinds.SECRET), make(kinds.SECRET, kmsKeyId=UNKNOWN)],
        fails=[make(kinds.SECRET, kmsKeyId=None), make(kinds.SECRET, kmsKeyId="alias/aws/secretsmanager")],
        always_decides="a key that is set is enough: AWS's own keys are always known",
    ),
)
