"""Small parts of the engine: URNs, timeouts, hashes, waves of deletions, targets, pack configuration."""

import hashlib

import pytest
from pulumi.runtime.proto import analyzer_pb2

from sandbox.codec import Archive, Asset, Secret
from sandbox.engine import EngineError, Pack, Targets, Unsupported, urns
from sandbox.engine.assets import elided, with_hashes
from sandbox.engine.crypto import Crypter
from sandbox.engine.dependents import dependents, waves
from sandbox.engine.pack_process import configuration
from sandbox.engine.resource import State
from sandbox.engine.timeouts import seconds


def test_a_urn_leaves_the_stack_out_of_the_types():
    stack = urns.make("dev", "test", "", urns.STACK_TYPE, "test-dev")
    box = urns.make("dev", "test", stack, "a:b:Box", "box")
    thing = urns.make("dev", "test", box, "a:b:Thing", "x::y")
    assert box == "urn:pulumi:dev::test::a:b:Box::box"
    assert thing == "urn:pulumi:dev::test::a:b:Box$a:b:Thing::x::y"
    assert (urns.type_of(thing), urns.name_of(thing), urns.qualified_type(thing)) == (
        "a:b:Thing",
        "x::y",
        "a:b:Box$a:b:Thing",
    )


@pytest.mark.parametrize(("text", "expected"), [("", 0), ("5m", 300), ("1h30m", 5400), ("1.5s", 1.5), ("250ms", 0.25)])
def test_timeouts(text, expected):
    assert seconds(text) == pytest.approx(expected)


def test_a_timeout_that_is_no_duration_says_how_to_write_it():
    with pytest.raises(EngineError, match="'5m'"):
        seconds("soon")


