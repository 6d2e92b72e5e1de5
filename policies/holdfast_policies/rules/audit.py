"""What is recorded, and what raises an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsfacts.metrics import why_dead
from holdfast_policies import kinds
from holdfast_policies.alarms import dimension_sets, watches
from holdfast_policies.graph import regions_of, table_name
from holdfast_policies.rule import Level, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Change, Settings

audit = Subject("audit", pack="operations")

_DATA_EVENTS: Final = "AWS::DynamoDB::Table"


@audit.rule(
    "cloudtrail-multi-region",
    kinds.TRAIL,
    severity=Severity.HIGH,
    title="A trail records every region",
    why="Who wants to go unseen acts in the region that nobody watches.",
    fix="set is_multi_region_trail=True",
    controls=("Security Hub CloudTrail.1",),
)
def trail_regions(trail: Resource, _settings: Settings) -> Iterator[str]:
    """`isMultiRegionTrail`."""
    if not trail.flag("isMultiRegionTrail"):
        yield "records one region only"


def _validate(_trail: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("enableLogFileValidation",), True


@audit.rule(
    "cloudtrail-validation",
    kinds.TRAIL,
    title="A trail's files show when they were changed",
    why="Without digests a log that was cleaned looks like one that was not.",
    fix="set enable_log_file_validation=True",
    controls=("Security Hub CloudTrail.4",),
    mend=_validate,
)
def trail_validation(trail: Resource, _settings: Settings) -> Iterator[str]:
    """`enableLogFileValidation`."""
    if not trail.flag("enableLogFileValidation"):
        yield "does not sign its files"


@audit.rule(
    "cloudtrail-cloudwatch",
    kinds.TRAIL,
    severity=Severity.LOW,
    title="A trail also goes to CloudWatch Logs",
    why="Files in a bucket are read after the fact; a log group can raise an alarm.",
    fix="set cloud_watch_logs_group_arn and cloud_watch_logs_role_arn",
    controls=("Security Hub CloudTrail.5",),
)
def trail_cloudwatch(trail: Resource, _settings: Settings) -> Iterator[str]:
    """A log group is named."""
    if not trail.has("cloudWatchLogsGroupArn"):
        yield "does not reach CloudWatch Logs"


@audit.rule(
    "cloudtrail-dynamodb-data-events",
    kinds.TRAIL,
    title="A trail records who read and wrote items",
    why="Management events say who changed a table, not who read a customer's item.",
    fix="add an event selector with data resources of type AWS::DynamoDB::Table",
)
def trail_data_events(trail: Resource, _settings: Settings) -> Iterator[str]:
    """Basic or advanced event selectors."""
    basic = {data.text("type") for one in trail.views("eventSelectors") for data in one.views("dataResources")}
    advanced = {
        value
        for one in trail.views("advancedEventSelectors")
        for field in one.views("fieldSelectors")
        if field.text("field") == "resources.type"
        for value in field.texts("equals")
    }
    if _DATA_EVENTS not in basic | advanced:
        yield "records nothing of what happens to items"


@audit.stack_rule(
    "cloudtrail-bucket-logging",
    kinds.TRAIL,
    *kinds.BUCKETS,
    *kinds.BUCKET_LOGGING,
    title="Access to a trail's bucket is logged",
    why="The log of who read the log is how a thief of it is found.",
    fix="add an aws.s3.BucketLogging for the trail's bucket",
    controls=("Security Hub CloudTrail.7",),
)
def trail_bucket_logging(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Only where the bucket is of this stack."""
    for trail in stack.of(kinds.TRAIL):
        bucket = stack.target(trail, "s3BucketName", *kinds.BUCKETS)
        if bucket is None or bucket.view("logging"):
            continue
        if not any(True for _ in stack.referring(bucket, "bucket", *kinds.BUCKET_LOGGING)):
            yield bucket, f"holds the files of trail {trail.name}, and access to it is not logged"


def _uses_aws(stack: Stack) -> bool:
    return any(resource.type.startswith("aws:") for resource in stack.resources)


@audit.stack_rule(
    "config-recorder",
    kinds.CONFIG_RECORDER,
    kinds.CONFIG_STATUS,
    level=Level.ADVISORY,
    title="AWS Config records how resources change",
    why="After an incident nobody can say what a resource looked like before it.",
    fix="add an aws.cfg.Recorder of all types and an aws.cfg.RecorderStatus, or switch the rule off where the "
    "account's own stack has them",
    controls=("Security Hub Config.1",),
)
def config_recorder(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource | None, str]]:
    """A recorder that is switched on; it records everything unless it names types."""
    recorders = list(stack.of(kinds.CONFIG_RECORDER))
    running = any(status.flag("isEnabled") for status in stack.of(kinds.CONFIG_STATUS))
    if _uses_aws(stack) and (not recorders or not running):
        yield None, "has no AWS Config recorder that runs"
    for recorder in recorders:
        group = recorder.view("recordingGroup")
        if not group.flag("allSupported", default=True) and not group.has("exclusionByResourceTypes"):
            yield recorder, "records some types of resources only"


