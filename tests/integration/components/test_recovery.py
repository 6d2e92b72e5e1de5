"""Recovery in a cloud: the zone, the checks and the names as Route 53 holds them, and the path that the checks ask.

The sample makes the layer's own resources. The slow test makes all that stands around them: balancers, clusters and
experiments; the sandbox records those, so they are judged by what the deployment registered.
"""

from __future__ import annotations

import time
from dataclasses import replace

import httpx
import pytest

from holdfast.resilience.flags import Flag
from holdfast.topology import Key, Region, Table, Topology

pytestmark = pytest.mark.sandbox

REGIONS = ("us-east-1", "us-west-2")
ZONE = "shop.example.com"
LAYER = """
import sys
sys.path[:0] = [{root!r}, {runtime!r}]
import pulumi, pulumi_aws as aws
from components.base.place import Place
from components.recovery import Dns, Entry, HostedZone
from settings.recovery import DnsSettings, RecoverySettings

place = Place(stack="shop", prefix="shop", account_id="111122223333", region="us-east-1", home_region="us-east-1",
              protect=False)
dns = DnsSettings(zone="shop.example.com", continents={{"us-west-2": "AS"}})
provider = aws.Provider("us-east-1", region="us-east-1")
zone = HostedZone("zone", pulumi.ResourceOptions(providers=[provider]), dns=dns, place=place)
entries = {{name: Entry(dns_name=f"shop-1.{{name}}.elb.amazonaws.com", zone_id="Z35SXDOTRQ7X7K")
           for name in ("us-east-1", "us-west-2")}}
made = Dns("dns", pulumi.ResourceOptions(providers=[provider]), recovery=RecoverySettings(dns=dns), dns=dns,
           zone_id=zone.zone_id, regions=entries, place=place)
"""
"""A program of this layer alone, with load balancers that somebody else made."""


def names_stand(estate):
    """Every check asks the deep path of its region's name; every name leads to regions by checks that exist."""
    route53 = estate.aws("route53", "us-east-1")
    (zone,) = route53.list_hosted_zones()["HostedZones"]
    assert zone["Name"] == f"{ZONE}."
    checks = {one["Id"]: one["HealthCheckConfig"] for one in route53.list_health_checks()["HealthChecks"]}
    assert {one["FullyQualifiedDomainName"] for one in checks.values()} == {f"{region}.{ZONE}" for region in REGIONS}
    assert {(one["Type"], one["RequestInterval"], one["FailureThreshold"]) for one in checks.values()} == {
        ("HTTPS", 30, 3)
    }
    assert all(len(one["Regions"]) >= 3 for one in checks.values())
    records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    aliases = {one["Name"]: one["AliasTarget"]["DNSName"] for one in records if "AliasTarget" in one}
    for region in REGIONS:
        assert region in aliases[f"{region}.{ZONE}."], "a region's name is an alias of its own balancer"
    led = [one for one in records if "SetIdentifier" in one]
    assert {one["Name"].split(".")[0] for one in led} == {"failover", "api", "geo"}
    for one in led:
        asked = checks[one["HealthCheckId"]]["FullyQualifiedDomainName"]
        assert [value["Value"] for value in one["ResourceRecords"]] == [asked]
        assert one["TTL"] == 20
        assert asked == f"{one['SetIdentifier']}.{ZONE}"
    assert sorted(one["Failover"] for one in led if "Failover" in one) == ["PRIMARY", "SECONDARY"]
    assert {one["Region"] for one in led if "Region" in one} == set(REGIONS)
    assert {tuple(one["GeoLocation"].values()) for one in led if "GeoLocation" in one} == {("*",), ("AS",)}
    (path,) = {one["ResourcePath"] for one in checks.values()}
    return path


