"""`up` is killed with SIGKILL at random moments: the next one goes on, and nothing is orphaned."""

from __future__ import annotations

import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import boto3
import pytest

from sandbox.cloud import Sandbox

STACK = "tiny"
EARLIEST, LATEST = -0.15, 0.98
"""Moments are shares of the resources that stand in the state: the speed of the machine does not move them. Below 0 is
before the first one, as a share of ten seconds."""


def inventory(project) -> dict[str, collections.Counter]:
    """What stands in the cloud, counted: an orphan would be one too many."""
    sandbox = Sandbox.attach(project.root(STACK))
    assert sandbox is not None
    found = {}
    for region, url in sandbox.gateways.items():
        options = {
            "region_name": region,
            "endpoint_url": url,
            "aws_access_key_id": "sandbox",
            "aws_secret_access_key": "sandbox",
        }
        ec2, kms = boto3.client("ec2", **options), boto3.client("kms", **options)
        found[region] = collections.Counter(
            tables=len(boto3.client("dynamodb", **options).list_tables()["TableNames"]),
            keys=len(kms.list_keys()["Keys"]),
            aliases=len([alias for alias in kms.list_aliases()["Aliases"] if "alias/aws/" not in alias["AliasName"]]),
            vpcs=len([vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]),
            subnets=len([subnet for subnet in ec2.describe_subnets()["Subnets"] if not subnet["DefaultForAz"]]),
            roles=len(boto3.client("iam", **options).list_roles()["Roles"]),
        )
    return found


def recorded(project) -> int:
    """Resources in the state file, as a run writes it while it goes on."""
    try:
        return (project.root(STACK) / "state.json").read_bytes().count(b'"urn":')
    except FileNotFoundError:
        return 0


ENDS_ITSELF = """
import os, signal, sys, threading, time
from pathlib import Path

state, wanted = Path(sys.argv.pop(1)), float(sys.argv.pop(1))

def watch():
    while True:
        if state.exists() and state.read_bytes().count(b'"urn":') >= wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.01)

threading.Thread(target=watch, daemon=True).start()
from ops.cli import main
main()
"""
"""The command, and who kills it: in its own process, so that both stand still when the machine does."""


def kill_at(project, share: float, count: int) -> bool:
    """Start an up, kill it (and what it started, but the sandbox) at that moment; says whether it was still running."""
    words = ["up", "--no-prove", "--stack", STACK]
    if share >= 0:
        state = project.root(STACK) / "state.json"
        command = [sys.executable, "-c", ENDS_ITSELF, str(state), str(share * count), *words]
        done = subprocess.run(
            command, cwd=project.folder, env=project.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=600, start_new_session=True,
        )  # fmt: skip
        return done.returncode == -signal.SIGKILL
    process = project.start(*words)
    time.sleep(-10 * share)
    running = process.poll() is None
    if running:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return running


def assert_goes_on(project) -> dict:
    done = project.run("up", "--no-prove", "--json", "--stack", STACK)
    assert done.returncode == 0, done.stdout + done.stderr
    state = project.state(STACK)
    assert not state.get("pending_operations")
    assert len({resource["urn"] for resource in state["resources"]}) == len(state["resources"])
    return inventory(project)


def assert_settled(project) -> None:
    """Another up finds nothing to do."""
    again = project.run("up", "--no-prove", "--json", "--stack", STACK)
    assert again.returncode == 0, again.stdout + again.stderr
    assert json.loads(again.stdout)["changes"] == 0, again.stderr


def assert_nothing_but_the_sandbox_runs(project) -> None:
    parts = {part.pid for part in Sandbox.attach(project.root(STACK)).status().parts}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        others = [process for process in project.processes() if process.pid not in parts]
        others = [process for process in others if not parts & {parent.pid for parent in process.parents()}]
        if not others:
            return
        time.sleep(0.2)
    raise AssertionError(f"still running: {[process.cmdline() for process in others]}")


def away(project) -> None:
    """The next round begins on a machine where nothing was ever brought up."""
    sandbox = Sandbox.attach(project.root(STACK))
    if sandbox is not None:
        sandbox.stop()
    shutil.rmtree(project.root(STACK), ignore_errors=True)


KNOWN: list[tuple[dict, int]] = []
"""What an up that nobody kills leaves is the same every time: each worker looks once."""


def undisturbed(project) -> tuple[dict, int]:
    """What stands after an up that nobody kills, and how many resources its state has."""
    if not KNOWN:
        found = assert_goes_on(project)
        KNOWN.append((found, recorded(project)))
        away(project)
    return KNOWN[0]


def rounds(project, shares, *, settled_every: int) -> None:
    sound, count = undisturbed(project)
    interrupted = 0
    for number, share in enumerate(shares):
        interrupted += kill_at(project, share, count)
        assert assert_goes_on(project) == sound
        assert_nothing_but_the_sandbox_runs(project)
        if number % settled_every == 0:
            assert_settled(project)
        away(project)
    print(f"{interrupted} of {len(shares)} were killed at work, at {[round(share, 2) for share in shares]} of {count}")
    assert interrupted == len(shares), "an up had finished before it was killed"


@pytest.mark.sandbox
@pytest.mark.timeout(900)
def test_killed_at_one_moment(project):
    rounds(project, [random.uniform(0.1, 0.9)], settled_every=1)  # noqa: S311 (a moment of a test, no secret)


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(1, 11))
def test_killed_at_twenty_random_moments(project, part):
    """Two moments each, so that the parts can be run apart."""
    seed = random.randrange(2**32)  # noqa: S311 (moments of a test, no secret)
    print(f"part {part}, seed {seed}")
    moments = random.Random(seed)  # noqa: S311 (moments of a test, no secret)
    rounds(project, [moments.uniform(EARLIEST, LATEST) for _ in range(2)], settled_every=2)
