"""What a user gets wrong, and what the command says: no traceback, nothing started, nothing overwritten."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import pytest

from ops import lock

STACK_FILE = "Pulumi.prod.yaml"


def assert_told(done, *, code: int, said: str) -> None:
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["up", "preview", "down"])
def test_every_fault_of_a_stack_file_at_once_and_nothing_started(project, command):
    path = project.folder / STACK_FILE
    text = path.read_text().replace("name: us-west-2", "name: us-mars-1").replace('"111122223333"', '"1"')
    path.write_text(text)
    done = project.run(command)
    assert_told(done, code=2, said="us-mars-1")
    assert "account_id" in done.stderr
    assert project.left_running() == []
    assert not (project.root() / "state.json").exists()


def test_a_file_that_is_no_yaml(project):
    (project.folder / STACK_FILE).write_text("config: [1\n")
    assert_told(project.run("preview"), code=2, said=STACK_FILE)


@pytest.mark.parametrize("command", ["up", "down", "prove"])
def test_a_second_command_is_refused_while_one_runs(project, command):
    with lock.hold(project.root() / "lock", command="holdfast up"):
        assert_told(project.run(command), code=3, said="stack 'prod' is held by `holdfast up`")


@pytest.mark.sandbox
def test_a_configured_port_in_use(project):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        path = project.folder / STACK_FILE
        path.write_text(path.read_text() + f"  holdfast:sandbox:\n    ports:\n      us-west-2: {port}\n")
        assert_told(project.run("up"), code=4, said=f"port {port}, configured for us-west-2, is in use")
    assert project.left_running() == []


@pytest.mark.parametrize("command", ["up", "preview", "down"])
def test_a_damaged_state_is_refused_and_kept(project, command):
    state = project.root() / "state.json"
    state.parent.mkdir(parents=True)
    state.write_text('{"version": 3, "deployment": {"resour')
    done = project.run(command)
    assert_told(done, code=5, said=str(state))
    assert "history" in done.stderr
    assert state.read_text() == '{"version": 3, "deployment": {"resour'
    assert project.left_running() == []


def test_the_pulumi_engine_without_pulumi(project):
    done = project.run("preview", "--engine", "pulumi", PATH="/nonexistent")
    assert_told(done, code=4, said="there is no `pulumi` on the PATH")


def test_an_engine_that_does_not_exist(project):
    assert_told(project.run("preview", "--engine", "terraform"), code=2, said="engine 'terraform' does not exist")


def test_prove_with_nothing_running(project):
    assert_told(project.run("prove"), code=4, said="holdfast up")


def test_a_killed_holder_does_not_lock_the_stack(project):
    code = "import sys\nfrom pathlib import Path\nfrom ops import lock\nwith lock.hold(Path(sys.argv[1])):\n    print('x', flush=True)\n    input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(project.root() / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=project.environment(),
    ) as process:
        process.stdout.readline()
        process.kill()
    time.sleep(0.05)
    assert project.run("sandbox", "stop").returncode == 0
