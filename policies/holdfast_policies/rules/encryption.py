"""Encryption at rest and in transit, and the keys that do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast_policies.rule import Severity, Subject
from holdfast_policies.values import UNKNOWN, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource
    from holdfast_policies.rule import Change, Settings

encryption = Subject("encryption", pack="encryption")

TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
KEY = "aws:kms/key:Key"


def is_aws_managed(key: object) -> bool:
    """Whether a key reference names one of AWS's own keys. An unknown one cannot: those are never made by a program."""
    return isinstance(key, str) and "alias/aws/" in key


@encryption.rule(
    "dynamodb-table-cmk",
    TABLE,
    severity=Severity.HIGH,
    title="A DynamoDB table is encrypted with a customer-managed key",
    why="With the AWS-owned key nobody can see, limit or revoke the use of the key that protects the items.",
    fix="set server_side_encryption={'enabled': True, 'kms_key_arn': <ARN of your key in the table's region>}",
    controls=("NIST.800-53.r5 SC-28(1)",),
)
def table_cmk(table: Resource, _settings: Settings) -> Iterator[str]:
    """The table's own encryption block names a key that is not AWS's."""
    encrypted = table.view("serverSideEncryption")
    if not encrypted.flag("enabled"):
        yield "is encrypted with a key that AWS owns, not with one of yours"
    elif not encrypted.has("kmsKeyArn") or is_aws_managed(encrypted.data["kmsKeyArn"]):
        yield "is encrypted with the AWS-managed key aws/dynamodb, whose policy cannot be changed"


@encryption.rule(
    "dynamodb-replica-cmk-in-region",
    TABLE,
    REPLICA,
    severity=Severity.HIGH,
    title="Each replica is encrypted with a customer-managed key of its own region",
    why="A replica's key is not inherited: without one it falls back to an AWS-owned key, and a key of another region "
    "makes the replica depend on the region that it is to outlive.",
    fix="set kms_key_arn of the replica to the ARN of a key in the replica's region",
    controls=("CKV_AWS_271",),
)
def replica_cmk_in_region(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Inline replicas of a table, and replicas of their own."""
    if resource.type == REPLICA:
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


def _rotate(_key: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("enableKeyRotation",), True


@encryption.rule(
    "kms-rotation",
    KEY,
    title="A symmetric customer-managed key is rotated every year",
    why="A key that never rotates protects ever more data with the same material.",
    fix="set enable_key_rotation=True",
    controls=("FSBP KMS.4", "CIS 3.6"),
    mend=_rotate,
)
def kms_rotation(key: Resource, _settings: Settings) -> Iterator[str]:
    """Only symmetric encryption keys with material of AWS's own can rotate."""
    spec = key.text("customerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    usage = key.text("keyUsage") or "ENCRYPT_DECRYPT"
    rotates = spec == "SYMMETRIC_DEFAULT" and usage == "ENCRYPT_DECRYPT" and not key.has("customKeyStoreId")
    if rotates and not key.flag("enableKeyRotation"):
        yield "is never rotated"
