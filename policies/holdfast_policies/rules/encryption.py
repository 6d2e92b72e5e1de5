"""Encryption at rest and in transit, and the keys that do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsfacts.iam.document import Document, Statement
from holdfast_policies import kinds
from holdfast_policies.documents import own_policies
from holdfast_policies.graph import serving_regions
from holdfast_policies.rule import Level, Severity, Subject
from holdfast_policies.values import UNKNOWN, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Change, Settings

encryption = Subject("encryption", pack="encryption")


def is_aws_managed(key: object) -> bool:
    """Whether a key reference names one of AWS's own keys. An unknown one cannot: no program makes those."""
    return isinstance(key, str) and "alias/aws/" in key


def has_own_key(view: View, name: str) -> bool:
    """Whether a property names a key that is not AWS's, be its value known or not."""
    return view.has(name) and view.data[name] != "" and not is_aws_managed(view.data[name])


def is_secondary(group: Resource) -> bool:
    """Whether a replication group joined a global one, whose primary decides encryption, failover and version."""
    return group.has("globalReplicationGroupId")


@encryption.rule(
    "dynamodb-table-cmk",
    kinds.TABLE,
    severity=Severity.HIGH,
    title="A DynamoDB table is encrypted with a customer-managed key",
    why="With a key that AWS owns nobody can see, limit or revoke the use of the key that protects the items.",
    fix="set server_side_encryption={'enabled': True, 'kms_key_arn': <ARN of your key in the table's region>}",
    controls=("NIST 800-53r5 SC-28(1)",),
)
def table_cmk(table: Resource, _settings: Settings) -> Iterator[str]:
    """The table's own encryption block names a key that is not AWS's."""
    encrypted = table.view("serverSideEncryption")
    if not encrypted.flag("enabled"):
        yield "is encrypted with a key that AWS owns, not with one of yours"
    elif not has_own_key(encrypted, "kmsKeyArn"):
        yield "is encrypted with the AWS-managed key aws/dynamodb, whose policy cannot be changed"


