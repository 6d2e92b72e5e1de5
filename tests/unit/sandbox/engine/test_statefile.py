"""The state file: whole at any moment, refused when damaged, importable, with a history."""

import hashlib
import json
import re
import shutil
import subprocess

import pytest

from sandbox.codec import Asset, ResourceRef, Secret
from sandbox.engine import EngineError, StateCorrupted, StateFile
from sandbox.engine.checkpoint import Deployment, Operation
from sandbox.engine.crypto import Crypter
from sandbox.engine.resource import State, Timeouts
from sandbox.engine.statefile import KEPT_RUNS, serialize

STACK = "urn:pulumi:dev::test::pulumi:pulumi:Stack::test-dev"
PROVIDER = "urn:pulumi:dev::test::pulumi:providers:test::p"
THING = "urn:pulumi:dev::test::test:index:Thing::a"


def some_deployment(crypter):
    stack = State(urn=STACK, type="pulumi:pulumi:Stack", custom=False, outputs={"x": Secret([1, {"y": None}])})
    provider = State(
        urn=PROVIDER, type="pulumi:providers:test", custom=True, id="1-2", inputs={"__internal": {}}, parent=STACK
    )
    thing = State(
        urn=THING,
        type="test:index:Thing",
        custom=True,
        id="a-1",
        inputs={"word": Secret("hunter2"), "code": Asset(text="x", hash="aa"), "ref": ResourceRef(PROVIDER, "1-2")},
        outputs={"size": 1.5, "deep": {"list": [True, None]}},
        parent=STACK,
        protect=True,
        provider=f"{PROVIDER}::1-2",
        dependencies=[PROVIDER],
        property_dependencies={"word": [PROVIDER], "code": []},
        timeouts=Timeouts(create=300),
        ignore_changes=["size"],
        created="2026-11-21T14:00:00Z",
        extra={"resourceHooks": {"before": ["x"]}},
    )
    return Deployment(
        crypter=crypter,
        resources=[stack, provider, thing],
        operations=[Operation("creating", thing)],
        manifest={"time": "2026-11-21T14:00:00Z", "magic": "", "version": ""},
        extra={"metadata": {"note": 1}},
    )


@pytest.fixture
def file(tmp_path):
    file = StateFile(tmp_path / "dev" / "state.json", "secret words")
    file.write(serialize(some_deployment(Crypter("secret words"))))
    return file


def test_what_is_written_is_read_back_to_the_byte(file):
    before = file.path.read_bytes()
    assert serialize(file.load()) == before


def test_secrets_are_not_in_the_file_and_come_back(file):
    assert b"hunter2" not in file.path.read_bytes()
    thing = file.load().resources[2]
    assert thing.inputs["word"] == Secret("hunter2")
    assert thing.inputs["ref"] == ResourceRef(PROVIDER, "1-2")
    assert thing.timeouts.create == 300


def test_the_wrong_passphrase_says_which_one_is_meant(file):
    with pytest.raises(EngineError, match="PULUMI_CONFIG_PASSPHRASE"):
        StateFile(file.path, "other words").load()


def test_export_and_import_round_trip(file, tmp_path):
    document = file.export()
    document["deployment"].pop("pending_operations")
    other = StateFile(tmp_path / "other" / "state.json", "secret words")
    other.restore(document)
    again = other.export()
    assert again == document


def test_export_with_secrets_shown_can_be_imported_under_another_passphrase(file, tmp_path):
    document = file.export(show_secrets=True)
    assert document["deployment"]["resources"][2]["inputs"]["word"]["plaintext"] == '"hunter2"'
    document["deployment"].pop("secrets_providers")
    document["deployment"].pop("pending_operations")
    other = StateFile(tmp_path / "other" / "state.json", "new words")
    other.restore(document)
    assert b"hunter2" not in other.path.read_bytes()
    assert other.load().resources[2].inputs["word"] == Secret("hunter2")


def test_import_refuses_what_the_cli_refuses(file):
    document = file.export()
    document["deployment"]["resources"].reverse()
    before = file.path.read_bytes()
    with pytest.raises(EngineError, match="comes before"):
        file.restore(document)
    assert file.path.read_bytes() == before


