from __future__ import annotations

import json
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from typer.testing import CliRunner

from ops.commands.cost import app
from ops.cost.actuals import actuals
from ops.cost.sources import before, recorded
from ops.errors import OpsError
from ops.workspace import Workspace

ROOT = Path(__file__).parents[4]


def resources(*kinds):
    return {"deployment": {"resources": [
        {"urn": f"urn:pulumi:t::p::{kind}::us-east-1-{number}", "type": kind, "inputs": {}}
        for number, kind in enumerate(kinds)
    ]}}  # fmt: skip


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "state.json"
    path.write_text(json.dumps(resources("aws:ec2/natGateway:NatGateway", "aws:opensearch/domain:Domain")))
    return path


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_an_estimate_of_an_export_as_json(state, monkeypatch):
    monkeypatch.chdir(ROOT)
    done = run("--state", state, "--stack", "prod", "--json")
    document = json.loads(done.stdout)
    assert done.exit_code == 0
    # 730 x 0.045, and 50 GB x 0.045
    assert document["total"]["likely"] == 35.10
    assert document["total"]["low"] < document["total"]["likely"] < document["total"]["high"]
    assert document["budget_usd"] == 10_000
    assert document["unpriced"] == {"aws:opensearch/domain:Domain": 1}
    assert "not priced: 1 of aws:opensearch/domain:Domain" in document["warnings"]


def test_plain_lines_carry_every_fact_of_the_table(state, monkeypatch):
    monkeypatch.chdir(ROOT)
    out = run("--state", state, "--stack", "prod", "--plain", "--lines", 3).stdout
    for fact in ("platform", "us-east-1", "35.10", "NAT gateway", "32.85", "likely 0% of the budget", "not priced"):
        assert fact in out


def test_the_difference_to_an_earlier_export(state, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    old = tmp_path / "old.json"
    old.write_text(json.dumps(resources()))
    done = run("--state", state, "--against", old, "--stack", "prod", "--json")
    assert json.loads(done.stdout)["against"]["difference"]["likely"] == 35.10


def test_check_fails_where_the_estimate_exceeds_the_budget(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    path = tmp_path / "state.json"
    path.write_text(json.dumps(resources(*["aws:ec2/natGateway:NatGateway"] * 300)))
    assert run("--state", path, "--stack", "prod").exit_code == 0
    done = run("--state", path, "--stack", "prod", "--check")
    assert done.exit_code == 1
    assert "530.00 over the budget" in done.stdout
    assert "with 30 % of this traffic it is 10,057.50; state the traffic that you expect" in done.stdout


def test_files_that_hold_no_resources_are_refused(tmp_path):
    wrong = tmp_path / "x.json"
    wrong.write_text("{}")
    for path in (wrong, tmp_path / "none.json"):
        with pytest.raises(OpsError) as refused:
            recorded(path)
        assert refused.value.code == 2


def test_a_commit_is_looked_at_in_a_checkout_of_its_own(tmp_path, monkeypatch):
    def git(*words):
        words = ["git", "-C", str(tmp_path), *words]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    (tmp_path / "Pulumi.yaml").write_text("name: old")
    git("add", "Pulumi.yaml")
    git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "first")
    seen = []

    def preview(folder, stack, commit):
        seen.append((folder, (folder / "Pulumi.yaml").read_text(), stack, commit))
        return [{"op": "create", "urn": "urn:pulumi:t::p::aws:ec2/natGateway:NatGateway::us-east-1-nat"}]

    monkeypatch.setattr("ops.cost.sources._preview", preview)
    (tmp_path / "Pulumi.yaml").write_text("name: new")
    workspace = Workspace(project=tmp_path, stack="prod")
    found = before("HEAD", workspace)
    assert [one.region for one in found] == ["us-east-1"]
    ((folder, was_there, stack, commit),) = seen
    assert (was_there, stack, commit) == ("name: old", "prod", "HEAD")
    assert not folder.exists()
    assert len(git("worktree", "list").splitlines()) == 1
    with pytest.raises(OpsError, match="neither a file nor a commit"):
        before("no-such-branch", workspace)


class Billing:
    """Cost Explorer and Budgets as boto3 answers them."""

    def __init__(self, groups=(), budgets=(), fault=None):
        self.groups, self.budgets, self.fault = groups, budgets, fault
        self.topology = SimpleNamespace(home_region="us-east-1")
        self.asked = {}

    def client(self, service, region):
        return self

    def get_cost_and_usage(self, **words):
        self.asked = words
        if self.fault:
            raise ClientError({"Error": {"Code": self.fault, "Message": "no"}}, "GetCostAndUsage")
        groups = [{"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": usd}}} for name, usd in self.groups]
        return {"ResultsByTime": [{"Groups": groups}]}

    def describe_budgets(self, AccountId):  # noqa: N803
        return {"Budgets": list(self.budgets)}


def spent(billing, today=date(2026, 11, 21)):
    return actuals(billing, account="111122223333", stack="prod", prefix="holdfast", today=today)


def budget(name, limit, actual, forecast):
    return {
        "BudgetName": name,
        "BudgetLimit": {"Amount": limit},
        "CalculatedSpend": {"ActualSpend": {"Amount": actual}, "ForecastedSpend": {"Amount": forecast}},
    }


