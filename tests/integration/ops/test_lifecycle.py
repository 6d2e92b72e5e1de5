"""Up, up again, preview, a lost sandbox, down: as a user types them. One test, because it is one life."""

from __future__ import annotations

import json
import re

import pytest

REGIONS = ["us-east-1", "us-west-2", "eu-west-1"]
LAST_LINE = re.compile(r"ok: 3 regions serving, failover \d+\.\d s, 0 acknowledged writes lost")


@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("stack", ["small", pytest.param("prod", marks=pytest.mark.slow)])
def test_the_life_of_a_stack(project, stack):
    patient = stack != "prod"  # of the slow run: the proof as everybody gets it
    first = project.run("up", patient=patient, STACK=stack)
    assert first.returncode == 0, first.stdout + first.stderr
    assert LAST_LINE.fullmatch(first.stdout.splitlines()[-1])
    assert "breaker is tried again after 2 s" in first.stdout
    evidence = json.loads((project.root(stack) / "evidence" / "up.json").read_text())["proof"]
    assert evidence["ok"] is True
    assert evidence["regions"] == REGIONS
    assert len(evidence["lag"]["pairs"]) == 6
    assert evidence["failover"]["seconds"] <= (60 if patient else 5)
    for phase in evidence["phases"].values():
        assert phase["counted"] >= 500
        assert phase["acknowledged_per_second"] >= (10 if patient else 50)
    assert {figures["read"] for figures in evidence["readback"].values()} == {evidence["acknowledged"]}
    topology = json.loads((project.root(stack) / "topology.json").read_text())
    assert list(topology["regions"]) == REGIONS
    assert all(
        region["endpoints"]["dynamodb"].startswith("http://127.0.0.1:") for region in topology["regions"].values()
    )

    again = project.run("up", "--json", patient=patient, STACK=stack)
    assert again.returncode == 0, again.stdout + again.stderr
    document = json.loads(again.stdout)
    assert document["changes"] == 0
    assert document["proof"]["ok"] is True
    assert "0 changes" in again.stderr
    assert document["memory_mb"] < 700

    preview = project.run("preview", "--json", STACK=stack)
    assert preview.returncode == 0, preview.stdout + preview.stderr
    assert json.loads(preview.stdout)["changes"] == 0

    status = json.loads(project.run("sandbox", "status", "--json", STACK=stack).stdout)
    assert status["ok"] is True
    assert {f"orders@{region}" for region in REGIONS} <= status["services"].keys()

    checked = project.run("check", "--json", STACK=stack)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert json.loads(checked.stdout)["mandatory"] == 0
    assert project.run("check", "--policies", "nope", STACK=stack).returncode == 2
    ready = json.loads(project.run("readiness", "--json", STACK=stack).stdout)
    assert ready["lines"]["point-in-time-recovery"] == "passed"
    assert ready["ok"] is (stack == "prod")

    declined = project.run("down", STACK=stack)
    assert declined.returncode == 6
    assert "protections are lifted, in the sandbox only" in declined.stdout
    assert project.run("sandbox", "status", STACK=stack).returncode == 0

    down = project.run("down", "--yes", STACK=stack)
    assert down.returncode == 0, down.stdout + down.stderr
    assert project.left_running() == []
    assert [item for item in project.state(stack)["resources"] or [] if item["type"] != "pulumi:pulumi:Stack"] == []

    gone = project.run("sandbox", "status", STACK=stack)
    assert gone.returncode == 4
    assert "is not running" in gone.stderr


@pytest.mark.sandbox
@pytest.mark.timeout(900)
def test_a_lost_sandbox_is_noticed_and_built_again(project):
    assert project.run("up", "--no-prove", "--stack", "small").returncode == 0
    assert project.run("sandbox", "stop", "--stack", "small").returncode == 0
    preview = project.run("preview", "--json", "--stack", "small")
    assert json.loads(preview.stdout)["sandbox_lost"] is True
    assert json.loads(preview.stdout)["changes"] > 0
    again = project.run("up", "--no-prove", "--json", "--stack", "small")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "is gone" in again.stderr
    assert json.loads(again.stdout)["changes"] > 0
    (kept,) = (project.root("small") / "history").glob("lost-*/state.json")
    assert json.loads(kept.read_text())
