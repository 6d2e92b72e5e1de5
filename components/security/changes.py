"""The change audit: every change of an item, through Kinesis and Firehose, into a bucket that nobody can rewrite.

It reads the home region alone: a write in another region is replicated there and recorded with it, also the writes
that arrive after a partition has healed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.bucket import PrivateBucket
from components.base.documents import allow
from components.base.layer import Component
from components.base.roles import service_role

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from components.base.place import Place
    from components.security.outputs import KeyOutputs
    from settings.security import AuditSettings

STREAM = "changes"
"""What stream, delivery and bucket are named after."""


class ChangeAudit(Component):
    """Stream, delivery and locked bucket, and one streaming destination per table."""

    layer = "security"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        audit: AuditSettings,
        tables: Mapping[str, aws.dynamodb.Table],
        keys: KeyOutputs,
        aliases: Mapping[str, str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        stream = aws.kinesis.Stream(
            "changes-stream",
            name=place.name(STREAM),
            stream_mode_details={"stream_mode": "ON_DEMAND"},
            retention_period=48,
            encryption_type="KMS",
            kms_key_id=keys.data,
            opts=self.child(),
        )
        for logical, table in tables.items():
            aws.dynamodb.KinesisStreamingDestination(
                f"changes-of-{logical}",
                table_name=table.name,
                stream_arn=stream.arn,
                approximate_creation_date_time_precision="MICROSECOND",
                opts=self.child(),
            )
        self._delivery(audit, stream, keys, aliases, place)
        self.done()

    def _delivery(
        self,
        audit: AuditSettings,
        stream: aws.kinesis.Stream,
        keys: KeyOutputs,
        aliases: Mapping[str, str],
        place: Place,
    ) -> None:
        bucket = PrivateBucket(
            "changes",
            self.child(),
            layer=self.layer,
            purpose=STREAM,
            place=place,
            key_arn=keys.logs,
            delete_after_days=audit.retention_days,
            locked_days=audit.retention_days,
        )
        role_name = place.global_name("changes-delivery")
        log_group = f"/{place.prefix}/changes-delivery"
        group = aws.cloudwatch.LogGroup(
            "changes-logs",
            name=log_group,
            retention_in_days=audit.retention_days,
            kms_key_id=keys.logs,
            opts=self.child(),
        )
        policy = service_role(
            self,
            "changes",
            allow(
                "ReadChanges",
                ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"],
                [place.arn("kinesis", f"stream/{place.name(STREAM)}")],
            ),
            allow("Write", ["s3:AbortMultipartUpload", "s3:PutObject"], [f"{bucket.arn}/*"]),
            allow("Find", ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket.arn]),
            allow("Log", ["logs:PutLogEvents"], [place.log_group_arn(log_group)]),
            allow(
                "Keys",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                [place.any_key_arn],
                condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": [aliases["data"], aliases["logs"]]}},
            ),
            role_name=role_name,
            description="Firehose delivers the change audit",
            service="firehose.amazonaws.com",
            duty="deliver",
            place=place,
        )
        aws.kinesis.FirehoseDeliveryStream(
            "changes-delivery",
            name=place.name(STREAM),
            destination="extended_s3",
            kinesis_source_configuration={"kinesis_stream_arn": stream.arn, "role_arn": place.role_arn(role_name)},
            extended_s3_configuration={
                "bucket_arn": bucket.arn,
                "role_arn": place.role_arn(role_name),
                "kms_key_arn": keys.logs,
                "buffering_size": 64,
                "buffering_interval": 300,
                "compression_format": "GZIP",
                "prefix": "changes/!{timestamp:yyyy/MM/dd/HH}/",
                "error_output_prefix": "undelivered/!{firehose:error-output-type}/",
                "cloudwatch_logging_options": {
                    "enabled": True,
                    "log_group_name": log_group,
                    "log_stream_name": "delivery",
                },
            },
            opts=self.child(depends_on=[policy, group, bucket.policy]),
        )
