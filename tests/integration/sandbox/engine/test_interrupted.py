"""A run that is killed leaves a state that loads, and from which the next run goes on without an orphan."""

import contextlib
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time

import psutil
import pytest

from sandbox.engine import Engine, Program, StateFile
from sandbox.engine.checkpoint import Operation
from sandbox.engine.statefile import serialize
from sandbox.engine.testing import TestHost, World, write_program

pytestmark = pytest.mark.sandbox

BODY = """
p = Provider("p")
o = ResourceOptions(provider=p)
last = None
for n in range(12):
    last = Thing(f"t{n}", o, name=f"t{n}", needs=last.arn if last and n % 3 else None)
pulumi.export("last", last.arn)
"""
# The engine of a process that will be killed; its provider keeps its world in a file, as a cloud outlives a command.
CHILD = """
import signal
import sys
import time
from pathlib import Path
from sandbox.engine import Engine, Program, StateFile
from sandbox.engine.testing import TestHost, World

# A shell that starts the tests in the background has its children ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
directory = Path(sys.argv[1])
hold = directory / "hold"
world = World.load(directory / "world.json")
world.adopts = True

class Saving(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        world.save(directory / "world.new")
        (directory / "world.new").replace(directory / "world.json")

def wait_to_be_ended(urn):
    # From the fourth object on nothing is made while the file is there.
    if hold.exists() and world.made >= 3:
        (directory / "holding").touch()
        while hold.exists():
            time.sleep(0.01)

world.before_create = wait_to_be_ended
world.marks = Saving(world.marks)
engine = Engine(
    Program(directory=directory / "program", project="test", stack="dev", config={}),
    state=StateFile(directory / "dev" / "state.json", "x"),
    plugins=TestHost(world),
)
print("begun", flush=True)
engine.up()
"""


def engine(directory, host, **options):
    return Engine(
        Program(directory=directory / "program", project="test", stack="dev", config={}),
        state=StateFile(directory / "dev" / "state.json", "x"),
        plugins=host,
        **options,
    )


