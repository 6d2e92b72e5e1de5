"""A change to a standing stack in waves, on the sandbox."""

import json
import time

import boto3
import pytest

from sandbox.cloud import Sandbox

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def owners(project) -> dict[str, str]:
    """Region → what the tag `Owner` of everything in its component says in the state."""
    found: dict[str, set[str]] = {}
    for resource in project.state("small")["resources"]:
        tags = resource.get("inputs", {}).get("tags")
        if tags and "holdfast:platform:Region$" in resource["urn"]:
            name = resource["urn"].split("::")[-1]
            region = next(one for one in REGIONS if name.startswith(one))
            found.setdefault(region, set()).add(tags.get("Owner", ""))
    assert all(len(several) == 1 for several in found.values()), found
    return {region: several.pop() for region, several in found.items()}


def own(project, owner: str) -> None:
    path = project.folder / "Pulumi.small.yaml"
    lines = [line for line in path.read_text().splitlines() if "Owner:" not in line]
    at = lines.index("      Stack: small")
    path.write_text("\n".join([*lines[: at + 1], f"      Owner: {owner}", *lines[at + 1 :]]) + "\n")


def test_a_change_goes_to_one_region_first_and_stops_at_an_alarm(project) -> None:
    up = project.run("up", "--stack", "small", "--no-prove")
    assert up.returncode == 0, up.stderr

    own(project, "first-team")
    quick = ("--bake", "1", "--look", "0.5", "--yes", "--json")
    done = project.run("deploy", "--stack", "small", *quick)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [wave["regions"] for wave in told["waves"]] == [["eu-west-1"], ["us-east-1", "us-west-2"]]
    assert owners(project) == dict.fromkeys(REGIONS, "first-team")

    # An alarm that rings from the first wave on: the rest is left as it was.
    sandbox = Sandbox.attach(project.root("small"))
    assert sandbox is not None
    client = boto3.client(
        "cloudwatch", region_name="us-west-2", endpoint_url=sandbox.gateways["us-west-2"],
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip
    own(project, "second-team")
    started = project.start("deploy", "--stack", "small", "--bake", "120", "--look", "0.5", "--yes")
    deadline = 120
    while "watching the alarms" not in (project.folder / "started.log").read_text() and deadline:
        assert started.poll() is None
        time.sleep(1)
        deadline -= 1
    client.put_metric_alarm(
        AlarmName="errors", MetricName="Errors", Namespace="Test", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    client.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    assert started.wait(60) == 1
    log = (project.folder / "started.log").read_text()
    assert "us-west-2: errors" in log
    assert owners(project) == {"us-east-1": "first-team", "us-west-2": "first-team", "eu-west-1": "second-team"}

    # The same command goes on once the alarm is quiet.
    client.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="test")
    again = project.run("deploy", "--stack", "small", *quick)
    assert again.returncode == 0, again.stderr
    assert set(owners(project).values()) == {"second-team"}
