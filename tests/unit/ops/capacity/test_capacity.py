from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from ruamel.yaml import YAML
from typer.testing import CliRunner

from awsfacts.prices import current
from ops.capacity.choices import Facts, choices, provision, spread, verdict
from ops.capacity.cloudwatch import history
from ops.capacity.command import analyse
from ops.capacity.hot_keys import hot_keys
from ops.capacity.load import Load, Place, read_csv
from ops.capacity.page import document
from ops.capacity.patch import as_yaml
from ops.capacity.quotas import Quotas, quotas
from ops.capacity.survivors import limits_of, survivors
from ops.commands.capacity import app
from ops.cost.model import cents
from ops.errors import OpsError
from settings import load_stack, parse, read_stack_file
from settings.data import TableSettings

ROOT = Path(__file__).parents[4]
START = datetime(2026, 11, 1, tzinfo=UTC)
HOME = Place("orders", "", "us-east-1")
DAY = 288


def load(read=0.0, write=0.0, points=DAY):
    flat = lambda units: list(units) if isinstance(units, list) else [float(units)] * points  # noqa: E731
    return Load(interval=300, start=START, read=flat(read), write=flat(write))


def table(**more):
    return TableSettings(name="orders", partition_key={"name": "pk"}, **more)


def modes(one, facts=None, place=HOME, shares=(1.0, 1.0)):
    found = choices(place, one, facts or Facts(replicated=False, infrequent=False), current(), shares)
    return {choice.mode: choice for choice in found}


def test_constant_load_is_dearer_on_demand_by_what_the_prices_say():
    found = modes(load(write=70))
    # 70 x 2,628,000 x 0.625 / 1 M; 100 x 730 x 0.00065
    assert cents(found["on-demand"].usd.likely) == Decimal("114.98")
    assert cents(found["provisioned"].usd.likely) == Decimal("47.45") + Decimal("0.09")
    # 47.45 is paid by 21.844; a read unit is always provisioned
    assert cents(found["reserved 1y"].usd.likely) == Decimal("21.94")
    assert found["reserved 1y"].reserved == {"read": 0, "write": 100}


def test_a_rare_peak_belongs_on_demand():
    found = modes(load(write=[1.0] * 280 + [500.0] * 8))
    # Autoscaling would be cheaper, and refuse a tenth of the units.
    assert found["provisioned"].throttled > 0.1
    assert verdict("orders", "on-demand", list(found.values())).best == "on-demand"
    assert verdict("orders", "provisioned", list(found.values())).best == "on-demand"


def test_replicated_writes_are_never_reserved_and_the_index_of_a_global_table_is():
    facts = Facts(replicated=True, infrequent=False)
    assert "reserved 1y" not in modes(load(write=700), facts)
    index = modes(load(write=700), facts, Place("orders", "ByDate", "us-east-1"))
    assert index["reserved 3y"].reserved["write"] == 1000
    assert "reserved 1y" not in modes(load(write=700), Facts(replicated=False, infrequent=True))


def test_low_and_high_are_the_quietest_and_busiest_day():
    loads = {HOME: load(read=[10.0] * DAY + [20.0] * DAY + [30.0] * DAY)}
    assert spread(loads) == (0.5, 1.5)
    assert spread({}) == (0.5, 2.0)
    usd = modes(loads[HOME], shares=spread(loads))["on-demand"].usd
    assert usd.low * 2 == usd.likely
    assert usd.high * 2 == usd.likely * 3


def test_a_change_is_worth_it_from_a_tenth():
    steady = verdict("orders", "on-demand", list(modes(load(write=70)).values()))
    assert steady.best == "reserved 3y"
    assert steady.saves > 90
    near = verdict(
        "orders",
        "provisioned",
        list(modes(load(write=[1.0] * 200 + [3.0] * 88), Facts(replicated=True, infrequent=False)).values()),
    )
    assert near.best == "provisioned" or near.usd[near.best].likely < near.usd["provisioned"].likely * Decimal("0.9")


def test_provisioning_fits_the_load():
    fit = provision([10.0] * 50 + [100.0] * 50, 70)
    assert (fit.minimum, fit.maximum) == (14, 286)
    assert fit.minimum <= fit.initial <= fit.maximum


