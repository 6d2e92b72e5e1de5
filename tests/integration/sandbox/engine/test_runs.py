"""Whole runs: what they tell as they go, what they refuse before they begin, and what they leave behind."""

import json
import threading
import time

import pytest

from sandbox.engine import EngineError, Event, Pack, StateCorrupted, Targets
from sandbox.engine.display import lines

pytestmark = pytest.mark.sandbox

HEAD = 'p = Provider("p")\no = ResourceOptions(provider=p)\n'


def test_events_tell_the_run_in_order_and_make_a_log(stack):
    stack.write(HEAD + 'a = Thing("a", o, name="a", hidden="hunter2")\npulumi.export("a", a.hidden)\n')
    assert stack.engine().up().ok
    kinds = [event.kind for event in stack.events]
    assert (kinds[0], kinds[-2:]) == ("start", ["outputs", "end"])
    begun = [event.step.name for event in stack.events if event.kind == "step-start"]
    done = [event.step.name for event in stack.events if event.kind == "step-done"]
    assert begun == done == ["test-dev", "p", "a"]
    log = "\n".join(json.dumps(event.to_json()) for event in stack.events)
    assert [json.loads(line)["kind"] for line in log.splitlines()] == kinds
    assert '"[secret]"' in log
    assert stack.events[-1].ok is True


def test_a_failed_step_is_an_event(stack):
    stack.write(HEAD + 'Thing("a", o, fail="create")\n')
    outcome = stack.engine().up()
    failed = [event.step.name for event in stack.events if event.kind == "step-failed"]
    assert failed == ["a"]
    assert not outcome.ok
    assert "creating failed: create was told to fail" in "\n".join(lines(outcome))


def test_a_failed_resource_is_all_that_a_failed_run_tells(stack):
    stack.write(HEAD + 'a = Thing("a", o, fail="create")\nThing("b", o, name=a.arn)\nThing("c", o, name=a.arn)\n')
    outcome = stack.engine().up()
    told = [one.message for one in outcome.diagnostics if one.severity in ("error", "info")]
    assert any("create was told to fail" in message for message in told)
    assert not any("Traceback" in message or "unhandled exception" in message for message in told), told


def test_an_outcome_is_json(stack):
    stack.write(HEAD + 'a = Thing("a", o, word=Output.secret("hunter2"))\npulumi.export("word", a.word)\n')
    document = json.loads(json.dumps(stack.engine().preview().to_json()))
    assert document["counts"] == {"create": 3}
    assert document["outputs"] == {"word": "[secret]"}
    assert "hunter2" not in json.dumps(document)


def test_a_preview_writes_nothing(stack):
    stack.write(HEAD + 'Thing("a", o, name="a")\n')
    assert stack.engine().preview().changes == 3
    assert not stack.state.path.exists()
    assert stack.host.world.objects == {}


def test_a_stack_reads_the_outputs_of_another(stack, other_stack):
    other_stack.write('pulumi.export("plain", {"x": 1})\npulumi.export("word", Output.secret("hunter2"))\n')
    assert other_stack.engine().up().ok
    stack.write(
        'r = pulumi.StackReference("organization/test/other")\n'
        'pulumi.export("plain", r.get_output("plain"))\npulumi.export("word", r.get_output("word"))\n'
    )
    for outcome in (stack.engine().preview(), stack.engine().up(), stack.engine().up()):
        assert outcome.ok, outcome.diagnostics
        assert outcome.to_json()["outputs"] == {"plain": {"x": 1.0}, "word": "[secret]"}
    names = [state.name for state in stack.state.load().resources]
    assert "default" in names


def test_a_reference_to_a_stack_that_is_not_there_says_so(stack):
    stack.write('r = pulumi.StackReference("nowhere")\npulumi.export("x", r.get_output("x"))\n')
    outcome = stack.engine().preview()
    assert not outcome.ok
    assert any("'nowhere' is not deployed here" in one.message for one in outcome.diagnostics)


def test_runs_are_kept_in_the_history_with_the_state_they_left(stack):
    stack.write(HEAD + 'Thing("a", o, name="a")\n')
    stack.engine().up()
    stack.engine().preview()
    stack.engine().destroy()
    assert [(run.kind, run.ok) for run in stack.state.history()] == [("destroy", True), ("up", True)]
    assert b'"a-1"' in stack.state.history()[1].state.read_bytes()
    assert stack.state.history()[1].counts == {"create": 3}


def test_a_damaged_state_stops_a_run_before_anything_happens(stack):
    stack.write(HEAD + 'Thing("a", o, name="a")\n')
    stack.engine().up()
    stack.state.path.write_bytes(stack.state.path.read_bytes()[:-5])
    broken = stack.state.path.read_bytes()
    for attempt in ("preview", "up", "destroy"):
        with pytest.raises(StateCorrupted, match="history"):
            getattr(stack.engine(), attempt)()
    assert stack.state.path.read_bytes() == broken
    assert list(stack.host.world.objects) == ["a-1"]


