"""Tables, caches, keys, buckets, queues and backups."""

from __future__ import annotations

from typing import Any

from benchmarks.comparison.cases.model import ACCOUNT, KEY, REGION, Case, Part, arn, one, without

AWAY = "us-west-2"
AWAY_KEY = KEY.replace(REGION, AWAY)
_ATTRIBUTES = [{"AttributeName": "pk", "AttributeType": "S"}]
_HASH = [{"AttributeName": "pk", "KeyType": "HASH"}]

TABLE = Part(
    "Table",
    "AWS::DynamoDB::Table",
    {
        "TableName": "orders",
        "AttributeDefinitions": _ATTRIBUTES,
        "KeySchema": _HASH,
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
    },
    "aws:dynamodb/table:Table",
    {
        "name": "orders",
        "attributes": [{"name": "pk", "type": "S"}],
        "hashKey": "pk",
        "billingMode": "PAY_PER_REQUEST",
        "deletionProtectionEnabled": True,
        "pointInTimeRecovery": {"enabled": True},
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY},
    },
)


def _replica(region: str, key: str, **changes: Any) -> dict[str, Any]:
    return {
        "Region": region,
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"KMSMasterKeyId": key},
        **changes,
    }


def _global(*away: dict[str, Any], **replica: Any) -> Part:
    """A global table: AWS::DynamoDB::GlobalTable there, a table with an inline replica here."""
    inline = {
        "regionName": AWAY,
        "kmsKeyArn": AWAY_KEY,
        "pointInTimeRecovery": True,
        "deletionProtectionEnabled": True,
        "propagateTags": True,
        **replica,
    }
    return Part(
        "Global",
        "AWS::DynamoDB::GlobalTable",
        {
            "TableName": "orders",
            "AttributeDefinitions": _ATTRIBUTES,
            "KeySchema": _HASH,
            "BillingMode": "PAY_PER_REQUEST",
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            "Replicas": [_replica(REGION, KEY), *(away or (_replica(AWAY, AWAY_KEY),))],
        },
        "aws:dynamodb/table:Table",
        {
            **TABLE.inputs,
            "streamEnabled": True,
            "streamViewType": "NEW_AND_OLD_IMAGES",
            "replicas": [{key: value for key, value in inline.items() if value is not None}],
        },
    )


def _of_global(name: str, fault: str, away: dict[str, Any], **replica: Any) -> Case:
    known = {key: value for key, value in _replica(AWAY, AWAY_KEY, **away).items() if value is not None}
    return Case(name=name, fault=fault, sound=(_global(),), faulty=(_global(known, **replica),))


def _strong(*regions: str) -> Part:
    replicas = [_replica(region, KEY.replace(REGION, region)) for region in (REGION, *regions)]
    inline = [
        {
            "regionName": region,
            "kmsKeyArn": KEY.replace(REGION, region),
            "pointInTimeRecovery": True,
            "deletionProtectionEnabled": True,
            "propagateTags": True,
            "consistencyMode": "STRONG",
        }
        for region in regions
    ]
    base = _global()
    return Part(
        base.name,
        base.cloudformation,
        {**base.properties, "Replicas": replicas, "MultiRegionConsistency": "STRONG"},
        base.pulumi,
        {**base.inputs, "replicas": inline},
    )


PROVISIONED = Part(
    "Table",
    TABLE.cloudformation,
    {
        **TABLE.properties,
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 10},
    },
    TABLE.pulumi,
    {**TABLE.inputs, "billingMode": "PROVISIONED", "readCapacity": 10, "writeCapacity": 10},
)


def _target(way: str) -> Part:
    dimension = f"dynamodb:table:{way}CapacityUnits"
    words = {
        "MaxCapacity": 100,
        "MinCapacity": 10,
        "ResourceId": "table/orders",
        "ScalableDimension": dimension,
        "ServiceNamespace": "dynamodb",
    }
    inputs = {key[0].lower() + key[1:]: value for key, value in words.items()}
    role = arn("iam", "role/scaling", "")
    return Part(
        f"{way}Target",
        "AWS::ApplicationAutoScaling::ScalableTarget",
        {**words, "RoleARN": role},
        "aws:appautoscaling/target:Target",
        {**inputs, "roleArn": role},
    )


