"""Alarms that can fire, that tell somebody, with the thresholds of the reference figures."""

import json
import re

import pytest

from awsfacts.metrics import why_dead
from components.base.alarm import Series
from components.monitoring.caches import redis_alarms
from holdfast.telemetry import business

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


def alarm(recording, region, name):
    return recording.one("metricAlarm:MetricAlarm", f"{region}-alarm-{name}").inputs


@pytest.mark.parametrize(("stack", "fewest"), [("prod", 150), ("orders", 40)])
def test_every_alarm_is_on_a_published_series_and_tells_a_topic(recorded, stack, fewest):
    made = recorded(stack)
    alarms = made.of("metricAlarm:MetricAlarm")
    assert len(alarms) > fewest
    for item in alarms:
        assert item.inputs["alarmActions"], item.name
        series = [query["metric"] for query in item.inputs.get("metricQueries", []) if "metric" in query]
        if "metricName" in item.inputs:
            series.append(item.inputs)
        assert series, item.name
        for one in series:
            assert why_dead(one["namespace"], one["metricName"], one["dimensions"]) is None, item.name
    names = {(item.provider_name, item.inputs["name"]) for item in alarms}
    for composite in made.of("compositeAlarm:CompositeAlarm"):
        parts = re.findall(r'ALARM\("([^"]+)"\)', composite.inputs["alarmRule"])
        assert parts, composite.name
        assert {(composite.provider_name, part) for part in parts} <= names, composite.name


def test_a_series_that_nobody_publishes_is_refused():
    with pytest.raises(ValueError, match="with Operation and TableName only"):
        Series(namespace="AWS/DynamoDB", name="SystemErrors", dimensions={"TableName": "x"})


@pytest.mark.parametrize("region", REGIONS)
def test_table_alarms_have_the_figures_of_the_reference_architecture(prod, region):
    for kind in ("read", "write"):
        throttles = alarm(prod, region, f"Production-{kind}-throttles")
        assert (throttles["threshold"], throttles["period"], throttles["statistic"]) == (10, 60, "Sum")
        assert (throttles["datapointsToAlarm"], throttles["evaluationPeriods"]) == (2, 3)
    errors = alarm(prod, region, "Production-system-errors")
    assert errors["threshold"] == 5
    assert errors["metricQueries"][0]["expression"] == "SUM(METRICS())"
    operations = [query["metric"]["dimensions"]["Operation"] for query in errors["metricQueries"][1:]]
    assert {"GetItem", "PutItem", "Query", "TransactWriteItems"} <= set(operations)
    assert len(errors["metricQueries"]) <= 10
    assert alarm(prod, region, "Production-latency-average")["threshold"] == 100
    assert alarm(prod, region, "Production-latency-p99")["threshold"] == 100


def test_orders_keeps_the_figures_of_its_reference(recorded):
    orders = recorded("orders")
    errors = alarm(orders, "us-east-1", "orders-production-system-errors")
    assert (errors["threshold"], errors["evaluationPeriods"], errors["datapointsToAlarm"]) == (0, 1, 1)
    p99 = alarm(orders, "us-east-1", "orders-production-latency-p99")
    assert (p99["threshold"], p99["evaluationPeriods"]) == (50, 3)
    index = alarm(orders, "us-east-1", "orders-production-StatusIndex-throttles")
    assert (index["threshold"], index["evaluationPeriods"]) == (5, 2)
    capacity = alarm(orders, "us-east-1", "sessions-production-read-capacity")
    assert capacity["threshold"] == 80
    assert capacity["metricQueries"][0]["expression"] == "100 * m0 / (m1 * 60)"
    assert capacity["okActions"]
    assert not orders.of("metricAlarm:MetricAlarm", name="replication")
    assert orders.of("metricAlarm:MetricAlarm", name="fulfilment-age")


@pytest.mark.parametrize("region", REGIONS)
def test_replication_is_watched_against_the_objective_and_for_breaking(prod, region):
    slow = alarm(prod, region, "orders-production-replication-slow")
    assert slow["threshold"] == 1000
    assert slow["tags"]["Priority"] == "P3"
    receivers = {query["metric"]["dimensions"]["ReceivingRegion"] for query in slow["metricQueries"][1:]}
    assert receivers == set(REGIONS) - {region}
    broken = alarm(prod, region, "orders-production-replication-broken")
    assert broken["tags"]["Priority"] == "P1"
    expression = broken["metricQueries"][0]["expression"]
    assert "180000" in expression
    assert "== 0 &&" in expression


@pytest.mark.parametrize("region", REGIONS)
def test_one_alarm_says_that_a_region_is_unwell(prod, region):
    composite = prod.one("compositeAlarm:CompositeAlarm", f"{region}-alarm-region").inputs
    assert 'ALARM("holdfast-orders-production-system-errors")' in composite["alarmRule"]
    assert composite["alarmActions"] == [f"arn:aws:sns:{region}:111122223333:holdfast-p1"]
    assert len(composite["alarmRule"]) < 10_240


