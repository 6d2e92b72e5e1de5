"""Drills in the sandbox: measured, signed, verified, and always healed."""

from __future__ import annotations

import json
import os
import random
import signal
import time

import pytest

from ops.drill.scenarios import SCENARIOS
from ops.load.history import History

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(280)]


def run(stack, name):
    code, document = stack.json("drill", "run", name, "--yes")
    return code, document


def recompute(path, document):
    """The figures once more, by other means than the command's: from the raw log, by hand."""
    history = list(History.read(path.parent / document["history"]["file"]))
    fault, heal = document["marks"]["fault"], document["marks"]["heal"]
    during = [attempt for attempt in history if fault <= attempt.done < heal]
    stored = [attempt for attempt in during if attempt.status in (200, 201)]
    away = sorted(attempt.done for attempt in stored if attempt.region != document["region"])
    latencies = sorted(attempt.seconds * 1000 for attempt in stored)
    return {
        "serving": away[0] - fault if away else None,
        "errors_share": 1 - len(stored) / len(during),
        "acknowledged": len(stored),
        "p99_ms": latencies[-(-99 * len(latencies) // 100) - 1],
    }


def test_a_region_loss_is_measured_signed_and_verified(stack):
    code, document = run(stack, "region-loss")
    assert code == 0, document
    path = stack.project.folder / document["evidence"]
    assert document["lost"] == []
    assert document["figures"]["rto"]["serving"] < 5
    assert document["figures"]["rto"]["recover"] is not None
    again = recompute(path, document)
    assert again["serving"] == pytest.approx(document["figures"]["rto"]["serving"], rel=0.01, abs=0.002)
    assert again["errors_share"] == pytest.approx(document["figures"]["errors_share"], rel=0.01, abs=0.0001)
    assert again["acknowledged"] == document["figures"]["phases"]["during"]["acknowledged"]
    assert again["p99_ms"] == pytest.approx(document["figures"]["p99_ms"], rel=0.01)
    assert stack.sandbox.status().faults == ()

    verified = stack.run("drill", "verify", str(path))
    assert verified.returncode == 0, verified.stderr
    signed = json.loads(path.read_text())
    signed["evidence"]["figures"]["rto"]["serving"] = 0.001
    forged = path.with_name("forged.json")
    forged.write_text(json.dumps(signed))
    assert "signature does not match" in stack.run("drill", "verify", str(forged)).stderr
    history = path.parent / document["history"]["file"]
    history.write_text(history.read_text().replace('"status":201', '"status":200', 1))
    assert "not the history" in stack.run("drill", "verify", str(path)).stderr

    code, plan = stack.json("drill", "schedule")
    assert code == 1
    rows = {row["scenario"]: row for row in plan["scenarios"]}
    assert rows["region-loss"]["overdue"] == ""
    assert rows["region-loss"]["met"] == "yes"
    assert rows["partition"]["overdue"] == "yes"


def test_a_drill_is_refused_on_a_stack_that_is_not_well(stack):
    stack.sandbox.fault("eu-west-1", "cut")
    done = stack.run("drill", "run", "region-loss", "--yes")
    assert done.returncode == 1
    assert "the stack is not well" in done.stderr
    assert "eu-west-1" in done.stderr
    stack.sandbox.heal()
    assert stack.run("drill", "run", "region-loss").returncode == 6
    unknown = stack.run("drill", "run", "meteor", "--yes")
    assert unknown.returncode == 2
    assert "choose one of region-loss" in unknown.stderr


def kill(stack, seconds):
    """Kill a drill that long after its fault was set; how long the fault outlived it."""
    process = stack.project.start("drill", "run", "region-loss", "--yes")
    deadline = time.monotonic() + 60
    while not stack.sandbox.status().faults:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    killed = time.monotonic()
    process.wait()
    while stack.sandbox.status().faults:
        assert time.monotonic() - killed < 10
        time.sleep(0.02)
    return time.monotonic() - killed


def test_a_killed_drill_is_healed_within_five_seconds(stack):
    assert kill(stack, 0.8) < 5


@pytest.mark.slow
def test_twenty_killed_drills_are_healed_within_five_seconds(stack):
    moments = random.Random(7)  # noqa: S311 (moments of a test, no secret)
    for _ in range(20):
        assert kill(stack, moments.uniform(0, 3.5)) < 5
        time.sleep(3)


@pytest.mark.slow
@pytest.mark.parametrize("name", [one.name for one in SCENARIOS if one.name not in ("region-loss", "key-disabled")])
def test_every_scenario_leaves_evidence_and_loses_nothing(stack, name):
    _, document = run(stack, name)
    assert document["lost"] == []
    assert document["acknowledged"] > 100
    assert stack.sandbox.status().faults == ()
    assert stack.run("drill", "verify", document["evidence"]).returncode == 0
