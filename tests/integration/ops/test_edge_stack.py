"""The life of the stack with an API behind one name."""

import json
import re
from pathlib import Path

import pytest

from sandbox.cloud import Sandbox

ROOT = Path(__file__).parents[3]
STACK = "resilient-api"
LAST_LINE = re.compile(
    r"ok: 2 regions behind one name, left in [\d.]+ s by DNS, [\d.]+ s by the flag, [\d.]+ s by the client's own "
    r"routing; 0 acknowledged writes lost"
)


@pytest.fixture
def edged(project):
    """The project with all that the packages of its functions are made of."""
    (project.folder / f"Pulumi.{STACK}.yaml").write_text((ROOT / f"Pulumi.{STACK}.yaml").read_text())
    for name in ("runtime", "requirements"):
        (project.folder / name).symlink_to(ROOT / name)
    yield project
    running = Sandbox.attach(project.root(STACK))
    if running is not None:
        running.stop()


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_customers_leave_and_return_by_a_name(edged):
    first = edged.run("up", STACK=STACK, timeout=600)
    assert first.returncode == 0, first.stdout + first.stderr
    assert any(LAST_LINE.fullmatch(line) for line in first.stdout.splitlines()), first.stdout
    proof = json.loads((edged.root(STACK) / "evidence" / "edge.json").read_text())["proof"]
    assert proof["lost"] == 0
    assert proof["acknowledged"] > 100
    assert len(proof["refused"]) >= 40
    assert all(result["ok"] for result in proof["refused"].values())
    assert proof["evacuated"]["dns"]["failed"] == 0
    assert all(journey["ok"] for journey in proof["journeys"].values())

    again = edged.run("preview", "--json", STACK=STACK)
    assert json.loads(again.stdout)["changes"] == 0, again.stdout[-2000:]
    down = edged.run("down", "--yes", STACK=STACK)
    assert down.returncode == 0, down.stdout + down.stderr
    assert edged.left_running() == []
