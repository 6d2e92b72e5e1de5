"""The commands on a stack that they know by its topology alone, with boto3 configured as a user configures it."""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from holdfast.topology import Topology
from ops.errors import OpsError
from ops.signing.document import signed, verify
from ops.signing.kms import KmsSigner

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(280)]


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
        clientToken="t",
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


def test_a_drill_runs_as_an_experiment_that_is_bound_to_an_alarm_and_ends_with_it(stack, as_in_aws):
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

    client = stack.aws("fis", "us-east-1")
    done = threading.Event()

    def follow():
        """What the experiment would do: the region's DynamoDB is cut off while it runs."""
        while not done.is_set():
            running = [one for one in client.list_experiments()["experiments"] if one["state"]["status"] == "running"]
            if running and not stack.sandbox.status().faults:
                stack.sandbox.fault("us-east-1", "cut", service="dynamodb", lease_seconds=20)
            elif not running:
                stack.sandbox.heal("us-east-1")
            time.sleep(0.05)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        code, document = stack.json(*words, "--seconds", "4", **as_in_aws)
    finally:
        done.set()
        thread.join()
        stack.aws("cloudwatch", "us-east-1").delete_alarms(AlarmNames=["serving"])
    assert document["sandbox"] is False
    assert document["stop_conditions"]["alarms"] == ["serving"]
    assert document["figures"]["lost"] == []
    assert document["figures"]["rto"]["serving"] is not None
    assert code == 0, document["failures"]
    states = [one["state"]["status"] for one in client.list_experiments()["experiments"]]
    assert set(states) <= {"stopped", "stopping", "completed"}
    checked = stack.run("drill", "verify", document["evidence"], "--key", key, **as_in_aws)
    assert checked.returncode == 0, checked.stderr
    public = base64.b64encode(KmsSigner(stack.aws("kms", "us-east-1"), key).public()).decode()
    # An auditor without credentials checks it with the public key alone.
    assert stack.run("drill", "verify", document["evidence"], "--key", public).returncode == 0


@pytest.mark.slow
def test_prove_evacuates_a_real_stack_and_leaves_no_order_behind(stack, as_in_aws):
    """Nothing is broken and nothing stays: one item that was there before is all that is there afterwards."""
    stack.fill(1)
    assert stack.run("prove", **as_in_aws).returncode == 6
    code, document = stack.json("prove", "--yes", **as_in_aws)
    assert code == 0, document
    proof = document["proof"]
    assert proof["lost"] == 0
    assert proof["failover"]["to"] == ["us-west-2"]
    assert proof["rejoined"]["seconds"] is not None
    assert all(phase["counted"] >= 500 for phase in proof["phases"].values())
    assert stack.aws("dynamodb", "us-east-1").scan(TableName="orders-production")["Count"] == 1
    code, after = stack.json("status", **as_in_aws)
    assert code == 0, after


def test_prove_refuses_a_stack_that_is_not_well(stack, as_in_aws):
    stack.sandbox.fault("us-west-2", "cut")
    refused = stack.run("prove", "--yes", **as_in_aws)
    assert refused.returncode == 1
    assert "an evacuation would make it worse" in refused.stderr
