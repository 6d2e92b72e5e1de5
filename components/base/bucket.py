"""A bucket as every layer needs it: private, encrypted with a key of the stack, versioned, and only over TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import Statement, allow, deny, document
from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from components.base.place import Place


class PrivateBucket(Component):
    """One bucket and what belongs to it. Its name is known before it exists.

    `delete_after_days` is when an object goes; None keeps it, and only versions that it replaced go.
    """

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        layer: str,
        purpose: str,
        place: Place,
        key_arn: pulumi.Output[str] | None,
        delete_after_days: int | None,
        archive_after_days: int | None = None,
        locked_days: int | None = None,
        noncurrent_days: int = 30,
        statements: Sequence[Statement] = (),
    ) -> None:
        self.layer = layer
        super().__init__(name, opts)
        self.bucket_name = place.bucket_name(purpose)
        self.arn = f"arn:aws:s3:::{self.bucket_name}"
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=self.bucket_name,
            object_lock_enabled=locked_days is not None,
            opts=self.child(protect=place.protect),
        )
        aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versions",
            bucket=bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=self.child(),
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.bucket,
            rules=[
                {
                    "bucket_key_enabled": key_arn is not None,
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "AES256" if key_arn is None else "aws:kms",
                        "kms_master_key_id": key_arn,
                    },
                }
            ],
            opts=self.child(),
        )
        self._lifecycle(
            name,
            bucket,
            versioning,
            archive_after_days=archive_after_days,
            delete_after_days=delete_after_days,
            noncurrent_days=noncurrent_days,
        )
        if locked_days is not None:
            aws.s3.BucketObjectLockConfiguration(
                f"{name}-lock",
                bucket=bucket.bucket,
                rule={"default_retention": {"mode": "GOVERNANCE", "days": locked_days}},
                opts=self.child(depends_on=[versioning]),
            )
        self.policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=document(self._tls_only(), *statements),
            opts=self.child(),
        )
        self.done({"arn": self.arn})

    def _lifecycle(
        self,
        name: str,
        bucket: aws.s3.Bucket,
        versioning: aws.s3.BucketVersioning,
        *,
        archive_after_days: int | None,
        delete_after_days: int | None,
        noncurrent_days: int,
    ) -> None:
        expiration = None
        if delete_after_days is not None:
            expiration = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=delete_after_days)
        transitions = []
        if archive_after_days is not None:
            transitions = [
                aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(
                    days=archive_after_days, storage_class="GLACIER_IR"
                )
            ]
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="expire",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    transitions=transitions,
                    expiration=expiration,
                    noncurrent_version_expiration=(
                        aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                            noncurrent_days=noncurrent_days
                        )
                    ),
                    abort_incomplete_multipart_upload=(
                        aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                            days_after_initiation=7
                        )
                    ),
                )
            ],
            opts=self.child(depends_on=[versioning]),
        )

    def _tls_only(self) -> Statement:
        return deny(
            "OnlyOverTls",
            ["s3:*"],
            [self.arn, f"{self.arn}/*"],
            principal="*",
            condition={"Bool": {"aws:SecureTransport": "false"}},
        )


def access_logged(
    owner: Component, bucket: PrivateBucket, purpose: str, *, delete_after_days: int, place: Place
) -> None:
    """Record who reads and writes a bucket, in a bucket of its own.

    Args:
        owner: the component that both belong to.
        bucket: whose accesses are recorded.
        purpose: what that bucket is for; the records' bucket is `<purpose>-access`.
        delete_after_days: when a record goes.
        place: where both are.
    """
    access = PrivateBucket(
        f"{purpose}-access",
        owner.child(),
        layer=owner.layer,
        purpose=f"{purpose}-access",
        place=place,
        # Access logs are delivered only to buckets without a KMS key (S3 user guide, "Server access logging").
        key_arn=None,
        delete_after_days=delete_after_days,
        statements=[
            allow(
                "AccessLogs",
                ["s3:PutObject"],
                [f"arn:aws:s3:::{place.bucket_name(f'{purpose}-access')}/{purpose}/*"],
                principal={"Service": "logging.s3.amazonaws.com"},
                condition={"StringEquals": {"aws:SourceAccount": place.account_id}},
            )
        ],
    )
    aws.s3.BucketLogging(
        f"{purpose}-access-logging",
        bucket=bucket.bucket_name,
        target_bucket=access.bucket_name,
        target_prefix=f"{purpose}/",
        opts=owner.child(depends_on=[bucket.policy, access.policy]),
    )
