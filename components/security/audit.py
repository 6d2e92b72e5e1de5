"""The audit trail: who called what in every region, and every access to an item of the stack's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.bucket import PrivateBucket, access_logged
from components.base.documents import Statement, allow
from components.base.layer import Component
from components.base.roles import service_role
from components.security.account import CONFIG_BUCKET, config_statements

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from components.security.outputs import KeyOutputs
    from settings import Settings
    from settings.security import AuditSettings

PURPOSE = "trail"


class Audit(Component):
    """A trail of all regions into a bucket and a log group, and the bucket of AWS Config where the stack owns it."""

    layer = "security"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        audit: AuditSettings,
        settings: Settings,
        keys: KeyOutputs,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        if audit.trail:
            self._trail(audit, settings, keys)
        if audit.account_wide:
            PrivateBucket(
                "config",
                self.child(),
                layer=self.layer,
                purpose=CONFIG_BUCKET,
                place=place,
                key_arn=keys.logs,
                delete_after_days=audit.retention_days,
                statements=config_statements(place),
            )
            aws.iam.ServiceLinkedRole("config-role", aws_service_name="config.amazonaws.com", opts=self.child())
        self.done()

    def _trail(self, audit: AuditSettings, settings: Settings, keys: KeyOutputs) -> None:
        place = self._place
        trail_name = place.name("trail")
        trail_arn = place.arn("cloudtrail", f"trail/{trail_name}")
        bucket = PrivateBucket(
            "trail",
            self.child(),
            layer=self.layer,
            purpose=PURPOSE,
            place=place,
            key_arn=keys.logs,
            delete_after_days=audit.retention_days,
            statements=_deliveries(place, trail_arn),
        )
        access_logged(self, bucket, PURPOSE, delete_after_days=audit.retention_days, place=place)
        group_name = f"/{place.prefix}/trail"
        group = aws.cloudwatch.LogGroup(
            "trail-logs",
            name=group_name,
            retention_in_days=audit.retention_days,
            kms_key_id=keys.logs,
            opts=self.child(),
        )
        role_name = place.name("trail-logs")
        policy = service_role(
            self,
            "trail",
            allow("Deliver", ["logs:CreateLogStream", "logs:PutLogEvents"], [place.log_group_arn(group_name)]),
            role_name=role_name,
            description="The trail of the stack writes its log group",
            service="cloudtrail.amazonaws.com",
            source_arn=trail_arn,
            duty="deliver",
            place=place,
        )
        aws.cloudtrail.Trail(
            "trail",
            name=trail_name,
            s3_bucket_name=bucket.bucket_name,
            kms_key_id=keys.logs,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            cloud_watch_logs_group_arn=group.arn.apply(lambda arn: arn if arn.endswith(":*") else f"{arn}:*"),
            cloud_watch_logs_role_arn=place.role_arn(role_name),
            advanced_event_selectors=[_management(), _items(settings, place)],
            opts=self.child(protect=place.protect, depends_on=[bucket.policy, policy]),
        )


def _management() -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    return aws.cloudtrail.TrailAdvancedEventSelectorArgs(
        name="Management events",
        field_selectors=[
            aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(field="eventCategory", equals=["Management"])
        ],
    )


def _items(settings: Settings, place: Place) -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    """Data events of the stack's tables in each of its regions."""
    tables = settings.data.tables if settings.data else {}
    arns = [
        place.at(region).table_arn(tables[logical].name)
        for region in settings.region_names
        for logical in settings.tables_in(region)
    ]
    selector = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
    return aws.cloudtrail.TrailAdvancedEventSelectorArgs(
        name="Items of this stack",
        field_selectors=[
            selector(field="eventCategory", equals=["Data"]),
            selector(field="resources.type", equals=["AWS::DynamoDB::Table"]),
            selector(field="resources.ARN", equals=arns),
        ],
    )


def _deliveries(place: Place, trail_arn: str) -> list[Statement]:
    """What CloudTrail needs of its bucket (CloudTrail user guide, "Bucket policy")."""
    arn = f"arn:aws:s3:::{place.bucket_name(PURPOSE)}"
    principal = {"Service": "cloudtrail.amazonaws.com"}
    own = {"aws:SourceArn": trail_arn}
    return [
        allow("TrailChecks", ["s3:GetBucketAcl"], [arn], principal=principal, condition={"StringEquals": own}),
        allow(
            "TrailDelivers",
            ["s3:PutObject"],
            [f"{arn}/AWSLogs/{place.account_id}/*"],
            principal=principal,
            condition={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **own}},
        ),
    ]