def health_follows_the_flag(estate, urls, path, control, region):
    """The path that the checks ask answers 200, 503 while its region is evacuated (and only there), and 200 again."""

    def state():
        return {name: httpx.get(url + path, timeout=60).status_code for name, url in urls.items()}

    def wait_for(wanted):
        until = time.monotonic() + 120
        while (found := state()) != wanted and time.monotonic() < until:
            time.sleep(0.1)
        assert found == wanted

    every = dict.fromkeys(urls, 200)
    wait_for(every)
    table = estate.aws("dynamodb", region)
    for epoch, evacuated in enumerate((True, False), 1):
        flag = Flag(region=region, evacuated=evacuated, epoch=epoch, reason="test", by="test", at=time.time())
        table.put_item(TableName=control, Item=flag.to_wire())
        wait_for(every | ({region: 503} if evacuated else {}))


def plain_table(estate, name, *keys):
    estate.aws("dynamodb", "us-east-1").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
    )


def test_names_and_checks_stand_and_the_path_they_ask_follows_the_flag(estate, tmp_path, pytestconfig):
    root = pytestconfig.rootpath
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "__main__.py").write_text(LAYER.format(root=str(root), runtime=str(root / "runtime")))
    estate = replace(estate, program=folder)
    estate.up({"pulumi:disable-default-providers": ["*"]})
    path = names_stand(estate)
    plain_table(estate, "orders-shop", "customer_id", "order_id")
    plain_table(estate, "shop-control", "scope")
    orders = Table(
        name="orders-shop",
        arn="arn:aws:dynamodb:us-east-1:111122223333:table/orders-shop",
        partition_key=Key(name="customer_id"),
        sort_key=Key(name="order_id"),
    )
    home = Region(name="us-east-1", tables={"orders": orders}, control_table="shop-control")
    topology = Topology(stack="shop", home_region="us-east-1", regions={"us-east-1": home})
    health_follows_the_flag(estate, estate.serve(topology), path, "shop-control", "us-east-1")


@pytest.mark.slow
def test_two_regions_with_their_balancers_checks_and_experiments(estate, shop):
    shop["holdfast:network"] = {"nat": "none", "interface_endpoints": []}
    shop["holdfast:compute"] = {}
    shop["holdfast:monitoring"] = {}
    shop["holdfast:recovery"] = {"dns": {"zone": ZONE, "continents": {"us-west-2": "AS"}}}
    shop["holdfast:runtime"] = {"failover": True}
    outcome = estate.up(shop)
    path = names_stand(estate)

    templates = [step for step in outcome.steps if step.type.endswith("fis/experimentTemplate:ExperimentTemplate")]
    assert len(templates) == 6 * len(REGIONS)
    topology = Topology.from_dict(outcome.outputs["topology"])
    named = {arn for region in REGIONS for arn in topology.region(region).experiments.values()}
    assert {arn.rsplit("/", 1)[1] for arn in named} == {step.id for step in templates}
    for region in REGIONS:
        (stop,) = {
            condition["value"]
            for step in templates
            if f"::{region}-drill-" in step.urn
            for condition in step.new_inputs["stopConditions"]
        }
        cloudwatch = estate.aws("cloudwatch", region)
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=["shop-serving"], AlarmTypes=["CompositeAlarm"])[
            "CompositeAlarms"
        ]
        assert alarm["AlarmArn"] == stop, "an experiment stops by an alarm that stands"
        (log,) = estate.aws("logs", region).describe_log_groups(logGroupNamePrefix=f"/shop/{region}/experiments")[
            "logGroups"
        ]
        assert log["retentionInDays"] == 365
        logged = {
            step.new_inputs["logConfiguration"]["cloudwatchLogsConfiguration"]["logGroupArn"]
            for step in templates
            if f"::{region}-drill-" in step.urn
        }
        assert logged == {f"{log['arn'].removesuffix(':*')}:*"}

    urls = estate.serve(topology)
    assert set(urls) == set(REGIONS)
    health_follows_the_flag(estate, urls, path, "shop-control", "us-west-2")
