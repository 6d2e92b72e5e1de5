"""The checker is right about small histories, fast on large ones, and draws what it finds."""

import json
import os
import random
import re
import time
from pathlib import Path

import pytest

from holdfast.testing.checker import (
    UNKNOWN,
    Event,
    History,
    Op,
    Report,
    check,
    check_logs,
    draw,
    group,
    key_value,
    linearizable,
    register,
)


def write(value, start, end, **more):
    return Op("w", "write", "k", value, start, end, **{"version": int(value[1:]), **more})


def read(value, start, end, **more):
    version = None if value is None else int(value[1:])
    return Op("r", "read", "k", value, start, end, **{"version": version, **more})


DELETED = Op("w", "delete", "k", None, 0, 1)
DELETED_LATE = Op("w", "delete", "k", None, 0, 1, settled=2.5)


def rules(ops, at_rest=None):
    history = History(ops, {} if at_rest is None else {"us": {"k": at_rest}, "eu": {"k": at_rest}})
    return [violation.rule for violation in check(history).violations]


@pytest.mark.parametrize(
    ("ops", "at_rest", "found"),
    [
        ([write("v1", 0, 1), write("v2", 2, 3)], "v2", []),
        ([write("v1", 0, 1), write("v2", 2, 3)], "v1", ["lost-write"]),
        ([write("v1", 0, 1)], None, []),
        ([write("v1", 0, 5), write("v2", 2, 3)], "v1", []),
        ([write("v1", 0, 1, outcome="unknown"), write("v2", 2, 3)], "v1", []),
        ([write("v1", 0, 1, settled=4.0), write("v2", 2, 3)], "v1", []),
        ([write("v1", 0, 1, settled=1.5), write("v2", 2, 3)], "v1", ["lost-write"]),
        ([write("v1", 0, 1, outcome="unknown", settled=0.9), write("v2", 2, 3)], "v1", ["lost-write"]),
        ([write("v1", 0, 1, outcome="unknown", settled=2.5), write("v2", 2, 3)], "v1", []),
        ([write("v1", 0, 1, outcome="failed")], "v1", ["failed-write-visible"]),
        ([write("v1", 0, 1)], "v9", ["phantom"]),
        ([write("v1", 0, 1), read("v9", 2, 3)], "v1", ["phantom"]),
        ([write("v2", 4, 5), read("v2", 2, 3)], "v2", ["read-from-the-future"]),
        ([write("v1", 0, 1), write("v2", 2, 3), read("v1", 4, 5)], "v2", []),
        (
            [write("v1", 0, 1, session="s"), write("v2", 2, 3, session="s"), read("v1", 4, 5, session="s")],
            "v2",
            ["read-back-in-time"],
        ),
        (
            [write("v1", 0, 1), write("v2", 2, 3), read("v2", 4, 5, session="s"), read("v1", 6, 7, session="s")],
            "v2",
            ["read-back-in-time"],
        ),
        (
            [write("v1", 0, 1), write("v2", 2, 3), read("v2", 4, 8, session="s"), read("v1", 6, 7, session="s")],
            "v2",
            [],
        ),
        (
            [write("v1", 0, 1, cache="c"), write("v2", 2, 3, cache="c"), read("v1", 4, 5, cache="c")],
            "v2",
            ["cache-outlived-version"],
        ),
        ([write("v1", 0, 1, cache="c"), write("v2", 2, 5, cache="c"), read("v1", 4, 6, cache="c")], "v2", []),
        # A first send that arrives after the newer write took effect brings the item back; one before it does not.
        (
            [write("v1", 0, 1, settled=2.9), write("v2", 2, 3, began=2.5, cache="c"), read("v1", 4, 5, cache="c")],
            None,
            [],
        ),
        (
            [write("v1", 0, 1, settled=2.3), write("v2", 2, 3, began=2.5, cache="c"), read("v1", 4, 5, cache="c")],
            None,
            ["cache-outlived-version"],
        ),
        (
            [write("v1", 0, 1, settled=2.3), write("v2", 2, 3, began=2.5, session="s"), read("v1", 4, 5, session="s")],
            None,
            ["read-back-in-time"],
        ),
        (
            [
                write("v1", 0, 1, outcome="unknown", settled=0.5),
                write("v2", 2, 3, session="s"),
                read("v1", 4, 5, session="s"),
            ],
            None,
            ["read-back-in-time"],
        ),
        ([write("v2", 2, 3, session="s"), read(None, 4, 5, session="s")], None, ["read-back-in-time"]),
        ([DELETED, write("v2", 2, 3, session="s"), read(None, 4, 5, session="s")], None, ["read-back-in-time"]),
        ([DELETED_LATE, write("v2", 2, 3, session="s"), read(None, 4, 5, session="s")], None, []),
    ],
)
def test_verdicts(ops, at_rest, found):
    assert rules(ops, at_rest if at_rest or not ops else None) == found


