"""Drills in the sandbox: measured, signed, verified, stopped, and always healed."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import threading
import time

import psutil
import pytest

from ops.drill.inject import LEASE_SECONDS
from ops.drill.scenarios import SCENARIOS

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]


def recompute(path, document):
    """Every figure once more, by other means than the command's: from the lines of the raw log, by hand."""
    lines = [json.loads(line) for line in (path.parent / document["history"]["file"]).read_text().splitlines()]
    marks = {line["name"]: line["at"] for line in lines if line["event"] == "mark"}
    writes = sorted((line for line in lines if line["event"] == "write"), key=lambda line: line["done"])
    reads = [line for line in lines if line["event"] == "read" and marks["fault"] <= line["done"] < marks["heal"]]
    stored = [line for line in writes if line["status"] in (200, 201)]
    home, fault, heal = document["region"], marks["fault"], marks["heal"]
    found: dict[str, object] = {"acknowledged": len(stored)}
    for name, start, stop in (
        ("before", marks["begin"], fault),
        ("during", fault, heal),
        ("after", heal, marks["end"]),
    ):
        part = [line for line in writes if start <= line["done"] < stop]
        good = [line for line in part if line["status"] in (200, 201)]
        waits = sorted((line["done"] - line["sent"]) * 1000 for line in good)
        found[f"phases.{name}.attempts"] = len(part)
        found[f"phases.{name}.acknowledged"] = len(good)
        found[f"phases.{name}.acknowledged_per_second"] = len(good) / (stop - start)
        found[f"phases.{name}.failed"] = len(part) - len(good)
        for label, index in (("p50", -(-len(waits) // 2)), ("p99", -(-99 * len(waits) // 100)), ("max", len(waits))):
            found[f"phases.{name}.latency_ms.{label}"] = waits[index - 1]
        for region in {line["region"] for line in good}:
            found[f"phases.{name}.served_by.{region}"] = sum(line["region"] == region for line in good)
    during = [line for line in writes if fault <= line["done"] < heal]
    good = [line for line in during if line["status"] in (200, 201)]
    away = [line for line in good if line["region"] != home]
    back = [line["done"] for line in stored if line["region"] == home and line["done"] >= heal]
    found["errors_share"] = 1 - len(good) / len(during)
    found["p99_ms"] = found["phases.during.latency_ms.p99"]
    edges = [fault, *(line["done"] for line in good), heal]
    found["longest_silence_seconds"] = max(after - before for before, after in itertools.pairwise(edges))
    found["rto.recover"] = back[0] - heal if back else None
    found["rto.serving"] = away[0]["done"] - fault if away else None
    slow = max(250, 4 * found["phases.before.latency_ms.p99"])
    signs = [
        line["done"]
        for line in during
        if line["status"] not in (200, 201) or (line["done"] - line["sent"]) * 1000 > slow
    ]
    signs += [away[0]["done"]] if away else []
    found["rto.detect"] = min(signs) - fault if signs else None
    if away:
        rate = 0.9 * found["phases.before.acknowledged_per_second"]
        times = [line["done"] for line in away]
        needed = max(1, int(rate / 2))
        warm = [at for at in times if sum(at <= other <= at + 0.5 for other in times) >= needed]
        found["rto.decide"] = max(0, away[0]["sent"] - min(signs))
        found["rto.route"] = away[0]["done"] - max(away[0]["sent"], min(signs))
        found["rto.warm"] = warm[0] - times[0] if warm else None
    gone = [set(line["missing"]) for line in lines if line["event"] == "look" and line["purpose"] == "risk"]
    exposed = [line for line in stored if line["region"] == home and fault - 5 <= line["done"] <= fault]
    risk = [line for line in exposed if gone and all(line["order_id"] in missing for missing in gone)]
    found["at_risk.orders"] = sorted(line["order_id"] for line in risk)
    found["at_risk.oldest_seconds"] = fault - min(line["done"] for line in risk) if risk else None
    rest = [line for line in lines if line["event"] == "look" and line["purpose"] == "rest"]
    found["lost"] = sorted({order for line in rest for order in (*line["missing"], *line["altered"])})
    if reads:
        answered = sorted((line["done"] - line["sent"]) * 1000 for line in reads if line["status"] == 200)
        found["reads.attempts"] = len(reads)
        found["reads.failed"] = len(reads) - len(answered)
        found["reads.p99_ms"] = answered[-(-99 * len(answered) // 100) - 1]
    return found


def flat(figures, prefix=""):
    """Figures by their path; what failed with which words, and durations of phases, are not recomputed."""
    for name, value in figures.items():
        if name in ("errors", "seconds"):
            continue
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def assert_recomputed(path, document):
    again, figures = recompute(path, document), dict(flat(document["figures"]))
    for name, value in figures.items():
        other = again.get(name)
        if isinstance(value, int | float):
            # What is said is rounded to a thousandth (of a second) or a tenth (of a millisecond).
            assert other == pytest.approx(value, rel=0.01, abs=0.06 if "ms" in name else 0.002), name
        else:
            assert other == value, name


def test_a_region_loss_is_measured_signed_and_verified(stack):
    code, document = stack.json("drill", "run", "region-loss", "--seconds", "8", "--yes")
    assert code == 0, document["failures"]
    path = stack.project.folder / document["evidence"]
    figures = document["figures"]
    assert figures["lost"] == []
    assert figures["rto"]["serving"] is not None, "another region served before this one was healed"
    assert figures["rto"]["recover"] is not None
    assert_recomputed(path, document)
    assert stack.sandbox.status().faults == ()

    page = path.with_suffix(".html").read_text()
    assert "The home region is gone" in page
    assert "<script" not in page
    assert len(page) < 250_000

    verified = stack.run("drill", "verify", str(path))
    assert verified.returncode == 0, verified.stderr
    signed = json.loads(path.read_text())
    signed["evidence"]["figures"]["rto"]["serving"] = 0.001
    forged = path.with_name("forged.json")
    forged.write_text(json.dumps(signed))
    assert "signature does not match" in stack.run("drill", "verify", str(forged)).stderr
    other = stack.run(
        "drill", "verify", str(path), "--key", "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
    )
    assert "signed by another key" in other.stderr
    history = path.parent / document["history"]["file"]
    history.write_text(history.read_text().replace('"status":201', '"status":200', 1))
    assert "is not the log" in stack.run("drill", "verify", str(path)).stderr

    code, plan = stack.json("drill", "--schedule")
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


def wait_for_fault(stack, process):
    deadline = time.monotonic() + 120
    while not stack.sandbox.status().faults:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("cause", ["bystander", pytest.param("operator", marks=pytest.mark.slow)])
def test_a_stop_condition_ends_a_drill_at_once_and_the_evidence_says_why(stack, cause):
    """It would fail for two minutes; it is ended long before, healed, and its evidence kept."""
    process = stack.project.start("drill", "run", "region-loss", "--seconds", "120", "--yes")
    wait_for_fault(stack, process)
    started = time.monotonic()
    bystander = None
    if cause == "operator":
        process.send_signal(signal.SIGINT)
    else:
        bystander = stack.sandbox.fault("eu-west-1", "cut", service="dynamodb")
    while any(fault["region"] == "us-east-1" for fault in stack.sandbox.status().faults):
        assert time.monotonic() - started < 60, "not half of the time that it was meant to fail"
        time.sleep(0.02)
    if bystander:
        stack.sandbox.heal(fault_id=bystander)
    code = process.wait(200)
    assert code == (130 if cause == "operator" else 1)
    (path,) = (stack.project.root() / "evidence" / "drills").glob("region-loss-*.json")
    evidence = json.loads(path.read_text())["evidence"]
    expected = "interrupted by the operator" if cause == "operator" else "eu-west-1, which was not meant to fail"
    assert expected in evidence["stopped_because"]
    assert evidence["ok"] is False
    assert stack.run("drill", "verify", str(path)).returncode == 0


def kill(stack, seconds, *, name="region-loss", healer=False):
    """Kill a drill that long after its fault was set; how long what it broke outlived it."""
    process = stack.project.start("drill", "run", name, "--seconds", "60", "--yes")
    key = stack.keys("us-east-1") if name == "key-disabled" else None

    def broken():
        if key is None:
            return bool(stack.sandbox.status().faults)
        return stack.aws("kms", "us-east-1").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "Enabled"

    deadline = time.monotonic() + 120
    while not broken():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(seconds)
    children = psutil.Process(process.pid).children(recursive=True) if healer else []
    os.kill(process.pid, signal.SIGKILL)
    killed = time.monotonic()
    for child in children:
        child.kill()
    process.wait()
    while broken() and not (healer and key):  # A disabled key has no lease.
        assert time.monotonic() - killed < 50, "as long as if nobody had ended it"
        time.sleep(0.02)
    return time.monotonic() - killed


def test_a_drill_killed_with_the_process_that_heals_is_healed_by_the_lease_of_its_fault(stack):
    kill(stack, 1.3, healer=True)
    assert LEASE_SECONDS <= 5, "how long a fault outlives both; twenty killed drills are timed"
    # What the leases ended is still written down, and the next command takes the note away.
    assert "died before it mended us-east-1" in stack.run("drill", "heal").stdout
    assert not (stack.project.root() / "drill.json").exists()


def test_a_key_that_a_killed_drill_left_disabled_is_named_with_the_command_that_mends_it(stack):
    kill(stack, 0.2, name="key-disabled", healer=True)
    code, document = stack.json("status")
    assert code == 1
    key = stack.keys("us-east-1")
    assert document["left_behind"].endswith(f"key {key} disabled: holdfast drill heal --stack prod")
    assert document["regions"][0]["keys"] == {key: "Disabled"}
    assert any(
        f"aws kms enable-key --region us-east-1 --key-id {key}" in one for one in document["regions"][0]["faults"]
    )
    code, found = stack.json("doctor")
    (line,) = [check for check in found["checks"] if check["name"] == "drills"]
    assert (code, line["state"], line["fix"]) == (1, "lacking", "holdfast drill heal --stack prod")

    mended = stack.run("drill", "heal")
    assert mended.returncode == 0
    assert "died before it mended us-east-1" in mended.stdout
    code, document = stack.json("status")
    assert (code, document["left_behind"], document["regions"][0]["keys"]) == (0, None, {key: "Enabled"})


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(1, 5))
def test_twenty_killed_drills_are_healed_within_five_seconds(stack, part):
    """Five moments each, so that the parts can be run apart: one of a disabled key, one that kills the healer too."""
    seed = random.randrange(2**32)  # noqa: S311 (moments of a test, no secret)
    print(f"part {part}, seed {seed}")
    moments = random.Random(seed)  # noqa: S311 (moments of a test, no secret)
    outlived = []
    for number in range(5):
        # Where the process that heals is killed too, the leases are left.
        name = "key-disabled" if number == 1 else "region-loss"
        outlived.append(kill(stack, moments.uniform(0, 3.5), name=name, healer=number == 0))
        stack.reset()
    print("outlived by", [round(seconds, 2) for seconds in outlived])
    assert max(outlived) < 5
    assert len(outlived) == 5


def assert_scenario(stack, name, *more):
    code, document = stack.json("drill", "run", name, *more, "--yes")
    figures = document["figures"]
    assert figures["lost"] == []
    assert figures["acknowledged"] > 100
    assert document["stopped_because"] == ""
    assert code == 0, document["failures"]
    path = stack.project.folder / document["evidence"]
    assert_recomputed(path, document)
    assert stack.sandbox.status().faults == ()
    assert not (stack.project.root() / "drill.json").exists()
    assert stack.run("drill", "verify", str(path)).returncode == 0
    return document


def test_a_lost_cache_is_felt_by_nobody(stack):
    """The sample of the scenarios in a quick run: readers go to the table when Redis is gone."""
    document = assert_scenario(stack, "cache-loss", "--seconds", "8")
    assert document["figures"]["reads"]["attempts"] > 20
    assert document["figures"]["reads"]["failed"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", [one.name for one in SCENARIOS if one.name not in ("region-loss", "cache-loss")])
def test_every_scenario_leaves_evidence_meets_its_objectives_and_loses_nothing(stack, name):
    assert_scenario(stack, name)


@pytest.mark.slow
def test_two_drills_at_once_one_runs_and_the_other_is_told(stack):
    codes = []

    def one():
        codes.append(stack.run("drill", "run", "incident-2020-11-25", "--yes"))

    first = threading.Thread(target=one)
    first.start()
    while not (stack.project.root() / "drill.json").exists():
        time.sleep(0.05)
    second = stack.run("drill", "run", "region-loss", "--yes")
    first.join()
    assert codes[0].returncode == 0
    assert second.returncode == 3
    assert "is held by `holdfast drill run incident-2020-11-25" in second.stderr