DAX = Part(
    "Dax",
    "AWS::DAX::Cluster",
    {
        "ClusterName": "orders",
        "NodeType": "dax.r5.large",
        "ReplicationFactor": 3,
        "IAMRoleARN": arn("iam", "role/dax", ""),
        "SubnetGroupName": "orders",
        "SSESpecification": {"SSEEnabled": True},
        "ClusterEndpointEncryptionType": "TLS",
    },
    "aws:dax/cluster:Cluster",
    {
        "clusterName": "orders",
        "nodeType": "dax.r5.large",
        "replicationFactor": 3,
        "iamRoleArn": arn("iam", "role/dax", ""),
        "subnetGroupName": "orders",
        "serverSideEncryption": {"enabled": True},
        "clusterEndpointEncryptionType": "TLS",
    },
)
REDIS = Part(
    "Redis",
    "AWS::ElastiCache::ReplicationGroup",
    {
        "ReplicationGroupId": "orders",
        "ReplicationGroupDescription": "orders",
        "Engine": "redis",
        "EngineVersion": "7.1",
        "CacheNodeType": "cache.r7g.large",
        "NumCacheClusters": 3,
        "Port": 6390,
        "AtRestEncryptionEnabled": True,
        "KmsKeyId": KEY,
        "TransitEncryptionEnabled": True,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        "SnapshotRetentionLimit": 15,
        "UserGroupIds": ["orders"],
        "CacheSubnetGroupName": "orders",
    },
    "aws:elasticache/replicationGroup:ReplicationGroup",
    {
        "replicationGroupId": "orders",
        "description": "orders",
        "engine": "redis",
        "engineVersion": "7.1",
        "nodeType": "cache.r7g.large",
        "numCacheClusters": 3,
        "port": 6390,
        "atRestEncryptionEnabled": True,
        "kmsKeyId": KEY,
        "transitEncryptionEnabled": True,
        "automaticFailoverEnabled": True,
        "multiAzEnabled": True,
        "snapshotRetentionLimit": 15,
        "userGroupIds": ["orders"],
        "subnetGroupName": "orders",
    },
)


def _key_policy(principal: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}],
    }


_ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
KMS = Part(
    "Key",
    "AWS::KMS::Key",
    {"KeyPolicy": _key_policy(_ROOT), "EnableKeyRotation": True, "PendingWindowInDays": 30},
    "aws:kms/key:Key",
    {"policy": _key_policy(_ROOT), "enableKeyRotation": True, "deletionWindowInDays": 30},
)