@pytest.mark.parametrize("region", REGIONS)
def test_topics_are_encrypted_and_open_to_services_of_the_account_only(prod, region):
    topics = [item for item in prod.of("sns/topic:Topic") if item.provider_name == region]
    assert {item.inputs["name"] for item in topics} == {f"holdfast-p{number}" for number in (1, 2, 3, 4)}
    assert all(f"{region}-key-logs" in item.inputs["kmsMasterKeyId"] for item in topics)
    policy = json.loads(prod.one("topicPolicy:TopicPolicy", f"{region}-topic-p1-policy").inputs["policy"])
    assert policy["Statement"][0]["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_subscriptions_come_from_the_settings(recorded):
    people = {"p1": [{"protocol": "email", "endpoint": "oncall@example.com"}]}
    made = recorded("dev", lambda config: config.update({"holdfast:monitoring": {"subscriptions": people}}))
    (subscription,) = made.of("topicSubscription:TopicSubscription")
    assert (subscription.inputs["protocol"], subscription.inputs["endpoint"]) == ("email", "oncall@example.com")


def test_dashboards_show_capacity_latency_errors_and_business(prod):
    for name in (*(f"{region}-dashboard" for region in REGIONS), "dashboard-joined"):
        body = json.loads(prod.one("dashboard:Dashboard", name).inputs["dashboardBody"])
        titles = " ".join(widget["properties"]["title"] for widget in body["widgets"])
        for title in ("Capacity", "Latency", "Error", "Orders per second", "Active users", "Transaction success rate"):
            assert title in titles, name


def test_dashboards_show_what_the_orders_service_publishes(prod):
    """Names, namespace and dimension: a dashboard of names that nobody publishes is empty and looks calm."""
    for name in (*(f"{region}-dashboard" for region in REGIONS), "dashboard-joined"):
        body = json.loads(prod.one("dashboard:Dashboard", name).inputs["dashboardBody"])
        shown = [
            metric
            for widget in body["widgets"]
            for metric in widget["properties"]["metrics"]
            if metric[0] == business.NAMESPACE
        ]
        assert {metric[1] for metric in shown} == set(business.COUNTS), name
        assert {(metric[2], metric[3]) for metric in shown} == {("Service", "orders")}
    for metric in business.COUNTS:
        assert why_dead(business.NAMESPACE, metric, {"Service"}) is None


@pytest.mark.parametrize("region", REGIONS)
def test_pods_publish_what_the_dashboards_show(prod, region):
    spec = prod.one("apps/v1:Deployment", f"{region}-deployment").inputs["spec"]["template"]["spec"]
    environment = {item["name"]: item["value"] for item in spec["containers"][0]["env"]}
    assert environment["HOLDFAST_PUBLISH_METRICS"] == "1"


def test_the_p99_of_every_operation_is_watched(recorded):
    p99 = alarm(recorded("orders"), "us-east-1", "orders-production-latency-p99")
    series = [query["metric"] for query in p99["metricQueries"] if "metric" in query]
    assert {one["dimensions"]["Operation"] for one in series} >= {"GetItem", "Query", "PutItem", "TransactWriteItems"}
    assert {one["stat"] for one in series} == {"p99"}


@pytest.mark.parametrize("region", REGIONS)
def test_the_control_table_is_watched_like_the_others(prod, region):
    for name in ("read-throttles", "write-throttles", "system-errors", "replication-broken"):
        assert alarm(prod, region, f"holdfast-control-{name}")["alarmActions"]
    broken = alarm(prod, region, "holdfast-control-replication-broken")
    assert broken["treatMissingData"] == "breaching"


def test_every_alarm_names_its_runbook_and_what_a_stack_has_once_is_named_so(prod):
    alarms = [*prod.of("metricAlarm:MetricAlarm"), *prod.of("compositeAlarm:CompositeAlarm")]
    for item in alarms:
        assert re.search(r"\. Runbook: docs/runbooks/[a-z-]+\.md$", item.inputs["alarmDescription"]), item.name
    assert {item.name for item in alarms if not item.name.startswith(REGIONS)} == {
        "home-alarm-backup-failed",
        "home-alarm-changes-age",
        "home-alarm-changes-freshness",
    }


def test_traces_and_logs(prod):
    rules = prod.of("samplingRule:SamplingRule")
    assert {item.inputs["fixedRate"] for item in rules} == {0.1}
    for region in REGIONS:
        group = prod.one("cloudwatch/logGroup:LogGroup", f"{region}-application-logs").inputs
        assert group["retentionInDays"] == 90
        assert f"{region}-key-logs" in group["kmsKeyId"]


def test_alarms_of_many_nodes_are_divided():
    names = [item.name for item in redis_alarms([f"node-{number}" for number in range(20)])]
    assert len(names) == len(set(names)) == 9
    assert all(len(item.series) <= 9 for item in redis_alarms([str(number) for number in range(20)]))
