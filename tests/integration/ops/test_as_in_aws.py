"""The commands on a stack that they know by its topology alone, with boto3 configured as a user configures it."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from holdfast.topology import Topology
from ops.errors import OpsError
from ops.signing.document import signed, verify
from ops.signing.kms import KmsSigner
from tests.patience import until

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]


def evidence_key(stack) -> str:
    client = stack.aws("kms", "us-east-1")
    return client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]


def test_status_is_the_same_as_in_the_sandbox(stack, as_in_aws):
    code, document = stack.json("status", **as_in_aws)
    assert code == 0, document
    assert [region["service"].split(",")[0] for region in document["regions"]] == ["healthy"] * 3


def test_evidence_is_signed_and_verified_by_a_key_of_kms(stack, tmp_path):
    signer = KmsSigner(stack.aws("kms", "us-east-1"), evidence_key(stack))
    path = tmp_path / "evidence.json"
    document = signed({"id": "x", "ok": True, "figures": {"a": 1.5}}, signer)
    path.write_text(json.dumps(document))
    found = verify(path, trusted=signer.public())
    assert found.content["figures"] == {"a": 1.5}
    assert found.key == signer.key
    path.write_text(json.dumps(document | {"evidence": {**document["evidence"], "ok": False}}))
    with pytest.raises(OpsError, match="does not match"):
        verify(path, trusted=signer.public())
    path.write_text(json.dumps(document))
    other = KmsSigner(stack.aws("kms", "us-east-1"), evidence_key(stack))
    with pytest.raises(OpsError, match="signed by another key"):
        verify(path, trusted=other.public())
    symmetric = stack.aws("kms", "us-east-1").create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    with pytest.raises(OpsError, match="does not sign with ECDSA_SHA_256"):
        KmsSigner(stack.aws("kms", "us-east-1"), symmetric["KeyMetadata"]["Arn"])


def experiment(stack, source: str) -> str:
    """An experiment template as the program makes it; here it does nothing by itself."""
    value = {"value": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:serving"} if source != "none" else {}
    made = stack.aws("fis", "us-east-1").create_experiment_template(
        clientToken=source,
        description="regional loss of DynamoDB",
        stopConditions=[{"source": source, **value}],
        targets={},
        actions={"wait": {"actionId": "aws:fis:wait", "parameters": {"duration": "PT5M"}}},
        roleArn="arn:aws:iam::111122223333:role/drills",
    )
    return f"arn:aws:fis:us-east-1:111122223333:experiment-template/{made['experimentTemplate']['id']}"


def with_experiment(environment, arn: str) -> None:
    path = Path(environment["HOLDFAST_TOPOLOGY"])
    topology = Topology.from_file(path)
    home = replace(topology.home, experiments={"dynamodb-loss": arn})
    path.write_text(replace(topology, regions={**topology.regions, home.name: home}).to_json())


def alarm(stack, state: str) -> None:
    client = stack.aws("cloudwatch", "us-east-1")
    client.put_metric_alarm(
        AlarmName="serving", MetricName="Errors", Namespace="N", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
    )  # fmt: skip
    client.set_alarm_state(AlarmName="serving", StateValue=state, StateReason="test")


def test_a_drill_runs_as_an_experiment_that_is_bound_to_an_alarm(stack, as_in_aws, experiments):
    key = evidence_key(stack)
    words = ["drill", "run", "region-loss", "--key", key, "--yes"]
    assert "no experiment 'dynamodb-loss'" in stack.run(*words, **as_in_aws).stderr
    with_experiment(as_in_aws, experiment(stack, "none"))
    refused = stack.run(*words, **as_in_aws)
    assert refused.returncode == 1
    assert "has no stop condition" in refused.stderr
    with_experiment(as_in_aws, experiment(stack, "aws:cloudwatch:alarm"))
    assert "serving does not exist" in stack.run(*words, **as_in_aws).stderr
    alarm(stack, "ALARM")
    assert "serving fires" in stack.run(*words, **as_in_aws).stderr
    alarm(stack, "OK")
    only = stack.run("drill", "run", "key-disabled", "--key", key, "--yes", **as_in_aws)
    assert only.returncode == 2
    assert "runs in the sandbox only" in only.stderr

    code, document = stack.json(*words, "--seconds", "3", **as_in_aws)
    stack.aws("cloudwatch", "us-east-1").delete_alarms(AlarmNames=["serving"])
    assert document["sandbox"] is False
    assert document["stop_conditions"]["alarms"] == ["serving"]
    assert document["figures"]["lost"] == []
    assert document["figures"]["rto"]["serving"] is not None
    assert code == 0, document["failures"]
    assert [one["state"]["status"] for one in experiments.found.values()] == ["stopped"]
    assert all(one["tags"]["Stack"] == "prod" for one in experiments.found.values())
    assert stack.sandbox.status().faults == ()
    items = stack.aws("dynamodb", "us-west-2").scan(TableName="orders-production")["Items"]
    assert not any(item["customer_id"]["S"].startswith("load-") for item in items)
    checked = stack.run("drill", "verify", document["evidence"], "--key", key, **as_in_aws)
    assert checked.returncode == 0, checked.stderr
    public = base64.b64encode(KmsSigner(stack.aws("kms", "us-east-1"), key).public()).decode()
    # An auditor without credentials checks it with the public key alone.
    assert stack.run("drill", "verify", document["evidence"], "--key", public).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("end", ["alarm", "kill"])
def test_an_experiment_ends_with_its_alarm_or_with_the_drill(stack, as_in_aws, experiments, end):
    """Its alarm stops it: the drill says so. The drill is killed: the process that heals stops it."""
    with_experiment(as_in_aws, experiment(stack, "aws:cloudwatch:alarm"))
    alarm(stack, "OK")
    process = stack.project.start("drill", "run", "region-loss", "--key", evidence_key(stack), "--yes", **as_in_aws)
    until(lambda: experiments.found, seconds=60)
    (name,) = experiments.found
    if end == "alarm":
        experiments.stop(name, reason="stop condition met: serving")
    else:
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGKILL)
    until(lambda: experiments.found[name]["state"]["status"] == "stopped", seconds=5)
    code = process.wait(60)
    if end == "alarm":
        (path,) = (stack.project.root() / "evidence" / "drills").glob("region-loss-*.json")
        assert "stop condition met: serving" in json.loads(path.read_text())["evidence"]["stopped_because"]
        assert code == 1
    stack.aws("cloudwatch", "us-east-1").delete_alarms(AlarmNames=["serving"])


@pytest.mark.slow
def test_prove_evacuates_a_real_stack_and_leaves_no_order_behind(stack, as_in_aws):
    """Nothing is broken and nothing stays but what was there before, and the probes of the services."""
    stack.fill(1)
    assert stack.run("prove", **as_in_aws).returncode == 6
    code, document = stack.json("prove", "--yes", **as_in_aws)
    assert code == 0, document
    proof = document["proof"]
    assert proof["lost"] == 0
    assert proof["failover"]["to"] == ["us-west-2"]
    assert proof["rejoined"]["seconds"] is not None
    assert all(phase["counted"] >= 500 for phase in proof["phases"].values())
    items = stack.aws("dynamodb", "us-east-1").scan(TableName="orders-production")["Items"]
    customers = {item["customer_id"]["S"] for item in items}
    assert "c-0" in customers
    assert not any(one.startswith(("load-", "lag-")) for one in customers)
    code, after = stack.json("status", **as_in_aws)
    assert code == 0, after


def test_prove_refuses_a_stack_that_is_not_well(stack, as_in_aws):
    stack.sandbox.fault("us-west-2", "cut")
    refused = stack.run("prove", "--yes", **as_in_aws)
    assert refused.returncode == 1
    assert "an evacuation would make it worse" in refused.stderr