def _tls_only(*resources: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": list(resources),
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


_BUCKET_ARN = {"Fn::GetAtt": ["Bucket", "Arn"]}
_BUCKET = {
    "BucketName": "orders-files",
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [
            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}
        ]
    },
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    },
    "LoggingConfiguration": {"DestinationBucketName": "logs"},
}
BUCKET = Part(
    "Bucket",
    "AWS::S3::Bucket",
    {**_BUCKET, "VersioningConfiguration": {"Status": "Enabled"}},
    "aws:s3/bucket:Bucket",
    {"bucket": "orders-files"},
    id="orders-files",
)
_ENCRYPTED = Part(
    "BucketKeys",
    "",
    {},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    {
        "bucket": "orders-files",
        "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}}],
    },
    tagged=False,
)
_LOGGED = Part(
    "BucketLogs",
    "",
    {},
    "aws:s3/bucketLogging:BucketLogging",
    {"bucket": "orders-files", "targetBucket": "logs", "targetPrefix": ""},
    tagged=False,
)
_VERSIONED = Part(
    "BucketVersions",
    "",
    {},
    "aws:s3/bucketVersioning:BucketVersioning",
    {"bucket": "orders-files", "versioningConfiguration": {"status": "Enabled"}},
    tagged=False,
)
_POLICY = Part(
    "BucketPolicy",
    "AWS::S3::BucketPolicy",
    {
        "Bucket": {"Ref": "Bucket"},
        "PolicyDocument": _tls_only(_BUCKET_ARN, {"Fn::Join": ["", [_BUCKET_ARN, "/*"]]}),
    },
    "aws:s3/bucketPolicy:BucketPolicy",
    {"bucket": "orders-files", "policy": _tls_only("arn:aws:s3:::orders-files", "arn:aws:s3:::orders-files/*")},
    tagged=False,
)
_UNVERSIONED = Part("Bucket", BUCKET.cloudformation, _BUCKET, BUCKET.pulumi, BUCKET.inputs, id="orders-files")
QUEUE = Part(
    "Queue",
    "AWS::SQS::Queue",
    {"QueueName": "orders", "KmsMasterKeyId": KEY},
    "aws:sqs/queue:Queue",
    {"name": "orders", "kmsMasterKeyId": KEY},
)
TOPIC = Part(
    "Topic",
    "AWS::SNS::Topic",
    {"TopicName": "alarms", "KmsMasterKeyId": KEY},
    "aws:sns/topic:Topic",
    {"name": "alarms", "kmsMasterKeyId": KEY},
)
_RULE = {
    "RuleName": "daily",
    "TargetBackupVault": "orders",
    "ScheduleExpression": "cron(0 5 * * ? *)",
    "Lifecycle": {"DeleteAfterDays": 35},
    "CopyActions": [{"DestinationBackupVaultArn": arn("backup", "backup-vault:orders", AWAY)}],
}
_RULE_HERE = {
    "ruleName": "daily",
    "targetVaultName": "orders",
    "schedule": "cron(0 5 * * ? *)",
    "lifecycle": {"deleteAfter": 35},
    "copyActions": [
        {"destinationVaultArn": arn("backup", "backup-vault:orders", AWAY), "lifecycle": {"deleteAfter": 35}}
    ],
}
PLAN = Part(
    "Plan",
    "AWS::Backup::BackupPlan",
    {"BackupPlan": {"BackupPlanName": "orders", "BackupPlanRule": [_RULE]}},
    "aws:backup/plan:Plan",
    {"name": "orders", "rules": [_RULE_HERE]},
)
_PLAN_HERE_ONLY = {key: value for key, value in _RULE_HERE.items() if key != "copyActions"}
SELECTION = Part(
    "Selection",
    "AWS::Backup::BackupSelection",
    {
        "BackupPlanId": {"Ref": "Plan"},
        "BackupSelection": {
            "SelectionName": "orders",
            "IamRoleArn": arn("iam", "role/backup", ""),
            "Resources": [{"Fn::GetAtt": ["Table", "Arn"]}],
        },
    },
    "aws:backup/selection:Selection",
    {
        "name": "orders",
        "planId": "plan",
        "iamRoleArn": arn("iam", "role/backup", ""),
        "resources": [arn("dynamodb", "table/orders")],
    },
    tagged=False,
)
VAULT = Part(
    "Vault",
    "AWS::Backup::BackupVault",
    {
        "BackupVaultName": "orders",
        "EncryptionKeyArn": KEY,
        "LockConfiguration": {"MinRetentionDays": 35, "ChangeableForDays": 3},
    },
    "aws:backup/vault:Vault",
    {"name": "orders", "kmsKeyArn": KEY},
)
_LOCK = Part(
    "VaultLock",
    "",
    {},
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    {"backupVaultName": "orders", "minRetentionDays": 35, "changeableForDays": 3},
    tagged=False,
)

