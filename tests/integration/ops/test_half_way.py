"""`up` when the cloud refuses half-way, and commands when the sandbox is of another release."""

from __future__ import annotations

import json

import pytest

from sandbox.cloud import Sandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]


@pytest.mark.slow
def test_a_provider_that_fails_half_way_is_told_and_the_next_up_goes_on(project):
    assert project.run("sandbox", "start", "--stack", "tiny").returncode == 0
    sandbox = Sandbox.attach(project.root("tiny"))
    sandbox.fault("us-west-2", "error", service="dynamodb", status=500)
    failed = project.run("up", "--no-prove", "--stack", "tiny")
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "us-west-2" in failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr
    made = project.state("tiny")["resources"]
    assert made, "what was made before the failure is recorded"
    sandbox.heal()
    done = project.run("up", "--no-prove", "--json", "--stack", "tiny")
    assert done.returncode == 0, done.stdout + done.stderr
    again = project.run("up", "--no-prove", "--json", "--stack", "tiny")
    assert json.loads(again.stdout)["changes"] == 0
    state = project.state("tiny")
    assert not state.get("pending_operations")
    ids = {resource["urn"]: resource.get("id") for resource in state["resources"]}
    kept = [one for one in made if one.get("id") and one["type"] == "aws:dynamodb/table:Table"]
    assert all(ids[one["urn"]] == one["id"] for one in kept)


def test_a_sandbox_of_another_release_is_refused_by_name(project):
    assert project.run("sandbox", "start", "--stack", "tiny").returncode == 0
    path = project.root("tiny") / "sandbox.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"protocol": document["protocol"] - 1}))
    for words in (["sandbox", "status"], ["sandbox", "env", "us-east-1"], ["prove"]):
        done = project.run(*words, "--stack", "tiny")
        assert done.returncode == 4, done.stdout + done.stderr
        assert "was started by another release" in done.stderr
        assert "holdfast sandbox stop" in done.stderr
    path.write_text(json.dumps(document))