def test_the_wrong_passphrase_stops_a_run(stack):
    stack.write(HEAD + 'Thing("a", o, word=Output.secret("x"))\n')
    stack.engine().up()
    with pytest.raises(EngineError, match="PULUMI_CONFIG_PASSPHRASE"):
        stack.engine(passphrase="other").up()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"config": {"pulumi:disable-default-providers": "yes"}}, "must be a list of packages"),
        ({"config": {"pulumi:disable-default-providers": '{"a": 1}'}}, "must be a list of packages"),
    ],
)
def test_what_cannot_be_run_says_why(stack, options, message):
    outcome = stack.write("").engine(**options).preview()
    assert not outcome.ok
    assert any(message in one.message for one in outcome.diagnostics)


def test_no_program_is_said_in_one_line(stack):
    outcome = stack.engine().preview()
    assert [one.message for one in outcome.diagnostics] == [
        f"{stack.directory / 'program'} holds no program: there is no __main__.py"
    ]


def test_a_pack_that_is_not_there_is_named(stack, tmp_path):
    stack.write(HEAD)
    outcome = stack.engine(packs=[Pack(name="lost", directory=tmp_path / "nowhere")]).preview()
    assert not outcome.ok
    assert any("'lost' is not at" in one.message for one in outcome.diagnostics)


def test_an_unknown_package_is_named(stack):
    stack.write('pulumi.ProviderResource("nothing", "n", {})\n')
    outcome = stack.engine().preview()
    assert not outcome.ok
    assert any("the provider 'nothing' cannot be started" in one.message for one in outcome.diagnostics)


def test_operations_run_side_by_side_up_to_the_limit(stack):
    at_once, most, lock, full = [0], [0], threading.Lock(), threading.Event()

    def slow(_urn):
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            if at_once[0] == 4:
                full.set()
        full.wait(60)
        time.sleep(0.2)  # in which a fifth would come
        with lock:
            at_once[0] -= 1

    stack.host.world.before_create = slow
    stack.write(HEAD + 'for n in range(8): Thing(f"t{n}", o, name=str(n))\n')
    assert stack.engine(parallel=4).up().ok
    assert most[0] == 4


@pytest.mark.parametrize("first", [True, False])
def test_replacing_on_demand_never_deletes_what_a_provider_gives_back(stack, first):
    """A provider may adopt an object that carries the resource's mark, as the sandbox's own does."""
    stack.host.world.adopts = True
    stack.write(HEAD + f'Thing("a", ResourceOptions(provider=p, delete_before_replace={first}), name="a")\n')
    stack.engine().up()
    outcome = stack.engine(targets=Targets(replace=["*::a"])).up()
    assert outcome.ok is first
    assert list(stack.host.world.objects) == ["a-2" if first else "a-1"]
    assert [state.id for state in stack.state.load().resources if state.name == "a"] == list(stack.host.world.objects)
    if not first:
        assert any("set delete_before_replace" in one.message for one in outcome.diagnostics)


def test_excluded_resources_are_left_alone(stack):
    stack.write(HEAD + 'Thing("a", o, size=1)\nThing("b", o, size=1)\n')
    stack.engine().up()
    stack.write(HEAD + 'Thing("a", o, size=2)\nThing("b", o, size=2)\n')
    outcome = stack.engine(targets=Targets(exclude=["*::b"])).up()
    assert [step.name for step in outcome.steps if str(step.op) == "update"] == ["a"]


def test_what_the_program_prints_is_told(stack):
    stack.write('print("to you")\nimport sys\nprint("and you", file=sys.stderr)\n')
    messages = [one.message for one in stack.engine().preview().diagnostics]
    assert sorted(messages) == ["and you", "to you"]


def test_a_program_that_ends_the_process_fails_the_run_and_deletes_nothing(stack):
    stack.write(HEAD + 'Thing("a", o, name="a")\n')
    stack.engine().up()
    stack.write("import os\nos._exit(3)\n")
    outcome = stack.engine().up()
    assert not outcome.ok
    assert any("exit code 3" in one.message for one in outcome.diagnostics)
    assert list(stack.host.world.objects) == ["a-1"]


def test_sys_exit_is_an_end_like_any_other_failure(stack):
    stack.write(HEAD + 'Thing("a", o, name="a")\n')
    stack.engine().up()
    stack.write("import sys\nsys.exit(4)\n")
    outcome = stack.engine().up()
    assert not outcome.ok
    assert list(stack.host.world.objects) == ["a-1"]


def test_a_watcher_that_fails_is_not_swallowed(stack):
    def broken(event: Event) -> None:
        raise RuntimeError(event.kind)

    stack.write("")
    engine = stack.engine()
    engine._on_event = broken
    with pytest.raises(RuntimeError, match="start"):
        engine.preview()


def test_the_deployment_is_one_that_the_cli_accepts(stack):
    stack.write(
        HEAD
        + 'box = Box("box", ResourceOptions(providers=[p]))\na = Thing("a", ResourceOptions(parent=box), key=1)\n'
        + 'b = Thing("b", o, key=a.serial, word=Output.secret("x"))\nbox.register_outputs({"a": a})\n'
    )
    assert stack.engine().up().ok
    stack.write(HEAD + 'b = Thing("b", o, key=9)\n')
    assert stack.engine().up().ok
    document = stack.state.export()
    before = stack.state.path.read_bytes()
    stack.state.restore(document)
    assert (
        json.loads(stack.state.path.read_bytes())["deployment"]["resources"]
        == (json.loads(before)["deployment"]["resources"])
    )