@encryption.rule(
    "dynamodb-replica-cmk-in-region",
    kinds.TABLE,
    kinds.REPLICA,
    severity=Severity.HIGH,
    title="Each replica is encrypted with a customer-managed key of its own region",
    why="A replica's key is not inherited: without one it falls back to a key that AWS owns, and a key of another "
    "region makes the replica depend on the region that it is to outlive.",
    fix="set kms_key_arn of the replica to the ARN of a key in the replica's region",
    controls=("CKV_AWS_271",),
)
def replica_cmk_in_region(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Inline replicas of a table, and replicas of their own."""
    if resource.type == kinds.REPLICA:
        yield from _replica_key(resource, resource.region, "has")
        return
    for replica in resource.views("replicas"):
        region = replica.text("regionName")
        yield from _replica_key(replica, region, f"has a replica in {region or 'a region without a name'} with")


def _replica_key(replica: View, region: str, having: str) -> Iterator[str]:
    key = replica.data.get("kmsKeyArn")
    if key is UNKNOWN:
        return
    if not isinstance(key, str) or not key or is_aws_managed(key):
        yield f"{having} no key of yours"
    elif region and key.startswith("arn:") and key.split(":")[3] != region:
        yield f"{having} a key of {key.split(':')[3]}, while it lives in {region}"


@encryption.rule(
    "dax-at-rest",
    kinds.DAX,
    severity=Severity.HIGH,
    title="A DAX cluster encrypts what it caches",
    why="A cache holds the same items as the table behind it; unencrypted, it undoes the table's encryption.",
    fix="set server_side_encryption={'enabled': True} when the cluster is created; it cannot be changed later",
    controls=("Security Hub DynamoDB.3",),
)
def dax_at_rest(cluster: Resource, _settings: Settings) -> Iterator[str]:
    """Server-side encryption of the nodes."""
    if not cluster.view("serverSideEncryption").flag("enabled"):
        yield "keeps items unencrypted"


@encryption.rule(
    "dax-in-transit",
    kinds.DAX,
    severity=Severity.HIGH,
    title="A DAX cluster is reached over TLS only",
    why="The default is no encryption: whoever is in the network path reads and changes items.",
    fix="set cluster_endpoint_encryption_type='TLS' when the cluster is created; it cannot be changed later",
    controls=("Security Hub DynamoDB.7",),
)
def dax_in_transit(cluster: Resource, _settings: Settings) -> Iterator[str]:
    """The endpoint's encryption type."""
    if cluster.text("clusterEndpointEncryptionType").upper() != "TLS":
        yield "is reached without TLS"


@encryption.rule(
    "elasticache-at-rest",
    kinds.CACHE_GROUP,
    severity=Severity.HIGH,
    title="An ElastiCache replication group encrypts what it stores",
    why="Its snapshots, swap and sync files hold the data in the clear.",
    fix="set at_rest_encryption_enabled=True when the group is created",
    controls=("Security Hub ElastiCache.4",),
)
def cache_at_rest(group: Resource, _settings: Settings) -> Iterator[str]:
    """A secondary of a global group takes it from its primary; Valkey encrypts by default."""
    default = group.text("engine").lower() == "valkey"
    if not is_secondary(group) and not group.flag("atRestEncryptionEnabled", default=default):
        yield "stores data unencrypted"


@encryption.rule(
    "elasticache-in-transit",
    kinds.CACHE_GROUP,
    kinds.CACHE_CLUSTER,
    severity=Severity.HIGH,
    title="An ElastiCache cluster is reached over TLS only",
    why="Without TLS the password and the data pass the network in the clear.",
    fix="set transit_encryption_enabled=True (and transit_encryption_mode='required'); a single Redis node cannot: "
    "use an aws.elasticache.ReplicationGroup",
    controls=("Security Hub ElastiCache.5",),
)
def cache_in_transit(cache: Resource, _settings: Settings) -> Iterator[str]:
    """A node of a replication group takes it from the group."""
    if is_secondary(cache) or (cache.type == kinds.CACHE_CLUSTER and cache.has("replicationGroupId")):
        return
    if not cache.flag("transitEncryptionEnabled"):
        yield "is reached without TLS"
    elif cache.text("transitEncryptionMode") == "preferred":
        yield "still accepts connections without TLS (mode 'preferred')"


@encryption.rule(
    "elasticache-auth-or-rbac",
    kinds.CACHE_GROUP,
    kinds.CACHE_SERVERLESS,
    severity=Severity.HIGH,
    title="An ElastiCache group asks who connects",
    why="Otherwise everything in the network may read, change and flush the cache.",
    fix="set user_group_ids to a group with named users, or auth_token",
    controls=("Security Hub ElastiCache.6",),
)
def cache_auth(cache: Resource, _settings: Settings) -> Iterator[str]:
    """A user group (RBAC) or a token."""
    names = ("userGroupIds", "userGroupId", "authToken", "authTokenWo")
    if not is_secondary(cache) and not any(cache.data.get(name) not in (None, "", []) for name in names):
        yield "lets everyone who reaches it in"


def _rotate(_key: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("enableKeyRotation",), True


@encryption.rule(
    "kms-rotation",
    kinds.KEY,
    title="A symmetric customer-managed key is rotated every year",
    why="A key that never rotates protects ever more data with the same material.",
    fix="set enable_key_rotation=True",
    controls=("Security Hub KMS.4",),
    mend=_rotate,
)
def kms_rotation(key: Resource, _settings: Settings) -> Iterator[str]:
    """Only symmetric encryption keys with material of AWS's own can rotate."""
    spec = key.text("customerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    usage = key.text("keyUsage") or "ENCRYPT_DECRYPT"
    rotates = spec == "SYMMETRIC_DEFAULT" and usage == "ENCRYPT_DECRYPT" and not key.has("customKeyStoreId")
    if rotates and not key.flag("enableKeyRotation"):
        yield "is never rotated"


@encryption.stack_rule(
    "kms-multi-region-replica-present",
    kinds.KEY,
    kinds.REPLICA_KEY,
    title="A multi-Region key has a replica where tables have replicas",
    why="A multi-Region primary alone protects nothing elsewhere: the other regions could not decrypt.",
    fix="add an aws.kms.ReplicaKey in each region that serves",
)
def multi_region_replica(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Each multi-Region primary of a stack that serves from other regions too is named by a replica key."""
    for key in stack.of(kinds.KEY):
        elsewhere = [region for region in serving_regions(stack) if region != key.region]
        replicas = list(stack.referring(key, "primaryKeyArn", kinds.REPLICA_KEY))
        if key.flag("multiRegion") and elsewhere and not replicas:
            yield key, f"is a multi-Region key without a replica in {', '.join(elsewhere)}"


@encryption.stack_rule(
    "ebs-at-rest",
    kinds.LAUNCH_TEMPLATE,
    kinds.INSTANCE,
    kinds.EBS_VOLUME,
    kinds.EKS_NODES,
    kinds.EBS_DEFAULT,
    title="Disks of instances, and of the nodes of a cluster, are encrypted",
    why="What a disk does not say is the account's default for its region, which another team may switch off; images, "
    "logs and what pods write then lie there in the clear.",
    fix="set encrypted in ebs of each block device mapping, and give a managed node group such a launch template; or "
    "own the default with an aws.ebs.EncryptionByDefault in the region",
    controls=("Security Hub EC2.3", "Security Hub EC2.181"),
)
def ebs_at_rest(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Volumes, devices of templates and instances, node groups without a template; all, where the default is off.

    A template that the stack does not make is not judged. A device without `ebs` is none of EBS', or is taken away.
    """
    for kind, problem_of in _DISKS.items():
        for resource in stack.of(kind):
            problem = problem_of(resource)
            if problem and not _encrypts_by_default(stack, resource):
                yield resource, problem


def _of_volume(volume: Resource) -> str:
    return "" if volume.flag("encrypted") else _PLAIN


def _of_template(template: Resource) -> str:
    mappings = [mapping for mapping in template.views("blockDeviceMappings") if mapping.has("ebs")]
    if not mappings:
        return _SILENT
    return "" if all(mapping.view("ebs").flag("encrypted") for mapping in mappings) else _PLAIN


def _of_instance(instance: Resource) -> str:
    if not all(disk.flag("encrypted") for disk in instance.views("ebsBlockDevices")):
        return _PLAIN
    if instance.has("rootBlockDevice"):
        return "" if instance.view("rootBlockDevice").flag("encrypted") else _PLAIN
    return "" if instance.has("launchTemplate") else _SILENT


def _of_nodes(nodes: Resource) -> str:
    return "" if nodes.has("launchTemplate") else "has no launch template, so its disks are as the account's default"


_PLAIN: Final = "has a disk that is not encrypted"
_SILENT: Final = "says nothing of its disk, which is as the account's default"
_DISKS: Final = {
    kinds.LAUNCH_TEMPLATE: _of_template,
    kinds.INSTANCE: _of_instance,
    kinds.EBS_VOLUME: _of_volume,
    kinds.EKS_NODES: _of_nodes,
}
"""What leaves the disks of a type to the account's default, or plain; empty where nothing does."""


def _encrypts_by_default(stack: Stack, resource: Resource) -> bool:
    """Whether the stack itself sees to it that every new volume of the resource's region is encrypted."""
    return any(
        default.region == resource.region and default.flag("enabled", default=True)
        for default in stack.of(kinds.EBS_DEFAULT)
    )


@encryption.rule(
    "eks-secrets-kms",
    kinds.EKS,
    title="An EKS cluster encrypts Kubernetes secrets with a customer-managed key",
    why="With envelope encryption by your key, a copy of etcd is of no use without it.",
    fix="set encryption_config={'resources': ['secrets'], 'provider': {'key_arn': <ARN of your key>}}",
)
def eks_secrets(cluster: Resource, _settings: Settings) -> Iterator[str]:
    """The encryption configuration covers secrets and names a key."""
    config = cluster.view("encryptionConfig")
    if "secrets" not in config.texts("resources") or not config.view("provider").has("keyArn"):
        yield "does not encrypt secrets with a key of yours"


@encryption.rule(
    "cloudtrail-kms",
    kinds.TRAIL,
    title="A trail is encrypted with a customer-managed key",
    why="The log of who did what is for few eyes; a key of yours decides whose.",
    fix="set kms_key_id to the ARN of your key",
    controls=("Security Hub CloudTrail.2",),
)
def trail_kms(trail: Resource, _settings: Settings) -> Iterator[str]:
    """A key is named."""
    if not has_own_key(trail, "kmsKeyId"):
        yield "is not encrypted with a key of yours"


@encryption.rule(
    "log-group-kms",
    kinds.LOG_GROUP,
    title="A log group is encrypted with a customer-managed key",
    why="Logs repeat what the application handled; a key of yours decides who can read them.",
    fix="set kms_key_id to the ARN of your key",
    controls=("NIST 800-53r5 AU-9(3)",),
)
def log_group_kms(group: Resource, _settings: Settings) -> Iterator[str]:
    """A key is named."""
    if not has_own_key(group, "kmsKeyId"):
        yield "is not encrypted with a key of yours"


def _encrypt_queue(_queue: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("sqsManagedSseEnabled",), True


@encryption.rule(
    "sqs-encrypted",
    kinds.QUEUE,
    title="An SQS queue encrypts its messages",
    why="Messages wait on disk; a queue that switched encryption off keeps them readable there.",
    fix="set kms_master_key_id to your key, or leave sqs_managed_sse_enabled at its default of True",
    controls=("Security Hub SQS.1",),
    mend=_encrypt_queue,
)
def queue_encrypted(queue: Resource, _settings: Settings) -> Iterator[str]:
    """A queue is encrypted by SQS unless the program switches that off."""
    if not queue.has("kmsMasterKeyId") and not queue.flag("sqsManagedSseEnabled", default=True):
        yield "keeps messages unencrypted"


@encryption.rule(
    "sns-encrypted",
    kinds.TOPIC,
    title="An SNS topic encrypts its messages with a key",
    why="SNS stores a message until it is delivered, without a key in the clear.",
    fix="set kms_master_key_id to your key",
    controls=("Security Hub SNS.1",),
)
def topic_encrypted(topic: Resource, _settings: Settings) -> Iterator[str]:
    """A key is named."""
    if topic.data.get("kmsMasterKeyId") in (None, ""):
        yield "keeps messages unencrypted"


@encryption.stack_rule(
    "s3-kms",
    *kinds.BUCKETS,
    *kinds.BUCKET_ENCRYPTION,
    title="A bucket encrypts its objects with a KMS key",
    why="With SSE-S3 alone, whoever may read the bucket may read the objects; a key is a second lock.",
    fix="add an aws.s3.BucketServerSideEncryptionConfiguration with sse_algorithm='aws:kms' and your key",
    controls=("Security Hub S3.17",),
)
def bucket_kms(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """A configuration of its own, or the bucket's inline one.

    S3 delivers its access logs to SSE-S3 buckets only, and whoever reads a website anonymously has no right to a key.
    """
    for bucket in stack.of(*kinds.BUCKETS):
        if _takes_access_logs(stack, bucket) or _is_website(stack, bucket):
            continue
        rules = [
            rule
            for config in stack.referring(bucket, "bucket", *kinds.BUCKET_ENCRYPTION)
            for rule in config.views("rules")
        ]
        inline = bucket.view("serverSideEncryptionConfiguration").view("rule")
        algorithms = [rule.view("applyServerSideEncryptionByDefault").text("sseAlgorithm") for rule in (*rules, inline)]
        if not any(algorithm.startswith("aws:kms") for algorithm in algorithms):
            yield bucket, "does not encrypt objects with a KMS key"


@encryption.stack_rule(
    "s3-tls-only",
    *kinds.BUCKETS,
    kinds.BUCKET_POLICY,
    title="A bucket refuses requests without TLS",
    why="S3 still answers plain HTTP; a signed request can be replayed and an object read on the way.",
    fix="add a bucket policy that denies s3:* to '*' with Condition {'Bool': {'aws:SecureTransport': 'false'}}",
    controls=("Security Hub S3.5",),
)
def bucket_tls(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """A Deny for everyone where the request came without TLS. S3's website endpoints speak plain HTTP only."""
    for bucket in stack.of(*kinds.BUCKETS):
        if _is_website(stack, bucket):
            continue
        if not any(_denies_plain(policy) for policy in own_policies(stack, bucket, "bucket", kinds.BUCKET_POLICY)):
            yield bucket, "answers requests without TLS"


def _is_website(stack: Stack, bucket: Resource) -> bool:
    return bucket.has("website") or any(True for _ in stack.referring(bucket, "bucket", *kinds.BUCKET_WEBSITE))


def _takes_access_logs(stack: Stack, bucket: Resource) -> bool:
    apart = stack.referring(bucket, "targetBucket", *kinds.BUCKET_LOGGING)
    inline = stack.referring(bucket, "logging", *kinds.BUCKETS)
    return any(True for _ in (*apart, *inline))


def _denies_plain(document: Document) -> bool:
    return any(_is_tls_deny(statement) for statement in document.denying)


def _is_tls_deny(statement: Statement) -> bool:
    plain = any(
        condition.base == "bool"
        and condition.key.lower() == "aws:securetransport"
        and "false" in [value.lower() for value in condition.values]
        for condition in statement.conditions
    )
    return plain and len(statement.conditions) == 1 and statement.any_principal and statement.covers("s3:GetObject")


@encryption.rule(
    "backup-vault-cmk",
    kinds.BACKUP_VAULT,
    title="A backup vault is encrypted with a customer-managed key",
    why="A vault's default key is AWS's, and a recovery point under it can never be copied to another account.",
    fix="set kms_key_arn to the ARN of your key",
    controls=("Security Hub Backup.1",),
)
def vault_cmk(vault: Resource, _settings: Settings) -> Iterator[str]:
    """A key is named, and it is not AWS's."""
    if not has_own_key(vault, "kmsKeyArn"):
        yield "is encrypted with a key of AWS, not with one of yours"


@encryption.rule(
    "secret-cmk",
    kinds.SECRET,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    title="A secret is encrypted with a customer-managed key",
    why="The policy of aws/secretsmanager lets every principal of the account use it, and it cannot be shared.",
    fix="set kms_key_id to the ARN of your key",
)
def secret_cmk(secret: Resource, _settings: Settings) -> Iterator[str]:
    """A key is named, and it is not AWS's."""
    if not has_own_key(secret, "kmsKeyId"):
        yield "is encrypted with AWS's key aws/secretsmanager"