def test_archive_hashes_are_those_of_engine_3_260(tmp_path):
    """The hashes were recorded in a run of it over the same files."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner.txt").write_text("in")
    (tmp_path / "one.txt").write_text("first")
    hashed = with_hashes(Archive(assets={"x.py": Asset(path="one.txt"), "d": Archive(path="folder")}), tmp_path)
    assert hashed.hash == "ecf38d7d1f6349e20b40537f2fca82a9995ec7c4dc9c4c9c4f6fe7eb71fcda97"
    assert hashed.assets["d"].hash == "2310e394e50e1d190c11acb0b7a6c35704ab08ba3ac038f06c7f9814219b749d"
    assert hashed.assets["x.py"].hash == "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"


def test_a_file_that_is_an_archive_counts_as_it_is(tmp_path):
    (tmp_path / "packed.zip").write_bytes(b"whatever")
    assert with_hashes(Archive(path="packed.zip"), tmp_path).hash == hashlib.sha256(b"whatever").hexdigest()


def test_hashes_are_found_inside_values_and_other_values_stay_the_same_object(tmp_path):
    plain = {"a": [1, {"b": "c"}]}
    assert with_hashes(plain, tmp_path) is plain
    hashed = with_hashes({"s": Secret([Asset(text="x")])}, tmp_path)
    assert hashed["s"].value[0].hash == hashlib.sha256(b"x").hexdigest()
    assert elided(hashed)["s"].value[0].text is None


def test_what_lies_behind_a_url_is_refused_by_name(tmp_path):
    with pytest.raises(Unsupported, match="example"):
        with_hashes(Asset(uri="https://example.com/x"), tmp_path)


def test_a_directory_is_no_asset_and_a_text_no_archive(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(EngineError, match="FileArchive"):
        with_hashes(Asset(path="."), tmp_path)
    with pytest.raises(EngineError, match="no archive"):
        with_hashes(Archive(path="x.txt"), tmp_path)


def test_a_crypter_refuses_another_ones_secret():
    one, other = Crypter("a"), Crypter("a")
    assert one.decrypt(one.encrypt("x")) == "x"
    with pytest.raises(EngineError, match="another salt"):
        other.decrypt(one.encrypt("x"))


def state(name, *, parent="", needs=(), custom=True, delete=False, type_="t:i:T"):
    return State(
        urn=f"urn:pulumi:d::p::{type_}::{name}",
        type=type_,
        custom=custom,
        parent=parent and f"urn:pulumi:d::p::t:i:T::{parent}",
        dependencies=[f"urn:pulumi:d::p::t:i:T::{one}" for one in needs],
        delete=delete,
    )


def names(groups):
    return [sorted(one.name for one in group) for group in groups]


def test_deletions_go_in_waves_dependents_first():
    base = [state("box", custom=False), state("a", parent="box"), state("b", needs=["a"]), state("c", needs=["a"])]
    assert names(waves(base, base)) == [["b", "c"], ["a"], ["box"]]


def test_what_needs_a_component_goes_before_all_that_is_in_it():
    base = [state("box", custom=False), state("a", parent="box"), state("b", needs=["box"])]
    assert names(waves(base, base)) == [["b"], ["a"], ["box"]]


def test_only_the_condemned_count():
    base = [state("a"), state("b", needs=["a"]), state("c", needs=["b"])]
    assert names(waves(base, [base[0], base[2]])) == [["a", "c"]]


def test_dependents_are_transitive_and_without_the_ignored():
    base = [state("a"), state("b", needs=["a"]), state("c", needs=["b"]), state("d", needs=["a"])]
    assert [one.name for one in dependents(base, base[0], set())] == ["b", "c", "d"]
    assert [one.name for one in dependents(base, base[0], {base[1].urn})] == ["d"]


def test_targets_take_providers_and_the_stack_along():
    targets = Targets(include=["*::a"])
    assert targets.takes(state("a"))
    assert not targets.takes(state("b"))
    assert targets.takes(state("p", type_="pulumi:providers:t"))
    assert targets.takes(state("s", type_=urns.STACK_TYPE))
    assert not Targets(exclude=["*::a"]).takes(state("a"))


def test_targets_reach_dependents_where_asked():
    targets = Targets(include=["*::a"], dependents=True)
    targets.reach(state("a"), taken=True)
    assert targets.takes(state("b", needs=["a"]))
    assert not targets.takes(state("c", needs=["x"]))


def info():
    return analyzer_pb2.AnalyzerInfo(
        name="pack",
        policies=[
            analyzer_pb2.PolicyInfo(name="one", enforcementLevel=analyzer_pb2.MANDATORY),
            analyzer_pb2.PolicyInfo(
                name="two",
                enforcementLevel=analyzer_pb2.ADVISORY,
                configSchema=schema(),
            ),
        ],
    )


def schema():
    result = analyzer_pb2.PolicyConfigSchema(required=["most"])
    result.properties.update({"most": {"type": "number"}, "kind": {"type": "string", "default": "x"}})
    return result


def configured(tmp_path, **config):
    return configuration(info(), Pack(name="pack", directory=tmp_path, config=config))


def test_a_pack_gets_every_level_and_the_defaults_of_its_schema(tmp_path):
    assert configured(tmp_path, two={"most": 3}) == {
        "one": ("mandatory", {}),
        "two": ("advisory", {"kind": "x", "most": 3}),
    }


def test_all_speaks_for_those_that_are_not_named(tmp_path):
    chosen = configured(tmp_path, all="disabled", two={"enforcementLevel": "mandatory", "most": 1})
    assert [level for level, _ in chosen.values()] == ["disabled", "mandatory"]


@pytest.mark.parametrize(
    ("config", "message"),
    [({"three": "advisory"}, "names 'three'"), ({"one": "strict"}, "'strict'"), ({"two": "mandatory"}, "needs most")],
)
def test_a_wrong_pack_configuration_is_refused(tmp_path, config, message):
    with pytest.raises(EngineError, match=message):
        configured(tmp_path, **config)