def killed_run(directory, seconds, how=signal.SIGKILL):
    """Run an update in a process of its own and end it after a while, as a rule the hard way; give its exit code.

    Where `seconds` is None it is ended when something is made and the rest waits to be made.
    """
    hold = directory / "hold"
    if seconds is None:
        hold.touch()
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(directory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert child.stdout.readline() == b"begun\n"
    if seconds is None:
        deadline = time.monotonic() + 60
        while not (directory / "holding").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (directory / "holding").exists()
    else:
        time.sleep(seconds)
    child.send_signal(how)
    hold.unlink(missing_ok=True)
    code = child.wait(60)
    child.stdout.close()
    return code


def programs_left(directory):
    """The processes that still run in the program's directory."""
    left = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd().startswith(str(directory / "program")):
                left.append(process.pid)
    return left


def moments(count, seed):
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    return [round(chance.uniform(0.2, 1.6), 3) for _ in range(count)]


def check_kills(directory, times):
    write_program(directory / "program", BODY)
    world_file = directory / "world.json"
    for seconds in times:
        killed_run(directory, seconds)
        deployment = StateFile(directory / "dev" / "state.json", "x").load()
        known = {state.id for state in deployment.resources}
        pending = {operation.state.urn for operation in deployment.operations if operation.kind == "creating"}
        world = World.load(world_file)
        for urn, id_ in world.marks.items():
            assert id_ in known or urn in pending, f"{urn} was made and nothing knows of it"
    world = World.load(world_file)
    world.adopts = True
    host = TestHost(world)
    try:
        outcome = engine(directory, host).up()
        assert outcome.ok, outcome.diagnostics
        assert sorted(world.objects) == sorted(state.id for state in ids(directory))
        assert len(world.objects) == 12
        assert engine(directory, host).up().changes == 0
        assert StateFile(directory / "dev" / "state.json", "x").load().operations == []
    finally:
        host.close()
    deadline = time.monotonic() + 60
    while programs_left(directory) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert programs_left(directory) == []


def ids(directory):
    resources = StateFile(directory / "dev" / "state.json", "x").load().resources
    return [state for state in resources if state.custom and not state.is_provider]


def test_three_kills(tmp_path):
    check_kills(tmp_path, [0.5, 0.9, 1.2])


def test_an_interrupt_from_the_keyboard_is_followed_by_a_run_that_goes_on(tmp_path):
    write_program(tmp_path / "program", BODY)
    assert killed_run(tmp_path, None, signal.SIGINT) != 0
    assert 0 < len(ids(tmp_path)) < 12
    check_kills(tmp_path, [])


@pytest.mark.slow
def test_twenty_kills_at_random_moments(tmp_path):
    check_kills(tmp_path, moments(20, seed=7))


def interrupted_creation(directory, host):
    """A state with one creation pending whose object was made: as a kill between the two leaves it."""
    host.world.adopts = True
    write_program(directory / "program", 'p = Provider("p")\nThing("a", ResourceOptions(provider=p), name="a")\n')
    assert engine(directory, host).up().ok
    file = StateFile(directory / "dev" / "state.json", "x")
    deployment = file.load()
    made = deployment.resources.pop()
    assert made.name == "a"
    pending = made.copy()
    pending.id, pending.outputs = "", {}
    deployment.operations = [Operation("creating", pending)]
    file.write(serialize(deployment))
    file.settle()


def test_a_pending_creation_is_taken_up_by_the_next_run(tmp_path, host):
    interrupted_creation(tmp_path, host)
    outcome = engine(tmp_path, host).up()
    assert outcome.ok
    assert [str(step.op) for step in outcome.steps if step.name == "a"] == ["create"]
    assert any("interrupted while creating" in one.message for one in outcome.diagnostics)
    assert list(host.world.objects) == ["a-1"]


def test_a_pending_creation_of_what_is_not_wanted_any_more_is_found_and_deleted(tmp_path, host):
    interrupted_creation(tmp_path, host)
    write_program(tmp_path / "program", 'Provider("p")\n')
    outcome = engine(tmp_path, host).up()
    assert outcome.ok
    assert host.world.objects == {}
    assert StateFile(tmp_path / "dev" / "state.json", "x").load().operations == []


def test_a_destroy_after_an_interrupted_run_leaves_nothing(tmp_path, host):
    interrupted_creation(tmp_path, host)
    outcome = engine(tmp_path, host).destroy()
    assert outcome.ok
    assert host.world.objects == {}
    left = StateFile(tmp_path / "dev" / "state.json", "x").load()
    assert (left.resources, left.operations) == ([], [])


def test_a_pending_creation_survives_a_preview_and_a_failed_run(tmp_path, host):
    interrupted_creation(tmp_path, host)
    before = (tmp_path / "dev" / "state.json").read_bytes()
    assert engine(tmp_path, host).preview().ok
    assert (tmp_path / "dev" / "state.json").read_bytes() == before
    write_program(tmp_path / "program", 'raise ValueError("no")\n')
    assert not engine(tmp_path, host).up().ok
    assert len(StateFile(tmp_path / "dev" / "state.json", "x").load().operations) == 1


def test_a_provider_that_dies_leaves_the_creation_pending(tmp_path, host):
    write_program(tmp_path / "program", 'p = Provider("p")\nThing("a", ResourceOptions(provider=p), name="a")\n')
    host.world.adopts = True
    host.world.before_create = lambda _urn: host.close()
    outcome = engine(tmp_path, host).up()
    assert not outcome.ok
    assert any("does not answer" in one.message for one in outcome.diagnostics)
    operations = StateFile(tmp_path / "dev" / "state.json", "x").load().operations
    assert [operation.kind for operation in operations] == ["creating"]
    host.world.before_create = None
    again = engine(tmp_path, host).up()
    assert again.ok
    assert len(host.world.objects) == 1


def test_a_creation_that_takes_too_long_ends_the_run_and_is_taken_up_by_the_next(tmp_path, host):
    def program(limit):
        options = f'ResourceOptions(provider=p, custom_timeouts=pulumi.CustomTimeouts(create="{limit}"))'
        write_program(tmp_path / "program", f'p = Provider("p")\nThing("a", {options}, name="a")\n')

    release = threading.Event()
    program("1s")
    host.world.adopts = True
    host.world.before_create = lambda _urn: release.wait(120)
    outcome = engine(tmp_path, host).up()
    assert not outcome.ok
    assert any("create took longer than the 1 s of customTimeouts.create" in one.message for one in outcome.diagnostics)
    assert host.world.objects == {}, "the run did not wait for it"
    operations = StateFile(tmp_path / "dev" / "state.json", "x").load().operations
    assert [operation.kind for operation in operations] == ["creating"]
    host.world.before_create = None
    release.set()
    program("60s")
    assert engine(tmp_path, host).up().ok
    assert len(host.world.objects) == 1


def test_deletions_that_were_interrupted_are_done_again(tmp_path, host):
    write_program(tmp_path / "program", 'p = Provider("p")\nThing("a", ResourceOptions(provider=p), name="a")\n')
    assert engine(tmp_path, host).up().ok
    file = StateFile(tmp_path / "dev" / "state.json", "x")
    deployment = file.load()
    deployment.operations = [Operation("deleting", deployment.resources[-1])]
    file.write(serialize(deployment))
    host.world.objects.clear()
    outcome = engine(tmp_path, host).destroy()
    assert outcome.ok
    assert file.load().resources == []
