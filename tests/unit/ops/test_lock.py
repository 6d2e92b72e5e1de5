from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from ops import lock
from ops.errors import OpsError
from ops.exits import Exit

HOLD = """
import sys
from pathlib import Path
from ops import lock

with lock.hold(Path(sys.argv[1]), command="holdfast up"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "prod" / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_command_is_refused_and_told_who_holds_it(tmp_path, holder):
    with pytest.raises(OpsError) as caught, lock.hold(tmp_path / "prod" / "lock"):
        pass
    assert caught.value.code == Exit.BUSY
    assert "'prod' is held by `holdfast up`" in str(caught.value)
    assert f"pid {holder.pid}, since 20" in str(caught.value)
    assert f"kill {holder.pid}" in caught.value.fix


def test_a_killed_holder_leaves_nothing_behind(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait(60)
    with lock.hold(tmp_path / "prod" / "lock"):
        assert json.loads((tmp_path / "prod" / "lock").read_text())["pid"] == os.getpid()


def test_it_is_free_again_after_a_failure(tmp_path):
    path = tmp_path / "lock"
    with pytest.raises(ValueError, match="boom"), lock.hold(path):
        raise ValueError("boom")
    with lock.hold(path):
        assert path.exists()


def test_a_holder_that_has_not_yet_said_who_it_is(tmp_path):
    path = tmp_path / "lock"
    with lock.hold(path):
        path.write_text("")
        with pytest.raises(OpsError, match="held by another command"), lock.hold(path):
            pass