def test_a_delete_supersedes_and_a_lost_item_does_not_vanish_by_itself():
    deleted = Op("w", "delete", "k", None, 2, 3)
    history = [write("v1", 0, 1), deleted]
    report = check(History(history, {"us": {}, "eu": {}}))
    assert report.ok
    report = check(History([write("v1", 0, 1)], {"us": {}, "eu": {}}))
    assert [v.rule for v in report.violations] == ["lost-write"]


def test_replicas_must_agree_at_rest():
    report = check(History([write("v1", 0, 1), write("v2", 2, 3)], {"us": {"k": "v1"}, "eu": {"k": "v2"}}))
    assert [v.rule for v in report.violations] == ["replicas-differ"]


def test_logs_show_what_took_effect_twice_or_not_at_all():
    ops = [write("v1", 0, 1), write("v2", 1, 2, outcome="failed"), write("v3", 2, 3), write("v4", 3, 4)]
    report = Report()
    check_logs(ops, {"k": ["v1", "v2", "v3", "v3", "v9"]}, report)
    assert sorted(v.rule for v in report.violations) == ["applied-twice", "failed-write-visible", "phantom"]
    assert [op.value for op in report.superseded] == ["v4"]


def test_a_violation_is_drawn_with_its_operations_marked():
    ops = [write("v1", 0, 1), write("v2", 2, 3, outcome="unknown"), write("v3", 4, 5)]
    report = check(History(ops, {"us": {"k": "v1"}}))
    picture = draw(report.violations[0], ops)
    assert "lost-write on k" in picture
    assert sum(line.startswith(">") for line in picture.splitlines()) == 2
    assert "unknown" in picture


@pytest.mark.parametrize(
    ("events", "verdict"),
    [
        ([Event(("write", 1), None, 0, 1), Event(("read",), 1, 2, 3)], True),
        ([Event(("write", 1), None, 0, 1), Event(("read",), 0, 2, 3)], False),
        ([Event(("write", 1), None, 0, 4), Event(("read",), 1, 1, 2), Event(("read",), 0, 3, 3.5)], False),
        ([Event(("write", 1), None, 0, 4), Event(("read",), 0, 1, 2), Event(("read",), 1, 3, 3.5)], True),
        ([Event(("write", 1), UNKNOWN, 0), Event(("read",), 0, 1, 2), Event(("read",), 1, 30, 31)], True),
        ([Event(("cas", 0, 1), True, 0, 1), Event(("cas", 0, 2), True, 2, 3)], False),
        ([Event(("cas", 0, 1), True, 0, 3), Event(("cas", 0, 2), False, 1, 4)], True),
        ([Event(("cas", 0, 1), UNKNOWN, 0), Event(("read",), 1, 5, 6), Event(("read",), 0, 7, 8)], False),
    ],
)
def test_linearizability_of_a_register(events, verdict):
    assert linearizable(events, 0, register) is verdict


def test_random_linearizable_histories_are_accepted_and_their_corruption_is_not():
    rng = random.Random(5)  # noqa: S311 - replayable chance is the point
    for _ in range(200):
        state, moment, events = 0, 0.0, []
        for number in range(30):
            moment += rng.random()
            start, end = moment - rng.random(), moment + rng.random()
            if rng.random() < 0.5:
                state = number + 1
                events.append(Event(("write", state), None, start, end))
            else:
                events.append(Event(("read",), state, start, end))
        assert linearizable(events, 0, register)
        reads = [place for place, event in enumerate(events) if event.input == ("read",)]
        if reads:
            place = rng.choice(reads)
            events[place] = Event(("read",), -1, events[place].start, events[place].end)
            assert not linearizable(events, 0, register)