STORES: tuple[Case, ...] = (
    one("table-recovery", "a table without point-in-time recovery", TABLE,
        {"PointInTimeRecoverySpecification": None}, {"pointInTimeRecovery": None}),
    one("table-key", "a table encrypted with a key that AWS owns", TABLE,
        {"SSESpecification": None}, {"serverSideEncryption": None}),
    one("table-protection", "a table that anybody may delete", TABLE,
        {"DeletionProtectionEnabled": None}, {"deletionProtectionEnabled": None}),
    without("table-autoscaling", "a provisioned table without autoscaling", (PROVISIONED,),
            _target("Read"), _target("Write")),
    without("table-backup", "a table that no backup plan takes", (TABLE, PLAN), SELECTION),
    _of_global("replica-recovery", "a replica without point-in-time recovery",
               {"PointInTimeRecoverySpecification": None}, pointInTimeRecovery=None),
    _of_global("replica-key", "a replica encrypted with a key that AWS owns",
               {"SSESpecification": None}, kmsKeyArn=None),
    _of_global("replica-key-elsewhere", "a replica that names another region's key",
               {"SSESpecification": {"KMSMasterKeyId": KEY}}, kmsKeyArn=KEY),
    _of_global("replica-protection", "a replica that anybody may delete",
               {"DeletionProtectionEnabled": None}, deletionProtectionEnabled=None),
    Case(name="strong-regions", fault="strong consistency over regions of two sets",
         sound=(_strong("us-east-2", "us-west-2"),), faulty=(_strong("us-west-2", "eu-west-1"),)),
    one("dax-at-rest", "a DAX cluster not encrypted at rest", DAX,
        {"SSESpecification": None}, {"serverSideEncryption": None}),
    one("dax-in-transit", "a DAX cluster without TLS", DAX,
        {"ClusterEndpointEncryptionType": "NONE"}, {"clusterEndpointEncryptionType": "NONE"}),
    one("dax-one-node", "a DAX cluster of one node", DAX, {"ReplicationFactor": 1}, {"replicationFactor": 1}),
    one("redis-at-rest", "a Redis group not encrypted at rest", REDIS,
        {"AtRestEncryptionEnabled": False}, {"atRestEncryptionEnabled": False}),
    one("redis-in-transit", "a Redis group without TLS", REDIS,
        {"TransitEncryptionEnabled": False}, {"transitEncryptionEnabled": False}),
    one("redis-failover", "a Redis group that does not fail over", REDIS,
        {"AutomaticFailoverEnabled": False, "MultiAZEnabled": False},
        {"automaticFailoverEnabled": False, "multiAzEnabled": False}),
    one("redis-backup", "a Redis group without snapshots", REDIS,
        {"SnapshotRetentionLimit": 0}, {"snapshotRetentionLimit": 0}),
    one("key-rotation", "a key that is never rotated", KMS, {"EnableKeyRotation": False}, {"enableKeyRotation": False}),
    one("key-public", "a key that everybody may use", KMS,
        {"KeyPolicy": _key_policy("*")}, {"policy": _key_policy("*")}),
    one("key-window", "a key that is gone a week after its deletion", KMS,
        {"PendingWindowInDays": 7}, {"deletionWindowInDays": 7}),
    without("bucket-tls", "a bucket that answers without TLS", (BUCKET, _ENCRYPTED, _LOGGED, _VERSIONED), _POLICY),
    Case(name="bucket-versions", fault="a bucket without versions",
         sound=(BUCKET, _ENCRYPTED, _LOGGED, _POLICY, _VERSIONED), faulty=(_UNVERSIONED, _ENCRYPTED, _LOGGED, _POLICY)),
    one("queue-key", "a queue that is not encrypted", QUEUE,
        {"KmsMasterKeyId": None, "SqsManagedSseEnabled": False},
        {"kmsMasterKeyId": None, "sqsManagedSseEnabled": False}),
    one("topic-key", "a topic that is not encrypted", TOPIC, {"KmsMasterKeyId": None}, {"kmsMasterKeyId": None}),
    one("backup-copies", "a backup plan without copies in another region", PLAN,
        {"BackupPlan": {"BackupPlanName": "orders",
                        "BackupPlanRule": [{key: value for key, value in _RULE.items() if key != "CopyActions"}]}},
        {"rules": [_PLAN_HERE_ONLY]}),
    Case(name="vault-lock", fault="a backup vault whose recovery points may be deleted", sound=(VAULT, _LOCK),
         faulty=(Part("Vault", VAULT.cloudformation,
                      {key: value for key, value in VAULT.properties.items() if key != "LockConfiguration"},
                      VAULT.pulumi, VAULT.inputs),)),
)  # fmt: skip
