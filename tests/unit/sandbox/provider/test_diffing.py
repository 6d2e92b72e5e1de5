import pytest

from sandbox.codec import UNKNOWN, Secret
from sandbox.provider.diffing import canonical, diff
from sandbox.provider.resource import Kind

KIND = Kind(
    type="x",
    forces=frozenset({"name", "block.fixed", "items.id"}),
    defaults={"flag": False, "block": {"on": False}, "block.on": False},
    documents=frozenset({"policy"}),
    sets=frozenset({"group"}),
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"flag": False}),
        ({"flag": "false"}, {"flag": False}),
        ({"size": 5}, {"size": "5"}),
        ({"size": 5.0}, {"size": "5"}),
        ({"tags": {}}, {}),
        ({"list": None}, {"list": []}),
        ({"block": {"on": False}}, {}),
        ({"block": {"on": False, "x": 1}}, {"block": {"x": 1}}),
        ({"group": ["a", "b"]}, {"group": ["b", "a"]}),
        ({"group": [{"a": 1, "b": 2}, {"a": 3}]}, {"group": [{"a": "3"}, {"a": 1, "b": 2}]}),
        ({"policy": '{"a": ["x"], "b": 1}'}, {"policy": '{"b":1,"a":"x"}'}),
        ({"policy": '{"a": ["x", "y"]}'}, {"policy": '{"a": ["y", "x"]}'}),
        ({"secret": Secret("a")}, {"secret": "a"}),
        ({"name": "x", "__defaults": ["name"]}, {"name": "x"}),
    ],
)
def test_what_means_the_same_is_no_change(old, new):
    assert diff(KIND, None, old, new).changes == {}


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({}, {"size": 5}, {"size": "add"}),
        ({"size": 5}, {}, {"size": "delete"}),
        ({"size": 5}, {"size": 6}, {"size": "update"}),
        ({}, {"flag": True}, {"flag": "update"}),
        ({"size": 1}, {"size": True}, {"size": "update"}),
        ({"tags": {"a": "1"}}, {"tags": {"a": "2", "b.c": "3"}}, {"tags.a": "update", 'tags["b.c"]': "add"}),
        ({"list": [1, 2]}, {"list": [2, 1, 3]}, {"list[0]": "update", "list[1]": "update", "list[2]": "add"}),
        ({"group": ["a", "b"]}, {"group": ["b", "c"]}, {"group[1]": "update"}),
        ({"group": ["a"]}, {"group": ["b", "a"]}, {"group[0]": "add"}),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 2}]}}, {"a.b[0].c": "update"}),
        ({"size": 5}, {"size": UNKNOWN}, {"size": "update"}),
        ({}, {"size": UNKNOWN}, {"size": "add"}),
    ],
)
def test_changes_are_told_by_property_path(old, new, changes):
    assert diff(KIND, None, old, new).changes == changes


@pytest.mark.parametrize(
    ("old", "new", "forcing"),
    [
        ({"name": "a"}, {"name": "b"}, {"name"}),
        ({"name": "a"}, {"name": UNKNOWN}, {"name"}),
        ({"block": {"fixed": 1}}, {"block": {"fixed": 2}}, {"block.fixed"}),
        ({"items": [{"id": 1}]}, {"items": [{"id": 2}]}, {"items[0].id"}),
        ({"block": {"fixed": 1, "y": 1}}, {"block": {"fixed": 1, "y": 2}}, set()),
        ({"names": "a"}, {"names": "b"}, set()),
    ],
)
def test_forcing_properties_mean_a_replacement(old, new, forcing):
    difference = diff(KIND, None, old, new)
    assert difference.forcing == forcing
    assert difference.replaces == bool(forcing)


def test_ignored_properties_do_not_count():
    assert diff(KIND, None, {"size": 1}, {"size": 2}, frozenset({"size"})).changes == {}


def test_what_is_no_json_is_compared_as_it_is():
    assert canonical("not json") == "not json"
