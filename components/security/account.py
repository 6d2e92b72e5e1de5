"""What watches a whole account in one region: GuardDuty, AWS Config and Access Analyzer.

One stack of an account owns them; a setting says whether this one does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import Statement, allow
from components.base.layer import Component

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place

CONFIG_BUCKET = "config"
"""What the bucket of AWS Config is named after; it stands in the home region."""


def config_role_arn(place: Place) -> str:
    """The service-linked role of AWS Config."""
    return place.role_arn("aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")


def config_statements(place: Place) -> list[Statement]:
    """What AWS Config needs of its bucket (AWS Config developer guide, "Permissions for the S3 bucket")."""
    arn = f"arn:aws:s3:::{place.at(place.home_region).bucket_name(CONFIG_BUCKET)}"
    principal = {"Service": "config.amazonaws.com"}
    own = {"aws:SourceAccount": place.account_id}
    return [
        allow(
            "ConfigChecks",
            ["s3:GetBucketAcl", "s3:ListBucket"],
            [arn],
            principal=principal,
            condition={"StringEquals": own},
        ),
        allow(
            "ConfigDelivers",
            ["s3:PutObject"],
            [f"{arn}/AWSLogs/{place.account_id}/Config/*"],
            principal=principal,
            condition={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **own}},
        ),
    ]


class AccountServices(Component):
    """The three watchers of one region."""

    layer = "security"

    def __init__(self, name: str, opts: pulumi.ResourceOptions, *, place: Place) -> None:
        super().__init__(name, opts)
        region = place.region
        aws.guardduty.Detector(
            f"{region}-guardduty", enable=True, finding_publishing_frequency="FIFTEEN_MINUTES", opts=self.child()
        )
        aws.accessanalyzer.Analyzer(
            f"{region}-access-analyzer", analyzer_name=place.name("access"), type="ACCOUNT", opts=self.child()
        )
        recorder = aws.cfg.Recorder(
            f"{region}-config",
            name=place.name("config"),
            role_arn=config_role_arn(place),
            # Global types once, in the home region; else each region records every role again.
            recording_group={"all_supported": True, "include_global_resource_types": place.is_home},
            opts=self.child(),
        )
        channel = aws.cfg.DeliveryChannel(
            f"{region}-config-delivery",
            name=place.name("config"),
            s3_bucket_name=place.at(place.home_region).bucket_name(CONFIG_BUCKET),
            opts=self.child(depends_on=[recorder]),
        )
        aws.cfg.RecorderStatus(
            f"{region}-config-on", name=recorder.name, is_enabled=True, opts=self.child(depends_on=[channel])
        )
        self.done()