def test_the_patch_is_one_that_the_stack_file_takes():
    tables = {"orders": table(ceilings={"read_units": 1000, "write_units": 1000})}
    found = analyse("prod", {HOME: load(read=700, write=70)}, tables, replicated={"orders": False})
    assert found.verdicts[0].best == "reserved 3y"
    written = YAML(typ="safe", pure=True).load("\n".join(as_yaml(found.patch)))
    change = written["holdfast:data"]["tables"]["orders"]
    assert change["provisioned"]["write"] == {"initial": 101, "minimum": 100, "maximum": 201, "target_percent": 70}
    assert change["ceilings"] is None
    config = dict(read_stack_file(ROOT / "Pulumi.prod.yaml").config)
    config["holdfast:data"]["tables"]["orders"] |= change
    assert parse(config, "Pulumi.prod.yaml").data.tables["orders"].provisioned.write.maximum == 201


def test_a_provisioned_table_that_rests_goes_on_demand():
    scaling = {"initial": 100, "minimum": 50, "maximum": 1000}
    provisioned = {"orders": table(provisioned={"read": scaling, "write": scaling})}
    found = analyse("prod", {HOME: load(write=[0.01] * 287 + [900.0])}, provisioned, replicated={"orders": False})
    assert found.verdicts[0].best == "on-demand"
    assert as_yaml(found.patch)[-1].strip() == "provisioned: null"


def two_regions(read):
    return {HOME: load(read=read, write=100), Place("orders", "", "eu-west-1"): load(read=8000, write=100)}


def test_a_survivor_takes_its_own_reads_and_those_of_the_lost_region():
    rows = list(survivors(two_regions(8000), {"orders": limits_of(table())}, current(), Quotas()))
    reads = {row.lost: row for row in rows if row.way == "read"}
    assert reads["us-east-1"].place.region == "eu-west-1"
    assert reads["us-east-1"].needed == 16_000
    assert reads["us-east-1"].short == {"warm throughput": 4000}
    # 4,000 units x 0.000147, and x 0.00013
    assert cents(reads["us-east-1"].usd) == Decimal("0.59")
    assert cents(reads["eu-west-1"].usd) == Decimal("0.52")
    writes = [row for row in rows if row.way == "write"]
    assert {row.needed for row in writes} == {100}
    assert all(row.short == {} for row in writes)


@pytest.mark.parametrize(
    ("more", "name", "missing"),
    [
        ({"ceilings": {"read_units": 10_000, "write_units": 100}}, "maximum", 6000),
        ({"provisioned": {"read": {"initial": 100, "minimum": 50, "maximum": 1000},
          "write": {"initial": 100, "minimum": 50, "maximum": 1000}}}, "maximum", 15_000),
        ({"warm_throughput": {"read_units": 20_000, "write_units": 4000}}, "none", 0),
    ],
)  # fmt: skip
def test_what_it_is_short_of_comes_from_the_stack_file(more, name, missing):
    rows = survivors(two_regions(8000), {"orders": limits_of(table(**more))}, current(), Quotas())
    short = next(row.short for row in rows if row.way == "read" and row.lost == "us-east-1")
    assert short.get(name, 0) == missing