def test_the_same_urn_twice_is_refused_unless_one_is_to_be_deleted(file):
    document = file.export()
    double = dict(document["deployment"]["resources"][2])
    document["deployment"]["resources"].append(double)
    with pytest.raises(EngineError, match="twice"):
        file.restore(document)
    double["delete"] = True
    file.restore(document)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-20],
        lambda content: content.replace(b'"a-1"', b'"a-2"'),
        lambda content: b"",
    ],
    ids=["cut off", "edited", "emptied"],
)
def test_a_damaged_file_is_refused_with_the_way_out_and_left_alone(file, damage):
    broken = damage(file.path.read_bytes())
    file.path.write_bytes(broken)
    with pytest.raises(StateCorrupted) as refused:
        StateFile(file.path, "secret words").load()
    assert str(file.path) in str(refused.value)
    assert "history" in str(refused.value)
    assert ".sha256" in str(refused.value)
    assert file.path.read_bytes() == broken


@pytest.mark.parametrize(
    "content", ["not json", "[]", '{"version": 2}', '{"version":3,"deployment":{"resources":[{}]}}']
)
def test_what_is_no_deployment_is_refused_even_without_a_checksum(file, content):
    file.path.write_text(content)
    file.checksum_path.unlink()
    with pytest.raises(StateCorrupted):
        file.load()


def test_a_cloud_key_cannot_be_read_offline(file):
    document = json.loads(file.path.read_text())
    document["deployment"]["secrets_providers"] = {"type": "cloud", "state": {"url": "awskms://x"}}
    file.path.write_text(json.dumps(document))
    file.checksum_path.unlink()
    with pytest.raises(EngineError, match="'cloud'"):
        file.load()


def test_between_the_two_renames_the_old_file_still_holds(file):
    """A kill after the sidecar was written and before the state was: the old state must load."""
    old = file.path.read_bytes()
    file._replace(file.checksum_path, file._sums("0" * 64, hashlib.sha256(old).hexdigest()))
    assert len(StateFile(file.path, "secret words").load().resources) == 3


def test_a_settled_sidecar_is_one_that_sha256sum_reads(file):
    file.load()
    file.settle()
    assert len(file.checksum_path.read_text().splitlines()) == 1
    tool = shutil.which("sha256sum")
    if tool is not None:
        done = subprocess.run([tool, "-c", file.checksum_path.name], cwd=file.path.parent, check=False)
        assert done.returncode == 0


def test_no_file_is_an_empty_stack(tmp_path):
    assert StateFile(tmp_path / "none.json").load().resources == []


def test_history_keeps_the_last_runs_with_their_states(file):
    for number in range(KEPT_RUNS + 3):
        file.record("up", started=1_000_000.0 + number, seconds=1.5, ok=number % 2 == 0, counts={"create": number})
    runs = file.history()
    assert len(runs) == KEPT_RUNS
    assert runs[0].counts == {"create": KEPT_RUNS + 2}
    assert runs[0].started > runs[-1].started
    assert runs[0].state.read_bytes() == file.path.read_bytes()
    assert len(list(file.history_directory.iterdir())) == 2 * KEPT_RUNS


def test_equal_ciphertexts_are_kept_so_that_an_unchanged_state_does_not_change(file):
    first = file.path.read_bytes()
    deployment = file.load()
    assert serialize(deployment) == first


def test_equal_secrets_do_not_look_equal_and_stay_as_they_are(tmp_path):
    file = StateFile(tmp_path / "state.json", "words")
    twice = {"one": Secret("same"), "two": Secret("same")}
    states = [State(urn=f"urn:pulumi:dev::p::t:i:T::{name}", type="t:i:T", custom=True, inputs=twice) for name in "ab"]
    file.write(serialize(Deployment(crypter=Crypter("words"), resources=states)))
    first = file.path.read_bytes()
    ciphertexts = re.findall(rb'"ciphertext":\s*"([^"]+)"', first)
    assert len(set(ciphertexts)) == len(ciphertexts) == 4
    file.write(serialize(file.load()))
    assert re.findall(rb'"ciphertext":\s*"([^"]+)"', file.path.read_bytes()) == ciphertexts