def large_history(count):
    rng = random.Random(1)  # noqa: S311 - replayable chance is the point
    ops, versions, at_rest = [], {}, {}
    for number in range(count):
        key, moment = f"k{number % 5000}", float(number)
        if number % 2:
            version = versions[key] = versions.get(key, 0) + 1
            ops.append(
                Op("p", "write", key, f"{key}.{version}", moment, moment + 0.5, version=version, session="s", cache="c")
            )
            at_rest[key] = f"{key}.{version}"
        elif key in versions or rng.random() < 0:
            version = versions[key]
            ops.append(
                Op("p", "read", key, f"{key}.{version}", moment, moment + 0.5, version=version, session="s", cache="c")
            )
        else:
            ops.append(Op("p", "read", key, None, moment, moment + 0.5, session="s"))
    return History(ops, {"us": at_rest, "eu": dict(at_rest)})


@pytest.mark.slow
def test_a_million_operations_are_judged_in_about_ten_seconds():
    history = large_history(1_000_000)
    started = time.process_time()
    report = check(history)
    assert report.ok
    assert report.operations == 1_000_000
    assert time.process_time() - started < 20


def test_the_same_at_a_twentieth_of_the_size():
    report = check(large_history(50_000))
    assert report.ok
    assert len(group(large_history(100).ops)) <= 100


PORCUPINE = os.environ.get("HOLDFAST_PORCUPINE")
"""A checkout of Porcupine, whose test data carries published verdicts."""


def _etcd(path):
    """The operations of a Jepsen etcd log: a compare-and-set register, where a timeout is an unknown outcome."""
    pattern = re.compile(r"INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(\w+)\s+:(\w+)\s*(.*)$")
    opened, events = {}, []
    for moment, line in enumerate(Path(path).read_text().splitlines()):
        match = pattern.search(line)
        if match is None:
            continue
        process, kind, operation, rest = match.groups()
        if kind == "invoke":
            numbers = [int(number) for number in re.findall(r"-?\d+", rest)]
            opened[process] = (operation, numbers, moment)
            continue
        operation, numbers, started = opened.pop(process, (None, None, None))
        if operation is None or (operation == "read" and kind != "ok"):
            continue
        end, output = float(moment), None
        if operation == "read":
            found = re.findall(r"-?\d+", rest)
            given, output = ("read",), int(found[0]) if found else None
        elif operation == "write":
            given = ("write", numbers[0])
        else:
            given, output = ("cas", *numbers), kind == "ok"
        if kind == "info":
            end, output = float("inf"), UNKNOWN
        if operation == "write" and kind == "fail":
            continue
        events.append(Event(given, output, float(started), end))
    for operation, numbers, started in opened.values():
        if operation != "read":
            given = ("write", numbers[0]) if operation == "write" else ("cas", *numbers)
            events.append(Event(given, UNKNOWN, float(started)))
    return events


def _kv(path):
    """The operations of a key-value log, by key."""
    pattern = re.compile(r'{:process (\d+), :type :(\w+), :f :(\w+), :key "(.*)", :value (nil|"(.*)")}')
    opened, keys = {}, {}
    for moment, line in enumerate(Path(path).read_text().splitlines()):
        match = pattern.search(line)
        if match is None:
            continue
        process, kind, operation, key, _, value = match.groups()
        if kind == "invoke":
            opened[process] = (operation, key, value or "", moment)
        else:
            operation, key, given, started = opened.pop(process)
            output = (value or "") if operation == "get" else None
            event = Event((operation, given) if operation != "get" else ("get",), output, float(started), float(moment))
            keys.setdefault(key, []).append(event)
    return keys


@pytest.mark.slow
@pytest.mark.skipif(not PORCUPINE, reason="set HOLDFAST_PORCUPINE to a checkout of anishathalye/porcupine")
def test_published_key_value_verdicts():
    root = Path(PORCUPINE) / "test_data" / "kv"
    for name, verdict in (("c01-ok.txt", True), ("c01-bad.txt", False), ("c10-ok.txt", True), ("c10-bad.txt", False)):
        found = all(linearizable(events, "", key_value) for events in _kv(root / name).values())
        assert found is verdict, name


@pytest.mark.slow
@pytest.mark.skipif(not PORCUPINE, reason="set HOLDFAST_PORCUPINE to a checkout of anishathalye/porcupine")
def test_published_etcd_verdicts():
    root = Path(PORCUPINE) / "test_data" / "jepsen"
    source = (Path(PORCUPINE) / "porcupine_test.go").read_text()
    published = {
        int(number): answer == "true"
        for number, answer in re.findall(r"checkJepsen\(t, (\d+), (true|false)\)", source)
    }  # fmt: skip
    assert published, json.dumps("no verdicts found in porcupine_test.go")
    for number, verdict in sorted(published.items()):
        events = _etcd(root / f"etcd_{number:03d}.log")
        assert linearizable(events, None, register) is verdict, number
