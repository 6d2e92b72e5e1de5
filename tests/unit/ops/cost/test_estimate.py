from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from ops.cost import Traffic, after_preview, difference, estimate, from_state, from_steps, traffic_of
from ops.cost.model import cents
from ops.cost.pricers import PRICERS
from ops.cost.pricers.backup import runs
from settings import load_stack
from settings.usage import TableUsageSettings, UsageSettings

ROOT = Path(__file__).parents[4]
QUIET = Traffic(
    usage=UsageSettings(
        nat_gb=0, endpoint_gb=0, log_gb=0, bucket_gb=0, key_requests=0, requests_per_second=0, image_gb=0,
        table=TableUsageSettings(reads_per_second=0, writes_per_second=0, stored_gb=0),
    )
)  # fmt: skip


def step(kind, name, /, region="us-east-1", layer="network", op="create", **inputs):
    urn = f"urn:pulumi:t::p::holdfast:platform:Region$holdfast:{layer}:{layer.title()}Layer${kind}::{name}"
    provider = f"urn:pulumi:t::p::pulumi:providers:aws::{region}::id"
    return {"op": op, "urn": urn, "type": kind, "name": name, "provider": provider, "newInputs": inputs}


def total(*steps, traffic=QUIET):
    return cents(estimate(from_steps(steps), traffic).total.likely)


