"""An alarm that cannot fire is told so, with what the service publishes instead."""

import pytest

from awsfacts import metrics


@pytest.mark.parametrize(
    ("namespace", "name", "dimensions"),
    [
        ("AWS/DynamoDB", "SystemErrors", {"TableName", "Operation"}),
        ("AWS/DynamoDB", "ReadThrottleEvents", {"TableName"}),
        ("AWS/DynamoDB", "ReadThrottleEvents", {"TableName", "GlobalSecondaryIndexName"}),
        ("AWS/DynamoDB", "ReplicationLatency", {"TableName", "ReceivingRegion"}),
        ("AWS/DynamoDB", "UserErrors", set()),
        ("AWS/DAX", "CPUUtilization", {"ClusterId"}),
        ("Some/Other", "Anything", {"X"}),
    ],
)
def test_a_published_series_can_fire(namespace, name, dimensions):
    assert metrics.why_dead(namespace, name, dimensions) is None


@pytest.mark.parametrize(
    ("namespace", "name", "dimensions", "reason"),
    [
        ("AWS/DynamoDB", "SystemErrors", {"TableName"}, "with Operation and TableName only"),
        ("AWS/DynamoDB", "ThrottledRequests", {"TableName"}, "Operation and TableName"),
        ("AWS/DynamoDB", "ThrottledRequests", {"TableName", "GlobalSecondaryIndexName"}, "Operation and TableName"),
        ("AWS/DynamoDB", "ReplicationLatency", {"TableName"}, "ReceivingRegion"),
        ("AWS/DynamoDB", "ReadThrotleEvents", {"TableName"}, "did you mean ReadThrottleEvents"),
        ("AWS/DynamoDB", "UserErrors", {"TableName"}, "no dimensions only"),
        ("AWS/KMS", "Whatever", {"KeyId"}, "publishes no metric Whatever"),
    ],
)
def test_a_series_that_nobody_publishes_is_dead(namespace, name, dimensions, reason):
    assert reason in metrics.why_dead(namespace, name, dimensions)


def test_every_metric_has_a_set_of_dimensions():
    assert len(metrics.METRICS) > 150
    assert all(metric.dimensions for metric in metrics.METRICS.values())
