from __future__ import annotations

import json

import pytest

from ops.console import Output
from ops.errors import OpsError, readable
from ops.exits import Exit


def test_a_pipe_gets_plain_lines_on_stdout(capsys):
    output = Output()
    output.say("hello", style="red")
    output.warn("careful")
    output.table(["region", "ms"], [["us-east-1", 12.5], ["eu-west-1", 1200.0]])
    output.result({"not": "shown"})
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[:2] == ["hello", "! careful"]
    assert "\x1b" not in captured.out
    assert [line.split() for line in lines[2:]] == [["region", "ms"], ["us-east-1", "12.50"], ["eu-west-1", "1,200.00"]]


def test_with_json_stdout_is_one_document_and_the_rest_goes_to_stderr(capsys):
    output = Output(as_json=True)
    output.say("hello")
    output.table(["a"], [["[bold]b"]])
    output.result({"ok": True})
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"ok": True}
    assert "hello" in captured.err
    assert "[bold]b" in captured.err


class Terminal:
    def __init__(self, stream):
        self._stream = stream

    def isatty(self):
        return True

    def __getattr__(self, name):
        return getattr(self._stream, name)


@pytest.mark.parametrize(
    ("environment", "plain", "lively", "color"),
    [
        ({"TERM": "xterm"}, False, True, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False, True, False),
        ({"TERM": "dumb"}, False, False, False),
        ({"TERM": "xterm"}, True, False, False),
    ],
)
def test_colour_and_movement_only_where_they_are_wanted(monkeypatch, environment, plain, lively, color):
    import sys

    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal(sys.stdout))
    output = Output(plain=plain)
    assert (output.lively, output.color) == (lively, color)


def test_where_nobody_can_be_asked_the_answer_is_no(monkeypatch):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(OpsError) as caught:
        Output().confirm("Destroy?", yes=False)
    assert caught.value.code == Exit.DECLINED
    assert "--yes" in caught.value.fix
    Output().confirm("Destroy?", yes=True)


@pytest.mark.parametrize(("answer", "goes"), [("y\n", True), ("Yes\n", True), ("\n", False), ("n\n", False)])
def test_the_answer_decides(monkeypatch, answer, goes):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", Terminal(io.StringIO(answer)))
    if goes:
        Output().confirm("Destroy?", yes=False)
    else:
        with pytest.raises(OpsError, match="nothing was changed"):
            Output().confirm("Destroy?", yes=False)


def test_errors_of_other_rooms_are_told_with_their_exit_code():
    from sandbox.cloud import PortInUse
    from settings import Fault, SettingsError

    fault = Fault(path="holdfast:regions", value=None, rule="is missing", fix="write it")
    told = readable(SettingsError("Pulumi.prod.yaml", (fault,)))
    assert told.code == Exit.USAGE
    assert "holdfast:regions" in told.what
    assert readable(PortInUse("us-west-2", 8001)).code == Exit.UNAVAILABLE
    assert readable(KeyError("x")) is None
