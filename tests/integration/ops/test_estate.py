"""Status, evacuation, failover and failback on a stack that serves in the sandbox."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest

from ops.console import Output
from ops.errors import OpsError
from ops.estate import control
from ops.estate.access import open_estate
from ops.exits import Exit
from ops.failover.command import Request, operate
from ops.failover.plan import ORDER
from ops.workspace import open_workspace
from tests import patience

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
until = functools.partial(patience.until, seconds=120)


def deep(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/health/deep", timeout=60) as answer:  # noqa: S310 (http, of the sandbox)
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_status_evacuation_and_what_a_cut_region_looks_like(stack):
    code, document = stack.json("status")
    assert code == 0, document
    assert [region["region"] for region in document["regions"]] == ["us-east-1", "us-west-2", "eu-west-1"]
    home = document["regions"][0]
    assert home["home"] is True
    assert home["tables"] == {"holdfast-control": "ACTIVE", "orders-production": "ACTIVE"}
    assert all(0 < lag < 60_000 for lag in home["lag_ms"].values())
    assert home["service"].startswith("healthy")

    plain = stack.run("status", "--plain").stdout
    for fact in (
        "lag to",
        "tables 2 of 2 active",
        "alarms none",
        "restorable to",
        "last backup none",
        "breakers closed",
    ):
        assert plain.count(fact) == 3
    assert plain.count("caches none") == 2
    assert "caches Redis answers" in plain

    refused = stack.run("evacuate", "us-mars-1", "--yes")
    assert refused.returncode == 2
    assert "write one of us-east-1" in refused.stderr
    assert stack.run("evacuate", "us-east-1").returncode == 6

    code, evacuated = stack.json("evacuate", "us-east-1", "--reason", "errors since 03:10", "--yes")
    assert code == 0
    assert evacuated["flag"]["evacuated"] is True
    assert evacuated["written_in"] == "us-west-2"
    assert all(seconds is not None for seconds in evacuated["arrived_seconds"].values())
    until(lambda: deep(stack.services["us-east-1"]) == 503)
    code, document = stack.json("status")
    assert code == 1
    assert "errors since 03:10" in document["regions"][0]["evacuation"]

    assert stack.run("evacuate", "us-west-2", "--yes").returncode == 0
    last = stack.run("evacuate", "eu-west-1", "--yes")
    assert last.returncode == 1
    assert "eu-west-1 is the last region in use" in last.stderr
    for region in ("us-east-1", "us-west-2"):
        assert stack.run("readmit", region, "--yes").returncode == 0
    until(lambda: deep(stack.services["us-east-1"]) == 200)

    stack.sandbox.fault("eu-west-1", "blackhole")
    code, document = stack.json("status")
    assert code == 1
    assert document["regions"][2]["reachable"] is False
    assert document["regions"][0]["healthy"] is True
    stack.sandbox.heal()


def test_the_first_region_stands_there_at_once(stack):
    """Within 300 ms on a quiet machine, in 80 ms of processor time: about what importing asyncio takes on any machine."""

    def first_line(code: str = "from ops.cli import main; main()") -> tuple[str, float]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "status"],
            cwd=stack.project.folder,
            env=stack.project.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        line = process.stdout.readline()
        process.kill()
        process.stdout.close()
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = -signal.SIGKILL
        return line, used.ru_utime + used.ru_stime

    lines = [first_line() for _ in range(4)]
    assert all("answers, write" in line for line, _ in lines)
    usual = min(seconds for _, seconds in (first_line("import asyncio; print('imported')") for _ in range(4)))
    assert min(seconds for _, seconds in lines) < 2.5 * usual


def test_a_region_that_hangs_does_not_hold_up_the_lines_of_the_others(stack):
    stack.sandbox.fault("us-east-1", "blackhole")
    process = subprocess.Popen(
        [sys.executable, "-c", "from ops.cli import main; main()", "status"],
        cwd=stack.project.folder,
        env=stack.project.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = [process.stdout.readline() for _ in range(3)]
    process.kill()
    process.wait()
    process.stdout.close()
    assert sorted(line.split(":")[0] for line in lines[:2]) == ["eu-west-1", "us-west-2"]
    assert lines[2].startswith("us-east-1: does not answer")


def test_a_flag_that_another_operator_changed_at_the_same_moment(stack, monkeypatch):
    monkeypatch.chdir(stack.project.folder)
    estate = open_estate(open_workspace("prod"))
    stale = control.read_flags(estate)
    control.raise_flag(estate, "us-east-1", evacuated=True, reason="first")
    monkeypatch.setattr(control, "read_flags", lambda *_, **__: stale)
    with pytest.raises(OpsError, match="changed by another operator") as caught:
        control.raise_flag(estate, "us-east-1", evacuated=False, reason="second")
    assert caught.value.code == Exit.BUSY


class Crash(BaseException):
    """Stands for the death of the command."""


def crash_after(step):
    def after(done):
        if done == step:
            raise Crash

    return after


def test_killed_after_each_step_it_goes_on_and_what_was_done_is_not_done_again(stack, monkeypatch, capsys):
    monkeypatch.chdir(stack.project.folder)
    stack.fill(100)
    for kind in ("failover", "failback"):
        request = Request(kind=kind, source="us-east-1", target="us-west-2", yes=True, stack="prod")
        for step in ORDER[kind][:-1]:
            with pytest.raises(Crash):
                operate(request, Output(as_json=True), after_step=crash_after(step))
        operate(request, Output(as_json=True))
        output = capsys.readouterr()
        document = json.loads(output.out)
        steps = [entry["step"] for entry in document["journal"]["steps"]]
        assert steps == list(ORDER[kind])
        assert document["journal"]["finished"] is not None
        assert output.err.count("done already") == sum(range(1, len(ORDER[kind])))
        wanted = 503 if kind == "failover" else 200
        until(lambda: deep(stack.services["us-east-1"]) == wanted)  # noqa: B023 - it is asked for in this round


def test_a_sigkill_in_the_middle_and_two_operators(stack):
    code = (
        "import os, signal\n"
        "from ops.console import Output\n"
        "from ops.failover.command import Request, operate\n"
        "def die(step):\n    step == 'spread' and os.kill(os.getpid(), signal.SIGKILL)\n"
        "operate(Request(kind='failover', source='us-east-1', target=None, yes=True, stack='prod'), Output(), after_step=die)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=stack.project.folder,
        env=stack.project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    told = stack.run("failover", "--from", "us-east-1", "--yes", HOLDFAST_OPERATOR="bob")
    assert told.returncode == 3, told.stdout + told.stderr
    assert "another operation is at work: failover of us-east-1 by" in told.stderr
    other = stack.run("failover", "--from", "eu-west-1", "--yes", HOLDFAST_OPERATOR="bob")
    assert other.returncode == 3
    taken = stack.run("failover", "--from", "us-east-1", "--resume", "--yes", HOLDFAST_OPERATOR="bob")
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert "going on with the failover of us-east-1" in taken.stdout
    assert "done already: tell every client" in taken.stdout


def test_a_failover_with_a_fault_in_its_plan_is_refused_and_does_nothing(stack, monkeypatch):
    monkeypatch.chdir(stack.project.folder)
    stack.aws("kms", "us-west-2").disable_key(KeyId=stack.keys("us-west-2"))
    refused = stack.run("failover", "--from", "us-east-1", "--to", "us-west-2", "--yes")
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "preconditions do not hold; nothing was done" in refused.stderr
    assert "key-not-enabled: " in refused.stderr
    assert "--accept key-not-enabled" in refused.stderr
    assert not any(control.read_flags(open_estate(open_workspace("prod"))).values())
    assert not (stack.project.root() / "evidence" / "operations").exists()


def test_two_operators_at_the_same_instant_one_works_and_the_other_is_told(stack):
    done = []

    def operator(name):
        done.append(stack.run("failover", "--from", "us-east-1", "--yes", HOLDFAST_OPERATOR=name))

    threads = [threading.Thread(target=operator, args=(name,)) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = sorted(one.returncode for one in done)
    assert codes[0] == 0
    assert codes[1] in (1, 3), [one.stderr for one in done]
    told = next(one.stderr for one in done if one.returncode != 0)
    assert "is held by" in told or "at work" in told or "already-evacuated" in told


def test_failback_stops_at_an_item_that_differs_and_names_it(stack):
    stack.fill(50)
    assert stack.run("evacuate", "us-east-1", "--yes").returncode == 0
    for region in ("us-west-2", "eu-west-1"):
        client = stack.aws("dynamodb", region)
        until(lambda: client.scan(TableName="orders-production", Select="COUNT")["Count"] == 50)  # noqa: B023 - now
    stack.sandbox.set_lag(600, source="us-east-1")
    client = stack.aws("dynamodb", "us-east-1")
    client.put_item(
        TableName="orders-production",
        Item={"customer_id": {"S": "c-1"}, "order_id": {"S": "o-000001"}, "number": {"N": "-1"}},
    )
    done = stack.run("failback", "--from", "us-east-1", "--yes")
    assert done.returncode == 1
    assert "table orders-production: 1 items differ" in done.stderr
    assert "o-000001" in done.stderr
    assert "holdfast data repair orders" in done.stderr
