"""What a user gets wrong, command by command: said with its name and with what to write instead, before anything is
done, and never as a fault of holdfast. What a running stack knows (its regions, its tables) is tried in
tests/integration/ops."""

from __future__ import annotations

import io
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ParamValidationError

import ops.cli
from holdfast.topology import Key, Region, Table, Topology
from ops.console import Output
from ops.deployment.sandbox_faults import signed_as
from ops.deployment.sandbox_logs import show as show_log
from ops.errors import OpsError, readable
from ops.exits import Exit
from ops.failover.accepted import CHECKS
from ops.workspace import Workspace

ROOT = Path(__file__).parents[3]
NO_FILE = "none.json: cannot be read: No such file or directory"
FOLDER = "folder: cannot be read: Is a directory"
EXPORT = "pulumi stack export"
KEY = '{"customer_id":{"S":"c"}}'
OF_NUMBERS = '{"customer_id":{"N":"1"},"order_id":{"N":"2"}}'
RESTORE = ["restore", "orders", "--topology", "topology.json"]

CASES = [
    # words, what is said, what to write instead
    (["down", "--engine", "terraform"], "engine 'terraform' does not exist", "write one of sandbox"),
    (["up", "--engine", "terraform"], "engine 'terraform' does not exist", "write one of sandbox"),
    (["status", "--topology", "none.json"], NO_FILE, "pulumi stack output topology"),
    (["prove", "--topology", "folder"], FOLDER, "pulumi stack output topology"),
    (["topology", "--topology", "list.json"], "it must be an object", "pulumi stack output topology"),
    (["report", "--topology", "none.json", "--state", "export.json"], NO_FILE, "pulumi stack output topology"),
    (["status", "--topology", "other.json"], "of stack 'orders', and this command is about 'prod'", "--stack orders"),
    (["failover", "--from", "us-east-1", "--topology", "other.json"], "of stack 'orders'", "--stack orders"),
    (["doctor", "--topology", "none.json"], NO_FILE, "pulumi stack output topology"),
    (["report", "--state", "none.json"], NO_FILE, EXPORT),
    (["report", "--state", "export.json", "--out", "folder"], "folder: cannot be written", "may write to"),
    (["report", "--state", "none.json", "--out", "folder"], "folder: cannot be written", "may write to"),
    (["capacity", "--csv", "none.json", "--page", "folder"], "folder: cannot be written", "may write to"),
    (["report", "--state", "export.json", "--out", "list.json/x"], "list.json/x: cannot be written", "may write to"),
    (["readiness", "--state", "folder"], FOLDER, EXPORT),
    (["readiness", "--state", "list.json"], "neither a state nor an export", EXPORT),
    (["check", "none.json"], "none.json: cannot be read", EXPORT),
    (["check", "list.json"], "no deployment", EXPORT),
    (["check", "export.json", "--policy-config", "folder"], FOLDER, "docs/policy-packs.md"),
    (["check", "export.json", "--report", "json=folder"], "folder: cannot be written", "may write to"),
    (["cost", "--state", "binary"], "binary: is no UTF-8 text", EXPORT),
    (["cost", "--state", "export.json", "--lines", "-1"], "'--lines'", "greater than or equal to 0"),
    (["capacity", "--csv", "binary"], "binary: is no UTF-8 text", "time,region,table"),
    (["capacity", "--csv", "none.json"], NO_FILE, "time,region,table"),
    (["drill", "verify", "none.json"], NO_FILE, "evidence/drills"),
    (["drill", "verify", "list.json"], "list.json: is no signed evidence", "evidence/drills"),
    (["pr-comment", "prod=binary"], "binary: is no UTF-8 text", "holdfast preview --json"),
    (["pr-comment", "prod=preview.json", "--cost", "prod=none.json"], NO_FILE, "holdfast cost --against"),
    (["pr-comment", "prod=preview.json", "--output", "folder"], "folder: cannot be written", "may write to"),
    (["settings", "schema", "--output", "folder"], "folder: cannot be written", "may write to"),
    (["failover", "--from", "us-east-1", "--accept", "lagg"], "'lagg': there is no such check", "--accept lag?"),
    (["failback", "--from", "us-east-1", "--accept", "x"], "'x': there is no such check", "--plan"),
    (["deploy", "--first", "us-mars-1"], "us-mars-1: is no region of this stack", "us-west-2, eu-west-1"),
    (["drift", "--issue"], "no job of GitHub's", "leave it out"),
    (["changed"], "is no repository of git's", "inside a clone"),
    (["bootstrap", "--stack", "../x"], "'../x' cannot name a bootstrap", "letters, digits"),
    (["bootstrap", "--stack", "other"], "Pulumi.other.yaml: there is no such file", "--account 111122223333"),
    (["bootstrap", "-e", "prod"], "'prod' is no STACK=PREFIX", "prod=holdfast"),
    (["sandbox", "logs", "nope"], "no log of 'nope'", "holdfast sandbox start"),
    ([*RESTORE, "--as", "a table"], "'a table' cannot name a table", "3 to 255"),
    ([*RESTORE, "--as", "copy", "--at", "yesterday"], "'yesterday' is no moment", "RFC 3339"),
    ([*RESTORE, "--as", "copy", "--backup", "latest"], "'latest' is no ARN", "holdfast backup list"),
    ([*RESTORE, "--as", "copy", "--item", KEY, "--yes"], "is no key of orders-production", '"order_id"'),
    ([*RESTORE, "--as", "copy", "--item", OF_NUMBERS, "--yes"], "customer_id (S) and order_id (S)", '"order_id"'),
    ([*RESTORE, "--as", "copy", "--region", "us-mars-1"], "no region 'us-mars-1'", "write one of us-east-1"),
    (
        ["data", "compare", "nope", *RESTORE[2:], "--from", "us-east-1", "--to", "us-west-2"],
        "no table 'nope'",
        "orders",
    ),
]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project that is not up and no repository of git's, with files that are not what they should be."""
    for path in ("Pulumi.yaml", "Pulumi.prod.yaml", "policies", "settings", "components", "awsfacts", "runtime",
                 "services", "__main__.py"):  # fmt: skip
        (tmp_path / path).symlink_to(ROOT / path)
    shutil.copytree(ROOT / "bootstrap", tmp_path / "bootstrap", ignore=shutil.ignore_patterns(".holdfast"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "list.json").write_text("[1]")
    gateway = {"type": "aws:ec2/natGateway:NatGateway", "urn": "urn:pulumi:t::p::aws:ec2/natGateway:NatGateway::nat"}
    (tmp_path / "export.json").write_text(json.dumps({"version": 3, "deployment": {"resources": [gateway]}}))
    (tmp_path / "preview.json").write_text(json.dumps({"ok": True, "stack": "prod", "steps": []}))
    (tmp_path / "topology.json").write_text(topology().to_json())
    (tmp_path / "other.json").write_text(replace(topology(), stack="orders").to_json())
    for name in ("STACK", "ENGINE", "HOLDFAST_TOPOLOGY", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def topology():
    """Of a stack that nobody runs: what is refused here is refused before anything is asked."""
    orders = Table(
        name="orders-production", arn="arn:aws:dynamodb:us-east-1:111122223333:table/orders-production",
        partition_key=Key(name="customer_id"), sort_key=Key(name="order_id"),
    )  # fmt: skip
    names = ("us-east-1", "us-west-2")
    regions = {name: Region(name=name, tables={"orders": orders}, control_table="control") for name in names}
    made = Topology(stack="prod", home_region="us-east-1", regions=regions)
    return made.with_endpoints({name: {"dynamodb": "http://127.0.0.1:1"} for name in names})


@pytest.mark.parametrize(("words", "said", "instead"), CASES, ids=[" ".join(case[0]) for case in CASES])
def test_it_is_2_and_says_what_and_what_to_write_instead(project, monkeypatch, capsys, words, said, instead):
    monkeypatch.setattr(sys, "argv", ["holdfast", *words])
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(SystemExit) as ended:
        ops.cli.main()
    told = capsys.readouterr()
    assert ended.value.code == Exit.USAGE, told.err
    assert said in told.err
    assert instead in told.err
    assert "Traceback" not in told.out + told.err
    assert "Errno" not in told.err
    assert not (project / ".holdfast" / "faults").exists()


@pytest.mark.parametrize(
    ("named", "signed"), [("dynamodb", "dynamodb"), ("cloudwatch", "monitoring"), ("monitoring", "monitoring")]
)
def test_a_fault_is_of_the_service_as_requests_are_signed_for_it(named, signed):
    assert signed_as(named) == signed


def test_a_fault_of_a_service_that_does_not_exist_would_never_hit_and_is_refused():
    with pytest.raises(OpsError, match="'dynamo': AWS has no such service") as refused:
        signed_as("dynamo")
    assert refused.value.code == Exit.USAGE
    assert "dynamodb" in refused.value.fix


def test_a_log_is_named_as_the_status_names_its_part(tmp_path, capsys):
    workspace = Workspace(project=tmp_path, stack="prod")
    workspace.logs.mkdir(parents=True)
    for name in ("orders-us-east-1", "redis-us-east-1-0"):
        (workspace.logs / f"{name}.log").write_text(f"a line of {name}\n")
    for part in ("orders@us-east-1", "redis/us-east-1/0", "orders-us-east-1"):
        show_log(workspace, part, 5, Output())
    assert capsys.readouterr().out.splitlines() == [
        "a line of orders-us-east-1", "a line of redis-us-east-1-0", "a line of orders-us-east-1",
    ]  # fmt: skip


def test_every_check_of_the_plan_may_be_accepted_by_its_name():
    source = (ROOT / "ops" / "failover" / "plan.py").read_text()
    assert {part.split('"')[0] for part in source.split('check="')[1:]} == set(CHECKS)


@pytest.mark.parametrize(
    ("error", "said", "instead"),
    [
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "CreateBackup"),
            "AWS refuses CreateBackup: AccessDenied",
            "holdfast doctor",
        ),
        (NoCredentialsError(), "AWS cannot be asked: Unable to locate credentials", "aws sso login"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "AWS does not answer", "holdfast status"),
    ],
)
def test_what_aws_refuses_is_no_fault_of_the_command(error, said, instead):
    assert boto3  # what a command that asks AWS has loaded
    told = readable(error)
    assert told.code == Exit.UNAVAILABLE
    assert said in told.what
    assert instead in told.fix


def test_a_request_that_should_not_have_been_made_is_one():
    wrong = ClientError({"Error": {"Code": "ValidationException", "Message": "no"}}, "CreateBackup")
    assert readable(wrong) is None
    assert readable(ParamValidationError(report="x")) is None
