"""The first look of `status` is begun only by words that the command line is sure to understand alike."""

from __future__ import annotations

import pytest

from ops.estate import early
from ops.estate.look import Look


class Answering:
    """A look around that two regions answer at once, and one never."""

    def __init__(self, estate):
        self._looks = [Look(region=name, write_ms=1.0, read_ms=2.0) for name in ("us-east-1", "us-west-2")]

    def next(self, seconds):
        return self._looks.pop(0) if self._looks else None


class Estate:
    sandboxed = True


@pytest.fixture
def looked(monkeypatch):
    opened = []

    def open_estate(workspace, *, topology):
        opened.append((workspace, topology and topology.name))
        return Estate()

    monkeypatch.setattr(early, "open_workspace", lambda stack: stack)
    monkeypatch.setattr(early, "open_estate", open_estate)
    monkeypatch.setattr(early, "Looking", Answering)
    yield opened
    early.taken()


@pytest.mark.parametrize(
    ("words", "stack", "topology"),
    [
        ([], None, None),
        (["--watch", "--plain"], None, None),
        (["-s", "orders", "--topology", "t.json"], "orders", "t.json"),
    ],
)
def test_it_is_begun_and_handed_on_once(looked, capsys, words, stack, topology):
    early.begin(words)
    assert looked == [(stack, topology)]
    assert capsys.readouterr().out.splitlines() == [
        "us-east-1: answers, write 1 ms, read 2 ms; looking closer",
        "us-west-2: answers, write 1 ms, read 2 ms; looking closer",
    ]
    assert [look.region for look in early.taken().shown] == ["us-east-1", "us-west-2"]
    assert early.taken() is None


def test_with_json_the_lines_go_to_stderr(looked, capsys):
    early.begin(["--json"])
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("looking closer") == 2


@pytest.mark.parametrize(
    "words", [["--stack"], ["--stack", "--json"], ["--interval", "3"], ["--stack=orders"], ["orders"], ["--frob"]]
)
def test_it_is_left_to_the_command_where_a_word_is_not_understood(looked, capsys, words):
    early.begin(words)
    assert (looked, early.taken(), capsys.readouterr().out) == ([], None, "")


def test_a_stack_in_aws_is_left_to_the_command(looked, monkeypatch):
    monkeypatch.setattr(Estate, "sandboxed", False)
    early.begin([])
    assert early.taken() is None