def test_what_was_spent_by_service_and_the_budget():
    billing = Billing(
        [("Amazon DynamoDB", "12.5"), ("AmazonCloudWatch", "100.25")],
        [budget("holdfast-monthly", "10000", "112.75", "160"), budget("another-monthly", "1", "5", "9")],
    )
    found = spent(billing)
    assert found.total == Decimal("112.75")
    assert list(found.services) == ["AmazonCloudWatch", "Amazon DynamoDB"]
    assert [one.name for one in found.budgets] == ["holdfast-monthly"]
    assert not found.over
    assert billing.asked["TimePeriod"] == {"Start": "2026-11-01", "End": "2026-11-21"}
    assert billing.asked["Filter"]["Tags"] == {"Key": "Stack", "Values": ["prod"]}


def test_on_the_first_of_a_month_the_month_before_is_told():
    billing = Billing()
    assert spent(billing, today=date(2026, 12, 1)).to_dict()["services"] == {}
    assert billing.asked["TimePeriod"] == {"Start": "2026-11-01", "End": "2026-12-01"}


def test_a_forecast_over_the_budget_is_over():
    assert spent(Billing(budgets=[budget("holdfast-monthly", "100", "50", "120")])).over


def test_costs_that_may_not_be_read_say_what_is_needed():
    with pytest.raises(OpsError, match="cannot be read") as refused:
        spent(Billing(fault="AccessDeniedException"))
    assert refused.value.code == 4
    assert "ce:GetCostAndUsage" in refused.value.fix


@pytest.fixture
def billed(monkeypatch, tmp_path):
    """A stack in AWS whose Cost Explorer and Budgets answer as botocore checks them; `answer` says what."""
    made = {
        name: boto3.client(name, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        for name in ("ce", "budgets")
    }
    stubs = {name: Stubber(client) for name, client in made.items()}
    estate = SimpleNamespace(
        topology=SimpleNamespace(home_region="us-east-1"), client=lambda service, _region: made[service]
    )
    monkeypatch.setattr("ops.estate.access.open_estate", lambda _workspace, *, topology: estate)
    monkeypatch.setattr("ops.cost.command._today", lambda: date(2026, 11, 21))
    monkeypatch.chdir(ROOT)

    def answer(costs, budgets):
        asked = {
            "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-21"}, "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"], "Filter": {"Tags": {"Key": "Stack", "Values": ["prod"]}},
            "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        }  # fmt: skip
        for number, page in enumerate(costs):
            groups = [
                {"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": usd, "Unit": "USD"}}} for name, usd in page
            ]
            more = {"NextPageToken": str(number + 1)} if number + 1 < len(costs) else {}
            before = {"NextPageToken": str(number)} if number else {}
            stubs["ce"].add_response(
                "get_cost_and_usage", {"ResultsByTime": [{"Groups": groups}], **more}, {**asked, **before}
            )
        for number, page in enumerate(budgets):
            more = {"NextToken": str(number + 1)} if number + 1 < len(budgets) else {}
            before = {"NextToken": str(number)} if number else {}
            stubs["budgets"].add_response(
                "describe_budgets", {"Budgets": page, **more}, {"AccountId": "111122223333", **before}
            )
        for stub in stubs.values():
            stub.activate()

    yield answer
    for stub in stubs.values():
        stub.assert_no_pending_responses()


def limit(name, allowed, actual, forecast):
    def usd(amount):
        return {"Amount": amount, "Unit": "USD"}

    return {
        "BudgetName": name, "TimeUnit": "MONTHLY", "BudgetType": "COST", "BudgetLimit": usd(allowed),
        "CalculatedSpend": {"ActualSpend": usd(actual), "ForecastedSpend": usd(forecast)},
    }  # fmt: skip


COSTS = [[("Amazon DynamoDB", "4210.118"), ("AmazonCloudWatch", "0.004")], [("Amazon DynamoDB", "89.882")]]
"""Two pages; a service may be on both."""


def test_the_command_tells_what_was_spent_against_the_budget(billed, state):
    billed(COSTS, [[limit("another-monthly", "1", "5", "9")], [limit("holdfast-monthly", "10000", "4300", "6450.5")]])
    done = run("--state", state, "--stack", "prod", "--actual", "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["ok"] is True
    assert told["actuals"] == {
        "since": "2026-11-01", "until": "2026-11-21", "total": 4300.004,
        "services": {"Amazon DynamoDB": 4300.0, "AmazonCloudWatch": 0.004},
        "budgets": [
            {"name": "holdfast-monthly", "limit": 10_000.0, "spent": 4300.0, "forecast": 6450.5, "over": False}
        ],
    }  # fmt: skip


def test_actual_costs_over_the_budget_are_told_and_fail_a_check(billed, state):
    billed(COSTS, [[limit("holdfast-monthly", "4000", "4300", "6450.5")]])
    done = run("--state", state, "--stack", "prod", "--actual", "--check", "--plain")
    assert done.exit_code == 1
    for fact in (
        "actual costs of 2026-11-01 to 2026-11-21: 4,300.00 US dollars", "Amazon DynamoDB", "4,300.00",
        "budget holdfast-monthly: 4,300.00 of 4,000.00, forecast 6,450.50",
    ):  # fmt: skip
        assert fact in done.stdout
