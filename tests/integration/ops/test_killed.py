"""`up` is killed with SIGKILL at random moments: the next one goes on, and nothing is orphaned."""

from __future__ import annotations

import collections
import json
import os
import random
import signal
import time

import boto3
import pytest

from sandbox.cloud import Sandbox

STACK = "small"
LONGEST_SECONDS = 12.0
"""About what an `up` without proof takes on a busy machine; a later moment finds it finished."""


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


def kill_at(project, seconds: float) -> bool:
    """Start an up, kill it (and what it started, but the sandbox) after that long; says whether it was still running."""
    process = project.start("up", "--no-prove", "--stack", STACK)
    time.sleep(seconds)
    running = process.poll() is None
    if running:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return running


def assert_goes_on(project) -> dict:
    done = project.run("up", "--no-prove", "--json", "--stack", STACK)
    assert done.returncode == 0, done.stdout + done.stderr
    again = project.run("up", "--no-prove", "--json", "--stack", STACK)
    assert again.returncode == 0, again.stdout + again.stderr
    assert json.loads(again.stdout)["changes"] == 0
    state = project.state(STACK)
    assert not state.get("pending_operations")
    assert len({resource["urn"] for resource in state["resources"]}) == len(state["resources"])
    return inventory(project)


def assert_nothing_but_the_sandbox_runs(project) -> None:
    parts = {part.pid for part in Sandbox.attach(project.root(STACK)).status().parts}
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        others = [process for process in project.processes() if process.pid not in parts]
        others = [process for process in others if not parts & {parent.pid for parent in process.parents()}]
        if not others:
            return
        time.sleep(0.2)
    raise AssertionError(f"still running: {[process.cmdline() for process in others]}")


def rounds(project, moments) -> None:
    sound = None
    interrupted = 0
    for seconds in moments:
        interrupted += kill_at(project, seconds)
        found = assert_goes_on(project)
        sound = sound or found
        assert found == sound
        assert_nothing_but_the_sandbox_runs(project)
        assert project.run("down", "--yes", "--stack", STACK).returncode == 0
    assert interrupted, "every up had finished before it was killed"


@pytest.mark.sandbox
@pytest.mark.timeout(400)
def test_killed_at_one_moment(project):
    rounds(project, [random.uniform(2.0, 6.0)])  # noqa: S311 (a moment of a test, no secret)


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.timeout(1800)
def test_killed_at_twenty_random_moments(project):
    seed = random.randrange(2**32)  # noqa: S311 (moments of a test, no secret)
    print(f"seed {seed}")
    moments = random.Random(seed)  # noqa: S311 (moments of a test, no secret)
    rounds(project, [moments.uniform(0.3, LONGEST_SECONDS) for _ in range(20)])
