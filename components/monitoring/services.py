"""Alarms of clusters, load balancers, keys, queues, deliveries and backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.alarm import Alarm, Priority, Runbook, Series

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pulumi

_HOUR = 3600


def cluster_alarms(cluster: str) -> Iterator[Alarm]:
    """Nodes that failed or are full (CloudWatch user guide, "Recommended alarms", Container Insights: 80 %)."""
    watched: tuple[tuple[str, str, float, Priority], ...] = (
        ("failed-nodes", "cluster_failed_node_count", 0, "p2"),
        ("cpu", "node_cpu_utilization", 80, "p3"),
        ("memory", "node_memory_utilization", 80, "p3"),
    )
    for label, name, above, priority in watched:
        yield Alarm(
            name=f"eks-{label}",
            description=f"EKS: {name} of {cluster}",
            priority=priority,
            runbook="cluster",
            series=[
                Series(
                    namespace="ContainerInsights",
                    name=name,
                    dimensions={"ClusterName": cluster},
                    statistic="Maximum",
                )
            ],
            above=above,
            periods=5,
            datapoints=5,
        )


def balancer_alarms(balancer: pulumi.Output[str], targets: pulumi.Output[str]) -> Iterator[Alarm]:
    """Answers of 5xx, and targets that do not answer their health check."""
    dimensions = {"LoadBalancer": balancer, "TargetGroup": targets}
    yield Alarm(
        name="orders-5xx",
        description="More than 1 % of the answers of the orders service are errors",
        priority="p1",
        runbook="service-errors",
        means="serving",
        series=[
            Series(namespace="AWS/ApplicationELB", name="HTTPCode_Target_5XX_Count", dimensions=dimensions),
            Series(namespace="AWS/ApplicationELB", name="RequestCount", dimensions=dimensions),
        ],
        expression="IF(m1 > 0, 100 * FILL(m0, 0) / m1, 0)",
        above=1,
        periods=3,
        datapoints=2,
    )
    yield Alarm(
        name="orders-no-healthy-target",
        description="No pod of the orders service is healthy",
        priority="p1",
        runbook="service-down",
        means="serving",
        series=[
            Series(namespace="AWS/ApplicationELB", name="HealthyHostCount", dimensions=dimensions, statistic="Minimum")
        ],
        above=1,
        comparison="LessThanThreshold",
        missing="breaching",
        periods=2,
        datapoints=2,
    )


def key_alarms() -> Iterator[Alarm]:
    """Calls of KMS at 80 % of the quota of the account (CloudWatch user guide, "Service quotas and alarms")."""
    yield Alarm(
        name="kms-quota",
        description="Cryptographic operations near the quota of the account; DynamoDB fails when KMS throttles",
        priority="p2",
        runbook="kms-quota",
        series=[
            Series(
                namespace="AWS/Usage",
                name="CallCount",
                dimensions={
                    "Service": "KMS",
                    "Type": "API",
                    "Resource": "CryptographicOperationsSymmetric",
                    "Class": "None",
                },
            )
        ],
        expression="100 * m0 / SERVICE_QUOTA(m0)",
        above=80,
        periods=5,
        datapoints=3,
    )


def queue_alarm(queue: str) -> Alarm:
    """Changes that nobody has taken for an hour: a stream consumer stands still."""
    return _late(
        f"{queue}-age",
        f"The oldest change in {queue} waits for more than an hour",
        Series(
            namespace="AWS/SQS",
            name="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": queue},
            statistic="Maximum",
        ),
        above=_HOUR,
        runbook="queue",
    )


def change_audit_alarms(stream: str) -> Iterator[Alarm]:
    """Change records that fall behind: half of the stream's retention is too late to look."""
    yield _late(
        "changes-age",
        "The change audit reads the stream more than an hour late",
        Series(
            namespace="AWS/Kinesis",
            name="GetRecords.IteratorAgeMilliseconds",
            dimensions={"StreamName": stream},
            statistic="Maximum",
        ),
        above=_HOUR * 1000,
        runbook="audit-late",
    )
    yield _late(
        "changes-freshness",
        "The change audit reaches its bucket more than an hour late",
        Series(
            namespace="AWS/Firehose",
            name="DeliveryToS3.DataFreshness",
            dimensions={"DeliveryStreamName": stream},
            statistic="Maximum",
        ),
        above=_HOUR,
        runbook="audit-late",
    )


def _late(name: str, description: str, age: Series, *, above: float, runbook: Runbook) -> Alarm:
    """Something that has been waiting too long for five minutes on end; it is for this week."""
    return Alarm(
        name=name,
        description=description,
        priority="p3",
        runbook=runbook,
        series=[age],
        above=above,
        periods=5,
        datapoints=5,
    )


def backup_alarm(vault: str) -> Alarm:
    """A backup job that failed."""
    return Alarm(
        name="backup-failed",
        description=f"A backup into {vault} failed",
        priority="p2",
        runbook="backup-failed",
        series=[Series(namespace="AWS/Backup", name="NumberOfBackupJobsFailed", dimensions={"BackupVaultName": vault})],
        above=0,
        periods=1,
        datapoints=1,
        period=_HOUR,
    )
