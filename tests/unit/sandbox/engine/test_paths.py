"""Property paths, and what ignoring and forcing changes makes of them."""

import pytest

from sandbox.codec import UNKNOWN, Secret
from sandbox.engine.diffs import Diff, compare, ignore_changes, invert, replace_on_changes
from sandbox.engine.paths import contains, parse, render, reset


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("a[0].b", ("a", 0, "b")),
        ('["a.b"].c', ("a.b", "c")),
        ('a["x\\"y"]', ("a", 'x"y')),
        ("a[*].b", ("a", "*", "b")),
        ("*", ("*",)),
    ],
)
def test_a_path_is_read_and_written(text, path):
    assert parse(text) == path
    assert parse(render([part for part in path if part != "*"])) == tuple(part for part in path if part != "*")


@pytest.mark.parametrize("text", ["a[", "a]", "[x]"])
def test_what_is_no_path_is_refused(text):
    with pytest.raises(ValueError, match="not a property path"):
        parse(text)


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("a", "a.b", True),
        ("a.b", "a", False),
        ("*", "x.y", True),
        ("a[*].b", "a[3].b.c", True),
        ("a[0]", "a[1]", False),
    ],
)
def test_contains(outer, inner, expected):
    assert contains(parse(outer), parse(inner)) is expected


@pytest.mark.parametrize(
    ("old", "new", "path", "result", "done"),
    [
        ({"a": 1}, {"a": 2}, "a", {"a": 1}, True),
        ({"a": 1}, {}, "a", {"a": 1}, True),
        ({}, {"a": 2}, "a", {}, True),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, "a.b", {"a": {"b": 1, "c": 3}}, True),
        ({}, {"a": {"b": 2}}, "a.b", {"a": {"b": 2}}, False),
        ({"a": [1, 2]}, {"a": [3, 4]}, "a[1]", {"a": [3, 2]}, True),
        ({"a": [1]}, {"a": [3, 4]}, "a[1]", {"a": [3, 4]}, False),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "a[*].b", {"a": [{"b": 1}]}, True),
        ({"a": Secret({"b": 1})}, {"a": Secret({"b": 2})}, "a.b", {"a": Secret({"b": 1})}, True),
        ({"a": 1, "b": 1}, {"a": 2, "c": 2}, "*", {"a": 1, "b": 1}, True),
    ],
)
def test_reset(old, new, path, result, done):
    assert reset(old, new, parse(path)) == (result, done)


def test_ignored_changes_say_which_could_not_be_kept():
    kept, failed = ignore_changes({"a": 1, "l": [1]}, {"a": 2, "l": [1, 2], "b": 3}, ["a", "l[1]", "not a path ["])
    assert kept == {"a": 1, "l": [1, 2], "b": 3}
    assert failed == ["l[1]"]


def test_compare_tells_paths_and_looks_through_secrets():
    diff = compare(
        {"a": Secret(1), "b": {"c": [1, 2]}, "gone": 1, "__internal": 1},
        {"a": 1, "b": {"c": [1, 3, 4]}, "new": UNKNOWN, "__internal": 2},
    )
    assert dict(diff.detailed) == {"b.c[1]": "update", "b.c[2]": "add", "gone": "delete", "new": "add"}
    assert diff.changed_keys == ("b", "gone", "new")
    assert not diff.replaces


def test_an_unknown_differs_from_everything():
    assert compare({"a": 1}, {"a": UNKNOWN}).changed


def test_replace_on_changes_forces_what_it_names():
    diff = Diff(changed=True, changed_keys=("a", "b"), detailed={"a.x": "update", "b": "add"})
    forced = replace_on_changes(diff, ["a"], init_errors=False)
    assert forced.replace_keys == ("a",)
    assert dict(forced.detailed) == {"a.x": "update-replace", "b": "add"}
    assert not replace_on_changes(diff, ["c"], init_errors=False).replaces


def test_replace_on_changes_replaces_what_was_partly_made():
    same = Diff(changed=False)
    assert replace_on_changes(same, ["*"], init_errors=True).replaces
    assert not replace_on_changes(same, ["*"], init_errors=False).replaces


def test_a_refresh_shows_a_diff_from_the_other_side():
    diff = Diff(changed=True, replace_keys=("a",), detailed={"a": "add-replace", "b": "delete", "c": "update"})
    assert dict(invert(diff).detailed) == {"a": "delete", "b": "add", "c": "update"}
    assert not invert(diff).replaces