NODES = {"instanceTypes": ["m7g.large"], "scalingConfig": {"desiredSize": 3}}
CASES = [
    # 730 x 0.045; 730 x 0.048
    ("a NAT gateway", [step("aws:ec2/natGateway:NatGateway", "nat")], "32.85"),
    ("one in Ireland", [step("aws:ec2/natGateway:NatGateway", "nat", region="eu-west-1")], "35.04"),
    # 3 zones x 730 x 0.01
    ("an interface endpoint", [step("aws:ec2/vpcEndpoint:VpcEndpoint", "kms", vpcEndpointType="Interface",
     subnetIds=["output<unknown>"] * 3)], "21.90"),
    ("a gateway endpoint", [step("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", vpcEndpointType="Gateway")], "0.00"),
    # 3 x 730 x 0.255
    ("DAX", [step("aws:dax/cluster:Cluster", "dax", nodeType="dax.r5.large", replicationFactor=3)], "558.45"),
    # 9 x 730 x 0.219
    ("Redis", [step("aws:elasticache/replicationGroup:ReplicationGroup", "r", nodeType="cache.r7g.large",
     numNodeGroups=3, replicasPerNodeGroup=2)], "1438.83"),
    # 73 + 3 x 730 x 0.0816 + 3 x 50 x 0.08
    ("EKS", [step("aws:eks/cluster:Cluster", "c"), step("aws:eks/nodeGroup:NodeGroup", "n", **NODES),
     step("aws:ec2/launchTemplate:LaunchTemplate", "t", blockDeviceMappings=[{"ebs": {"volumeSize": 50}}])], "263.70"),
    # 2 metrics in an expression and one alone, a composite, a dashboard
    ("alarms", [
        step("aws:cloudwatch/metricAlarm:MetricAlarm", "a", metricQueries=[{"metric": {}}, {"metric": {"a": 1}},
             {"metric": {"b": 1}}, {"expression": "a+b"}]),
        step("aws:cloudwatch/metricAlarm:MetricAlarm", "b", metricName="x"),
        step("aws:cloudwatch/compositeAlarm:CompositeAlarm", "c"),
        step("aws:cloudwatch/dashboard:Dashboard", "d")], "3.80"),
    # a secret in three regions, a key in three
    ("keys", [step("aws:secretsmanager/secret:Secret", "s", replicas=[{"region": "us-west-2"}, {"region": "eu-west-1"}]),
     step("aws:kms/key:Key", "k"), step("aws:kms/replicaKey:ReplicaKey", "r", region="eu-west-1")], "3.20"),
    # 0.50 + zone 0.50 + HTTPS and latency 2.00 + plan 70
    ("failover", [step("aws:route53/zone:Zone", "z"), step("aws:route53/healthCheck:HealthCheck", "h", type="HTTPS",
     measureLatency=True, requestInterval=30), step("aws:arcregionswitch/plan:Plan", "p")], "73.00"),
    # a run each five minutes: 8760 x 0.0012
    ("a canary", [step("aws:synthetics/canary:Canary", "c", schedule={"expression": "rate(5 minutes)"})], "10.51"),
    # 5 + 2 rules
    ("a firewall", [step("aws:wafv2/webAcl:WebAcl", "w", rules=[{}, {}])], "7.00"),
    # 730 x 0.0225 + 3 addresses x 730 x 0.005
    ("a load balancer", [step("aws:lb/loadBalancer:LoadBalancer", "b", subnets=["a", "b", "c"])], "27.38"),
    ("what costs nothing", [step("aws:iam/role:Role", "r"), step("aws:ec2/subnet:Subnet", "s")], "0.00"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "usd"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_what_resources_cost(steps, usd):
    assert total(*steps) == Decimal(usd)


def orders(**more):
    return step(
        "aws:dynamodb/table:Table", "table-orders", layer="data", name="orders", billingMode="PAY_PER_REQUEST",
        rangeKey="sk", pointInTimeRecovery={"enabled": True}, ttl={"enabled": False}, **more,
    )  # fmt: skip


def replica(region):
    return step(
        "aws:dynamodb/tableReplica:TableReplica", f"{region}-replica-orders", region=region, layer="data",
        globalTableArn="arn:aws:dynamodb:us-east-1:1:table/orders", pointInTimeRecovery=True,
    )  # fmt: skip


def test_tables_are_billed_in_each_region_by_what_each_does():
    traffic = Traffic(
        usage=QUIET.usage, tables={"orders": TableUsageSettings(reads_per_second=0, writes_per_second=10)}
    )
    found = estimate(from_steps([orders(), replica("us-west-2"), replica("eu-west-1")]), traffic)
    # a hand-worked bill: writes 16.425 + 16.425 + 18.5274, transfer 1.0025, 10 GB: 4.50 + 4.50 + 5.03
    assert cents(found.total.likely) == Decimal("66.41")
    places = found.by_place()["data"]
    assert cents(places["eu-west-1"].likely) == Decimal("23.56")


def test_backups_are_full_ones_and_copies_are_paid_where_they_are():
    plan = step(
        "aws:backup/plan:Plan", "plan", layer="data",
        rules=[{"ruleName": "daily", "schedule": "cron(0 5 * * ? *)", "lifecycle": {"deleteAfter": 35}, "copyActions": [
            {"destinationVaultArn": "arn:aws:backup:us-west-2:1:backup-vault:dr", "lifecycle": {"deleteAfter": 90}}]}],
    )  # fmt: skip
    traffic = Traffic(usage=QUIET.usage, tables={"orders": TableUsageSettings(
        reads_per_second=0, writes_per_second=0, stored_gb=10)})  # fmt: skip
    found = estimate(from_steps([orders(), plan]), traffic)
    usd = {line.what: cents(line.usd.likely) for line in found.lines if line.resource == "plan"}
    # 35 x 10 GB x 0.10; 30.4167 runs x 10 GB x 0.04; 90 x 10 GB x 0.10
    assert usd["daily: kept"] == Decimal("35.00")
    assert usd["daily: copying to us-west-2"] == Decimal("12.17")
    assert usd["daily: copies kept"] == Decimal("90.00")
    assert {line.region for line in found.lines if "copies kept" in line.what} == {"us-west-2"}


@pytest.mark.parametrize(
    ("expression", "months"),
    [
        ("cron(0 5 * * ? *)", "30.42"), ("cron(0 5 ? * SUN *)", "4.35"), ("cron(0 5 1 * ? *)", "1.00"),
        ("cron(0 9 1 1,4,7,10 ? *)", "0.33"), ("rate(1 minute)", "43800.00"), ("rate(1 day)", "30.42"),
    ],
)  # fmt: skip
def test_how_often_a_schedule_runs(expression, months):
    assert cents(runs(expression)) == Decimal(months)


def test_autoscaling_provides_load_over_target_within_its_bounds():
    scaled = [
        step("aws:dynamodb/table:Table", "t", layer="data", name="sessions", billingMode="PROVISIONED", readCapacity=100,
             writeCapacity=50),
        step("aws:appautoscaling/target:Target", "us-east-1-w", resourceId="table/sessions", minCapacity=25,
             maxCapacity=500, scalableDimension="dynamodb:table:WriteCapacityUnits"),
        step("aws:appautoscaling/policy:Policy", "us-east-1-p", resourceId="table/sessions",
             scalableDimension="dynamodb:table:WriteCapacityUnits",
             targetTrackingScalingPolicyConfiguration={"targetValue": 70}),
    ]  # fmt: skip
    for writes, capacity in ((70, 100), (1, 25), (1000, 500)):
        table = TableUsageSettings(reads_per_second=0, writes_per_second=float(writes), stored_gb=0)
        found = estimate(from_steps(scaled), Traffic(usage=QUIET.usage, tables={"sessions": table}))
        units = {line.what: line.quantity.likely / 730 for line in found.lines}
        assert units["write capacity"] == capacity
        assert units["read capacity"] == 100


def test_more_traffic_never_costs_less():
    steps = [orders(), replica("us-west-2"), step("aws:ec2/natGateway:NatGateway", "nat")]
    found = estimate(from_steps(steps)).total
    assert found.low < found.likely < found.high


def test_what_has_no_price_is_named_and_not_taken_for_nothing():
    found = estimate(from_steps([
        step("aws:opensearch/domain:Domain", "search"),
        step("aws:dax/cluster:Cluster", "dax", nodeType="dax.z9.large"),
    ]))  # fmt: skip
    assert found.unpriced == {"aws:dax/cluster:Cluster (dax.z9.large)": 1, "aws:opensearch/domain:Domain": 1}
    assert found.total.likely == 0


def test_the_difference_of_a_change():
    before = from_steps([step("aws:ec2/natGateway:NatGateway", "a"), orders()])
    steps = [
        step("aws:ec2/natGateway:NatGateway", "a", op="delete"),
        step("aws:ec2/natGateway:NatGateway", "b", region="eu-west-1"),
        step("aws:opensearch/domain:Domain", "search"),
    ]
    change = difference(estimate(before, QUIET), estimate(after_preview(before, steps), QUIET))
    assert cents(change.total.likely) == Decimal("2.19")
    assert {place: cents(usd.likely) for place, usd in change.places.items()} == {
        ("network", "eu-west-1"): Decimal("35.04"),
        ("network", "us-east-1"): Decimal("-32.85"),
    }
    assert list(change.resources) == [("network", "eu-west-1", "b"), ("network", "us-east-1", "a")]
    assert change.unpriced == {"aws:opensearch/domain:Domain": 1}
    assert json.loads(json.dumps(change.to_dict()))["difference"]["likely"] == 2.19


def test_no_change_makes_no_difference():
    found = estimate(from_steps([orders(), replica("us-west-2")]))
    change = difference(found, found)
    assert change.places == {}
    assert change.resources == {}
    assert change.total.likely == 0


def test_a_state_an_export_and_a_preview_of_the_same_are_priced_alike():
    steps = [orders(), replica("us-west-2")]
    resources = [{"urn": one["urn"], "type": one["type"], "provider": one["provider"], "inputs": one["newInputs"]}
                 for one in steps]  # fmt: skip
    state = {"version": 3, "deployment": {"resources": resources}}
    assert estimate(from_state(state)).total == estimate(from_steps(steps)).total
    cli = [{"op": "create", "urn": one["urn"], "newState": {"provider": one["provider"], "inputs": one["newInputs"]}}
           for one in steps]  # fmt: skip
    assert estimate(from_steps(cli)).total == estimate(from_steps(steps)).total


def test_the_traffic_of_a_stack_file():
    settings = load_stack("prod", ROOT)
    traffic = traffic_of(settings)
    assert traffic.budget_usd == 10_000
    assert traffic.table("orders-production") == settings.cost.usage.table
    assert traffic.table("holdfast-control").writes_per_second == 1


def test_every_pricer_gives_the_same_charges_whatever_the_traffic():
    """What `estimate` sets side by side must be the same list; an empty resource is the hardest."""
    for kind in PRICERS:
        if kind not in {"aws:dax/cluster:Cluster", "aws:elasticache/replicationGroup:ReplicationGroup"}:
            assert estimate(from_steps([step(kind, "empty", name="empty")])).unpriced == {}, kind
