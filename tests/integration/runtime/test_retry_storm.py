"""Goodput under ten times the load that a server can answer, beside boto3's own client, both in real time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[3] / "benchmarks/retry_storm/run.py"


def _storm(*arguments):
    command = [sys.executable, str(RUN), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return {kind: found["goodput of capacity"] for kind, found in json.loads(done.stdout).items()}


@pytest.mark.sandbox
def test_overloaded_a_server_answers_more_of_our_calls_than_of_boto3s_by_default():
    goodput = _storm("holdfast", "legacy", "--seconds", "1.5")
    assert goodput["holdfast"] > 0.6
    assert goodput["holdfast"] > goodput["legacy"]


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.timeout(900)
def test_goodput_stays_above_four_fifths_of_capacity_at_ten_times_overload():
    goodput = _storm()
    ours = goodput.pop("holdfast")
    assert ours >= 0.8
    assert len(goodput) == 3
    assert max(goodput.values()) < ours, "boto3 in any of its modes"