@audit.stack_rule(
    "guardduty-enabled",
    kinds.GUARDDUTY,
    level=Level.ADVISORY,
    title="GuardDuty watches the account",
    why="Stolen credentials that are used from elsewhere are noticed by nobody else.",
    fix="add an aws.guardduty.Detector, or switch the rule off where the account's own stack has it",
    controls=("Security Hub GuardDuty.1",),
)
def guardduty(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource | None, str]]:
    """A detector that is on, as it is unless switched off."""
    detectors = list(stack.of(kinds.GUARDDUTY))
    if _uses_aws(stack) and not any(detector.flag("enable", default=True) for detector in detectors):
        yield None, "has no GuardDuty detector that is on"


@audit.rule(
    "eks-audit-logs",
    kinds.EKS,
    title="An EKS cluster logs who asked its API server for what",
    why="Without the audit log a pod that read all secrets leaves no trace.",
    fix="set enabled_cluster_log_types=['api', 'audit', 'authenticator']",
    controls=("Security Hub EKS.8",),
)
def eks_audit(cluster: Resource, _settings: Settings) -> Iterator[str]:
    """The log type `audit`."""
    if "audit" not in cluster.texts("enabledClusterLogTypes"):
        yield "keeps no audit log"


@audit.rule(
    "log-retention-minimum",
    kinds.LOG_GROUP,
    title="Logs are kept long enough",
    why="Most intrusions are found months later.",
    fix="raise retention_in_days, or leave it out to keep logs for ever",
    controls=(
        "Security Hub CloudWatch.16",
        "PCI DSS 4.0 10.5.1",
    ),
    settings={
        "minimum_days": {
            "type": "integer",
            "minimum": 1,
            "default": 90,
            "description": "Shortest retention in days; PCI DSS asks for 365, 90 of them at hand.",
        }
    },
)
def log_retention(group: Resource, settings: Settings) -> Iterator[str]:
    """No retention keeps logs for ever."""
    kept = group.number("retentionInDays")
    if kept and kept < settings["minimum_days"]:
        yield f"keeps logs for {kept:g} days, and {settings['minimum_days']} are wanted"


def _unwatched(stack: Stack, metrics: tuple[str, ...]) -> Iterator[Resource]:
    for table in stack.of(kinds.TABLE):
        alarms = stack.of(kinds.ALARM)
        if not any(watches(stack, alarm, "AWS/DynamoDB", metrics, table) for alarm in alarms):
            yield table