def test_a_region_that_cannot_take_the_load_is_told_by_the_exit_code(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    path = tmp_path / "load.csv"
    lines = ["time,region,table,index,read_units,write_units"]
    for step in range(300):
        moment = (START + timedelta(minutes=5 * step)).isoformat()
        for region in ("us-east-1", "us-west-2"):
            lines.append(f"{moment},{region},Production,,9000,10")
            lines.append(f"{moment},{region},orders-production,OrderDateIndex,0,10")
    path.write_text("\n".join(lines))
    page = tmp_path / "capacity.html"
    done = CliRunner().invoke(app, ["--csv", str(path), "--stack", "prod", "--json", "--page", str(page)])
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert found["fits"] is False
    assert {row["table"] for row in found["survivors"] if row["short"]} == {"Production"}
    assert found["assumptions"]
    assert any("unconfirmed" in line for line in found["warnings"])
    assert "does not fit" in page.read_text()
    assert len(page.read_bytes()) < 250_000


def test_plain_output_carries_the_tables(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    path = tmp_path / "load.csv"
    path.write_text(
        "time,region,table,index,read_units,write_units\n"
        "2026-11-01T00:00:00Z,us-east-1,Production,,70,70\n2026-11-01T00:05:00Z,us-east-1,Production,,70,70\n"
    )
    done = CliRunner().invoke(app, ["--csv", str(path), "--stack", "prod", "--plain"])
    assert done.exit_code == 0
    for fact in ("Production", "on-demand", "provisioned", "change to", "read: {initial:", "tenth"):
        assert fact in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "", "time,table\n", "time,region,table,index,read_units,write_units\n",
        "time,region,table,index,read_units,write_units\nyesterday,r,t,,1,1\n",
        "time,region,table,index,read_units,write_units\n2026-11-01,r,t,,-1,1\n",
        "time,region,table,index,read_units,write_units\n2026-11-01,r,t,,1,1\n2026-11-02,r,t,,1,1\n2026-11-04,r,t,,1,1\n",
    ],
)  # fmt: skip
def test_a_file_that_is_no_load_is_refused_with_what_to_write(tmp_path, text):
    path = tmp_path / "load.csv"
    path.write_text(text)
    with pytest.raises(OpsError) as refused:
        read_csv(path)
    assert refused.value.code == 2
    assert "read_units" in refused.value.fix


def test_a_table_that_the_stack_does_not_have_is_refused():
    with pytest.raises(OpsError, match="does not have: others"):
        analyse("prod", {Place("others", "", "us-east-1"): load()}, {"orders": table()}, replicated={"orders": False})


class CloudWatch:
    """Answers GetMetricData in two pages, and insight reports."""

    def __init__(self, fault=None):
        self.fault, self.queries = fault, []

    def get_metric_data(self, *, MetricDataQueries, StartTime, EndTime, NextToken=None):  # noqa: N803
        if self.fault:
            raise ClientError({"Error": {"Code": self.fault, "Message": "no"}}, "GetMetricData")
        self.queries = MetricDataQueries
        at = StartTime + timedelta(minutes=5 if NextToken else 0)
        results = [{"Id": query["Id"], "Timestamps": [at], "Values": [3000.0]} for query in MetricDataQueries]
        return {"MetricDataResults": results} | ({} if NextToken else {"NextToken": "more"})

    def describe_contributor_insights(self, TableName):  # noqa: N803
        if TableName == "quiet":
            return {"ContributorInsightsStatus": "DISABLED"}
        rules = [f"DynamoDBContributorInsights-{kind}-{TableName}-1" for kind in ("PKC", "PKT")]
        return {"ContributorInsightsStatus": "ENABLED", "ContributorInsightsRuleList": rules}

    def get_insight_rule_report(self, *, RuleName, **_words):  # noqa: N803
        if "-PKT-" in RuleName:
            return {"AggregateValue": 0.0, "Contributors": []}
        return {"AggregateValue": 200.0, "Contributors": [{"Keys": ["c-1"], "ApproximateAggregateValue": 150.0}]}


def estate(answers):
    return SimpleNamespace(regions=["us-east-1", "eu-west-1"], client=lambda _service, _region: answers)


def test_the_history_of_cloudwatch_in_every_region():
    cloudwatch = CloudWatch()
    found = history(estate(cloudwatch), {"orders": ["ByDate"]}, days=1, until=datetime(2026, 11, 21, 10, 7, tzinfo=UTC))
    assert sorted(found) == [
        Place("orders", "", "eu-west-1"), Place("orders", "", "us-east-1"),
        Place("orders", "ByDate", "eu-west-1"), Place("orders", "ByDate", "us-east-1"),
    ]  # fmt: skip
    one = found[HOME]
    assert (len(one.read), one.read[0], one.read[1], one.read[2]) == (288, 10.0, 10.0, 0.0)
    assert one.start == datetime(2026, 11, 20, 10, 5, tzinfo=UTC)
    names = [query["MetricStat"]["Metric"]["Dimensions"][-1]["Name"] for query in cloudwatch.queries]
    assert names == ["TableName", "TableName", "GlobalSecondaryIndexName", "GlobalSecondaryIndexName"]


