"""Canaries of one region: the journey of a made-up customer through every serving region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.alarm import Alarm, Series, register
from components.base.bucket import PrivateBucket
from components.base.documents import allow, document, service_trust
from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.base.place import Place
    from settings.observer import CanarySettings, EvacuationSettings

_MAX_NAME = 255
METRICS = "CloudWatchSynthetics"


def canary_name(place: Place, target: str) -> str:
    """Name of the canary of a region that looks at another, or at itself."""
    return place.name("to", target)[:_MAX_NAME]


def journey_alarm_name(target: str) -> str:
    """Name of the alarm of a canary, without the prefix of the stack."""
    return f"journeys-to-{target}"


class Journeys(Component):
    """One canary per serving region, their artifacts, and an alarm on each."""

    layer = "edge"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        canaries: CanarySettings,
        evacuation: EvacuationSettings,
        targets: Sequence[str],
        zone: str,
        key_arn: pulumi.Output[str],
        key_alias: str,
        topics: Mapping[str, str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        bucket = PrivateBucket(
            f"{place.region}-artifacts",
            self.child(),
            layer="edge",
            purpose="journeys",
            place=place,
            key_arn=key_arn,
            delete_after_days=canaries.artifact_days,
        )
        role_name = place.global_name("journeys")
        role = aws.iam.Role(
            f"{place.region}-journeys-role",
            name=role_name,
            description=f"Journeys of a made-up customer from {place.region}",
            assume_role_policy=service_trust(place, "lambda.amazonaws.com"),
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            f"{place.region}-journeys-policy",
            name="journeys",
            role=role.name,
            policy=_policy(place, bucket.arn, key_alias, canaries.token_secret),
            opts=self.child(),
        )
        self.alarms: dict[str, aws.cloudwatch.MetricAlarm] = {}
        for target in targets:
            other = next(region for region in targets if region != target)
            canary = aws.synthetics.Canary(
                f"{place.region}-journey-{target}",
                name=canary_name(place, target),
                runtime_version=canaries.runtime_version,
                handler="journey.handler",
                zip_file=canaries.package,
                artifact_s3_location=f"s3://{bucket.bucket_name}/{target}/",
                artifact_config={"s3_encryption": {"encryption_mode": "SSE_KMS", "kms_key_arn": key_arn}},
                execution_role_arn=place.role_arn(role_name),
                schedule={"expression": _rate(canaries.minutes)},
                run_config={
                    "timeout_in_seconds": canaries.timeout_seconds,
                    "active_tracing": True,
                    "environment_variables": {
                        "TARGET": f"https://{target}.{zone}",
                        "OTHER": f"https://{other}.{zone}",
                        **({"TOKEN_SECRET": canaries.token_secret} if canaries.token_secret else {}),
                    },
                },
                success_retention_period=canaries.artifact_days,
                failure_retention_period=canaries.artifact_days,
                start_canary=True,
                delete_lambda=True,
                opts=self.child(depends_on=[policy, bucket.policy]),
            )
            self.alarms[target] = register(
                _alarm(canary.name, target, evacuation, canaries.minutes), self, place, topics
            )
        self.done()


def _rate(minutes: int) -> str:
    return f"rate({minutes} minute{'' if minutes == 1 else 's'})"


def _alarm(canary: pulumi.Output[str], target: str, evacuation: EvacuationSettings, minutes: int) -> Alarm:
    """A plain alarm, every period of which counts: Route 53 takes no other kind."""
    return Alarm(
        name=journey_alarm_name(target),
        description=f"Journeys through {target} fail",
        priority="p1",
        runbook="region-unwell",
        series=[
            Series(namespace=METRICS, name="SuccessPercent", dimensions={"CanaryName": canary}, statistic="Average")
        ],
        above=evacuation.success_percent,
        comparison="LessThanThreshold",
        periods=evacuation.periods,
        datapoints=evacuation.periods,
        period=60 * minutes,
        # No journey at all is a fault of the canary or of its own region: it says nothing of the target.
        missing="ignore",
    )


def _policy(place: Place, bucket_arn: str, key_alias: str, secret: str | None) -> str:
    statements = [
        allow("Artifacts", ["s3:GetObject", "s3:PutObject"], [f"{bucket_arn}/*"]),
        allow("Bucket", ["s3:GetBucketLocation"], [bucket_arn]),
        allow(
            "Logs",
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            [place.log_group_arn(f"/aws/lambda/cwsyn-{place.prefix}-*")],
        ),
        # Neither takes a resource (service authorization reference, CloudWatch and X-Ray).
        allow(
            "Metrics",
            ["cloudwatch:PutMetricData"],
            ["*"],
            condition={"StringEquals": {"cloudwatch:namespace": METRICS}},
        ),
        allow("Traces", ["xray:PutTraceSegments"], ["*"]),
        allow(
            "ArtifactKey",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [place.any_key_arn],
            condition={
                "StringEquals": {"kms:ViaService": f"s3.{place.region}.amazonaws.com"},
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias},
            },
        ),
    ]
    if secret is not None:
        arn = place.arn("secretsmanager", f"secret:{secret}-??????")
        statements.append(allow("Token", ["secretsmanager:GetSecretValue"], [arn]))
    return document(*statements)
