"""What a stack costs, what it consumed and the page about it, against a running sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.sandbox


def test_cost_capacity_and_the_report_of_a_running_stack(stack):
    state = stack.project.root() / "export.json"
    nat = {
        "urn": "urn:pulumi:prod::p::aws:ec2/natGateway:NatGateway::us-east-1-nat",
        "type": "aws:ec2/natGateway:NatGateway",
    }
    state.write_text(json.dumps({"deployment": {"resources": [{**nat, "inputs": {}}]}}))

    code, cost = stack.json("cost", "--state", str(state), "--actual")
    assert code == 0
    assert cost["total"]["likely"] == 35.10
    assert cost["actuals"]["total"] == 0
    assert cost["actuals"]["budgets"] == []

    now = datetime.now(UTC)
    for region, units in (("us-east-1", 30_000.0), ("eu-west-1", 3_000.0)):
        stack.aws("cloudwatch", region).put_metric_data(
            Namespace="AWS/DynamoDB",
            MetricData=[
                {
                    "MetricName": "ConsumedReadCapacityUnits",
                    "Dimensions": [{"Name": "TableName", "Value": "orders-production"}],
                    "Timestamp": now - timedelta(minutes=30),
                    "Value": units,
                    "Unit": "Count",
                }
            ],
        )
    code, capacity = stack.json("capacity", "--days", "1")
    assert code == 0
    (orders,) = [one for one in capacity["tables"] if one["table"] == "orders-production"]
    assert orders["now"] == "on-demand"
    assert orders["usd"]["on-demand"]["likely"] > 0
    needed = {
        (row["lost"], row["survivor"]): row["needed"]
        for row in capacity["survivors"]
        if row["table"] == "orders-production" and row["way"] == "read" and row["index"] is None
    }
    # 30,000 units in five minutes are 100 a second, and 3,000 are 10.
    assert needed["us-east-1", "eu-west-1"] == 110
    assert needed["us-east-1", "us-west-2"] == 100
    assert any("orders-production in us-east-1" in line for line in capacity["hot_keys_unknown"])

    code, told = stack.json("report", "--state", str(state), "--topology", str(stack.project.root() / "topology.json"))
    assert code == 0
    page = (stack.project.root() / "report.html").read_text()
    assert told["bytes"] == len(page.encode()) < 250_000
    assert "Replication and failover" in page
    code, ready = stack.json("readiness", "--state", str(state))
    assert code == 1
    assert ready["lines"]["point-in-time-recovery"] == "failed"


def test_each_exit_code_of_these_commands(project, tmp_path):
    broken = tmp_path / "x.json"
    broken.write_text("{")
    assert project.run("cost", "--state", str(broken)).returncode == 2
    assert project.run("cost", "--against", "no-such-commit", "--state", str(broken)).returncode == 2
    assert project.run("capacity", "--csv", str(broken)).returncode == 2
    assert project.run("capacity", "--topology", str(broken)).returncode == 2
    assert project.run("readiness", "--state", str(tmp_path / "none.json")).returncode == 2
    assert project.run("report", "--stack", "none").returncode == 2


@pytest.mark.slow
def test_everything_that_the_production_stack_makes_is_priced(project):
    done = project.run("cost", "--stack", "prod", "--json")
    assert done.returncode == 0, done.stderr
    cost = json.loads(done.stdout)
    assert cost["unpriced"] == {}
    assert set(cost["layers"]) >= {"cache", "compute", "data", "monitoring", "network", "recovery", "security"}
    low, likely, high = (cost["total"][name] for name in ("low", "likely", "high"))
    assert 0 < low < likely < high
    lines = sum(line["usd"]["likely"] for line in cost["lines"])
    assert abs(lines - likely) < 0.01 * len(cost["lines"])


@pytest.mark.slow
def test_what_a_preview_wrote_makes_no_difference_to_the_stack_file(project):
    before = project.folder / "before.json"
    before.write_text(project.run("preview", "--stack", "small", "--json").stdout)
    same = json.loads(project.run("cost", "--stack", "small", "--against", str(before), "--json").stdout)
    assert same["total"]["likely"] > 0
    assert same["against"]["difference"] == {"low": 0, "likely": 0, "high": 0}
    assert same["against"]["places"] == []