def test_a_history_that_may_not_be_read_says_what_to_do():
    with pytest.raises(OpsError, match="cannot be read") as refused:
        history(estate(CloudWatch("AccessDenied")), {"orders": []}, days=1, until=START)
    assert refused.value.code == 4


@pytest.fixture
def account():
    """An account whose quota was raised in us-east-1, and which does not tell of eu-west-1."""
    clients = {}
    for region in ("us-east-1", "eu-west-1"):
        client = boto3.client("dynamodb", region, aws_access_key_id="a", aws_secret_access_key="b")
        stub = Stubber(client)
        if region == "us-east-1":
            stub.add_response(
                "describe_limits",
                {"TableMaxReadCapacityUnits": 100_000, "TableMaxWriteCapacityUnits": 60_000},
                {},
            )
        else:
            stub.add_client_error("describe_limits", "AccessDeniedException", "not this role", expected_params={})
        stub.activate()
        clients[region] = client
    return SimpleNamespace(regions=list(clients), client=lambda _service, region: clients[region])


def test_the_quota_is_the_accounts_where_it_tells_and_the_default_is_named_where_not(account):
    found = quotas(account)
    assert found.to_dict() == {"us-east-1": {"read": 100_000.0, "write": 60_000.0}}
    assert found.of("eu-west-1", "read") == 40_000
    assert found.unknown == ("eu-west-1: AccessDeniedException: not this role",)
    assert found.told.endswith(
        "; for eu-west-1 AWS's default of 40,000 units a second is assumed as the quota of a table"
    )
    assert Quotas().told.endswith("with a file no account is asked")
    assert Quotas(by_file=False).told.endswith("no region told its own")


def test_a_survivor_is_judged_by_the_quota_of_its_own_region(account):
    rows = {
        (row.place.region, row.way): row
        for row in survivors(two_regions(45_000), {"orders": limits_of(table())}, current(), quotas(account))
    }
    held, short = (rows[region, "read"].limits for region in ("us-east-1", "eu-west-1"))
    assert (held["quota"], held["maximum"]) == (100_000, 100_000)
    assert (short["quota"], short["maximum"]) == (40_000, 40_000)
    assert "quota" not in rows["us-east-1", "read"].short
    assert rows["eu-west-1", "read"].short["quota"] == 13_000


def test_the_analysis_says_what_the_quotas_rest_on(account):
    settings = load_stack("prod", ROOT)
    loads = {Place("Production", "", "us-east-1"): Load(interval=300, start=START, read=[1.0] * 9, write=[1.0] * 9)}
    words = {"replicated": {table.name: True for table in settings.data.tables.values()}}
    without = analyse("prod", loads, settings.data.tables, **words).to_dict()
    assert (without["quotas"], without["quotas_unknown"]) == ({}, [])
    assert any("with a file no account is asked" in line for line in without["assumptions"])
    found = analyse("prod", loads, settings.data.tables, **words, quotas=quotas(account))
    told = found.to_dict()
    assert told["quotas"]["us-east-1"]["write"] == 60_000
    assert told["quotas_unknown"] == ["eu-west-1: AccessDeniedException: not this role"]
    assert "what DynamoDB answers for the account in each region" in document(found, made=START)


def test_hot_keys_and_what_is_not_known_of_them():
    found = hot_keys(estate(CloudWatch()), ["orders", "quiet"], until=START)
    assert [(key.region, key.kind, key.key, key.share) for key in found.keys] == [
        ("us-east-1", "accessed", "c-1", 0.75), ("eu-west-1", "accessed", "c-1", 0.75),
    ]  # fmt: skip
    assert found.unknown == (
        "quiet in us-east-1: contributor insights are not on", "quiet in eu-west-1: contributor insights are not on",
    )  # fmt: skip


def test_the_page_of_a_stack_with_all_its_tables_is_small():
    settings = load_stack("prod", ROOT)
    tables = settings.data.tables
    busy = [float(step % 97) for step in range(DAY * 7)]
    loads = {
        Place(one.name, index, region): load(read=busy, write=busy)
        for one in tables.values() for index in ("", *one.indexes) for region in settings.region_names
    }  # fmt: skip
    found = analyse("prod", loads, tables, replicated=dict.fromkeys((one.name for one in tables.values()), True))
    assert len(document(found, made=START).encode()) < 250_000