@audit.stack_rule(
    "dynamodb-throttle-alarm",
    kinds.TABLE,
    kinds.ALARM,
    level=Level.ADVISORY,
    title="An alarm watches a table's throttled requests",
    why="Throttling is how a hot key or a low limit shows first.",
    fix="add an aws.cloudwatch.MetricAlarm on ReadThrottleEvents and WriteThrottleEvents with TableName",
)
def throttle_alarm(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Any of the throttling metrics with the table's name."""
    for table in _unwatched(stack, ("ReadThrottleEvents", "WriteThrottleEvents", "ThrottledRequests")):
        yield table, "has no alarm on throttled requests"


@audit.stack_rule(
    "dynamodb-system-error-alarm",
    kinds.TABLE,
    kinds.ALARM,
    level=Level.ADVISORY,
    title="An alarm watches DynamoDB's own errors for a table",
    why="They are the first sign that the service fails in this region.",
    fix="add an aws.cloudwatch.MetricAlarm on SystemErrors with TableName and Operation",
)
def system_error_alarm(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """SystemErrors with the table's name."""
    for table in _unwatched(stack, ("SystemErrors",)):
        yield table, "has no alarm on system errors"


_LAG_LIMIT_MS: Final = 180_000


@audit.stack_rule(
    "dynamodb-replication-latency-alarm",
    kinds.TABLE,
    kinds.ALARM,
    level=Level.ADVISORY,
    title="An alarm watches how far replicas are behind, and whether they still report it",
    why="A replica that stopped is not late: it reports nothing, and serves old items after a failover.",
    fix="add a MetricAlarm on ReplicationLatency with threshold at most 180000 and treat_missing_data='breaching'",
)
def replication_alarm(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """One above 180,000 ms; and one on its fall to nothing, or missing data that counts as breaching."""
    for table in stack.of(kinds.TABLE):
        if len(regions_of(stack, table)) < 2:
            continue
        alarms = [
            alarm
            for alarm in stack.of(kinds.ALARM)
            if watches(stack, alarm, "AWS/DynamoDB", ("ReplicationLatency",), table)
        ]
        late = [one for one in alarms if one.text("comparisonOperator").startswith("Greater")]
        if not any((one.number("threshold") or 0) <= _LAG_LIMIT_MS for one in late):
            yield table, "has no alarm on replication that is more than 180 s behind"
        elif not any(
            one.text("treatMissingData") == "breaching" or one.text("comparisonOperator").startswith("Less")
            for one in alarms
        ):
            yield table, "has no alarm on replication that stopped to report"


@audit.rule(
    "alarm-has-action",
    kinds.ALARM,
    title="An alarm tells somebody",
    why="An alarm without an action turns red on a page that nobody looks at.",
    fix="set alarm_actions to the ARN of a topic, and leave actions_enabled on",
    controls=(
        "Security Hub CloudWatch.15",
        "Security Hub CloudWatch.17",
    ),
)
def alarm_has_action(alarm: Resource, _settings: Settings) -> Iterator[str]:
    """Actions are named, and not switched off."""
    if alarm.data.get("alarmActions") in (None, []):
        yield "tells nobody"
    elif not alarm.flag("actionsEnabled", default=True):
        yield "has its actions switched off"


@audit.rule(
    "alarm-can-fire",
    kinds.ALARM,
    severity=Severity.HIGH,
    title="An alarm watches a metric that is published with its dimensions",
    why="CloudWatch takes an alarm on any name; on a metric that does not exist it stays silent for ever.",
    fix="use a metric with exactly the dimensions that the service publishes it with",
)
def alarm_can_fire(alarm: Resource, _settings: Settings) -> Iterator[str]:
    """Only services whose metrics are known are judged; a metric of the application's own may be anything."""
    for namespace, metric, dimensions, place in dimension_sets(alarm):
        reason = why_dead(namespace, metric, dimensions)
        if reason:
            yield f"never fires: {reason} ({place})"


@audit.stack_rule(
    "route53-ttl-fits-rto",
    kinds.RECORD,
    kinds.HEALTH_CHECK,
    title="DNS follows a failover within the recovery time objective",
    why="Failing checks, then caches that run out: their sum is how long clients go to a region that is gone.",
    fix="lower the record's ttl, or the health check's request_interval or failure_threshold",
    settings={
        "rto_seconds": {"type": "number", "minimum": 1, "default": 120, "description": "Recovery time objective."}
    },
)  # fmt: skip
def ttl_fits(stack: Stack, settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Interval times threshold, and the TTL, for records with a health check."""
    for record in stack.of(kinds.RECORD):
        check = stack.target(record, "healthCheckId", kinds.HEALTH_CHECK)
        if check is None:
            continue
        noticing = (check.number("requestInterval") or 30) * (check.number("failureThreshold") or 3)
        total = noticing + (record.number("ttl") or 0)
        if total >= settings["rto_seconds"]:
            yield record, f"follows a failover after {total:g} s, and {settings['rto_seconds']:g} s are the objective"


@audit.stack_rule(
    "dynamodb-contributor-insights",
    kinds.TABLE,
    kinds.CONTRIBUTOR_INSIGHTS,
    severity=Severity.LOW,
    title="Contributor Insights shows a table's hot keys",
    why="Without it a hot partition is throttling that nobody can explain.",
    fix="add an aws.dynamodb.ContributorInsights for the table, in each region",
)
def contributor_insights(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Each table is named by one."""
    for table in stack.of(kinds.TABLE):
        # A list: what another program writes there need not be hashable.
        named = [one.data.get("tableName") for one in stack.of(kinds.CONTRIBUTOR_INSIGHTS)]
        refers = any(True for _ in stack.referring(table, "tableName", kinds.CONTRIBUTOR_INSIGHTS))
        if not refers and table_name(table) not in named:
            yield table, "has no Contributor Insights"


def _trace(_function: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("tracingConfig", "mode"), "Active"


@audit.rule(
    "lambda-tracing",
    kinds.FUNCTION,
    severity=Severity.LOW,
    title="A function's calls are traced",
    why="A trace shows where the time of a slow request went.",
    fix="set tracing_config={'mode': 'Active'}",
    controls=("Security Hub Lambda.7",),
    mend=_trace,
)
def function_tracing(function: Resource, _settings: Settings) -> Iterator[str]:
    """X-Ray's active mode."""
    if function.view("tracingConfig").text("mode") != "Active":
        yield "is not traced"
