"""Exports of whole tables to S3, started by EventBridge Scheduler without any code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.bucket import PrivateBucket
from components.base.documents import allow
from components.base.layer import Component
from components.base.roles import service_role

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings.backup import ExportSettings
    from settings.data import DataSettings

PURPOSE = "exports"
"""What the bucket is named after."""


class Exports(Component):
    """A bucket, a role that may export the tables of the stack into it, and a schedule per table."""

    layer = "data"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        export: ExportSettings,
        data: DataSettings,
        key_arn: pulumi.Output[str],
        key_alias: str,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        bucket = PrivateBucket(
            "exports",
            self.child(),
            layer=self.layer,
            purpose=PURPOSE,
            place=place,
            key_arn=key_arn,
            archive_after_days=export.archive_after_days,
            delete_after_days=export.delete_after_days,
        )
        role_name = place.global_name("exports")
        policy = self._role(role_name, bucket, data, key_alias, place)
        group = aws.scheduler.ScheduleGroup("exports-schedules", name=place.name("exports"), opts=self.child())
        for logical, table in data.tables.items():
            request = {
                "TableArn": place.table_arn(table.name),
                "S3Bucket": bucket.bucket_name,
                "S3Prefix": table.name,
                "S3SseAlgorithm": "KMS",
                "S3SseKmsKeyId": f"{place.arn('kms', key_alias)}",
                "ExportFormat": "DYNAMODB_JSON",
            }
            aws.scheduler.Schedule(
                f"export-{logical}",
                name=place.name("export", logical),
                group_name=group.name,
                description=f"Export of {table.name}",
                schedule_expression=export.schedule,
                schedule_expression_timezone="UTC",
                flexible_time_window={"mode": "FLEXIBLE", "maximum_window_in_minutes": 60},
                kms_key_arn=key_arn,
                target={
                    "arn": "arn:aws:scheduler:::aws-sdk:dynamodb:exportTableToPointInTime",
                    "role_arn": place.role_arn(role_name),
                    "input": json.dumps(request),
                    "retry_policy": {"maximum_retry_attempts": 3, "maximum_event_age_in_seconds": 3600},
                },
                opts=self.child(depends_on=[policy]),
            )
        self.done({"bucket": bucket.bucket_name})

    def _role(
        self, name: str, bucket: PrivateBucket, data: DataSettings, key_alias: str, place: Place
    ) -> aws.iam.RolePolicy:
        return service_role(
            self,
            "exports",
            allow(
                "Export",
                ["dynamodb:ExportTableToPointInTime"],
                [place.table_arn(table.name) for table in data.tables.values()],
            ),
            allow("Write", ["s3:AbortMultipartUpload", "s3:PutObject"], [f"{bucket.arn}/*"]),
            allow(
                "Encrypt",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                [place.any_key_arn],
                condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias}},
            ),
            role_name=name,
            description="Scheduled exports of the tables of the stack",
            service="scheduler.amazonaws.com",
            source_arn=place.arn("scheduler", f"schedule-group/{place.name('exports')}"),
            duty="export",
            place=place,
        )
