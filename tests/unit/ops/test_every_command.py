"""What every command has: `--json` and `--plain`, an example, and words for a user's mistake instead of a traceback."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import ops.cli
from ops.console import Output
from ops.doctor import most
from ops.exits import Exit
from settings import parse
from tests.unit.ops.command_line import LEAVES

ROOT = Path(__file__).parents[3]
WITHOUT = {
    "sandbox logs": {"--json", "--plain"},  # lines of a log, as they are
    "settings schema": {"--json", "--plain", "--stack"},  # one JSON document for all stacks
    "pr-comment": {"--json", "--plain", "--stack"},  # a comment of several stacks
    "changed": {"--plain", "--stack"},  # names of stacks
    "drill list": {"--stack"},  # the same for every stack
    "cost refresh": {"--stack"},  # the price file of all stacks
    "init": {"--stack"},  # writes a new one
}
"""Command → options that it has no use for."""
ASKING = ("down", "prove", "failover", "failback", "evacuate", "readmit", "drill run", "data copy", "data repair",
          "restore", "deploy", "bootstrap")  # fmt: skip
"""Commands that show what they change, and ask."""


def run(monkeypatch, capsys, words, where=ROOT):
    monkeypatch.chdir(where)
    monkeypatch.setattr(sys, "argv", ["holdfast", *words])
    monkeypatch.setattr(sys, "stdin", (ROOT / "LICENSE").open())
    with pytest.raises(SystemExit) as ended:
        ops.cli.main()
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return ended.value.code, said


@pytest.mark.parametrize("name", LEAVES)
def test_it_has_the_options_of_every_command_and_an_example(name):
    command = LEAVES[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {"--json", "--plain", "--stack"} - options == WITHOUT.get(name, set())
    assert ("--yes" in options) == (name in ASKING)
    assert "Example" in (command.help or "") + (command.epilog or "")


GIVEN = {"file": "LICENSE", "scenario": "region-loss", "kind": "cut", "region": "us-east-1"}
"""Parameter → a value that is right; `orders` for the others."""
OTHERWISE = {"doctor", "bootstrap"}
"""`doctor` makes a line of its table of it, and a bootstrap has stack files of its own."""


@pytest.mark.parametrize("name", sorted(LEAVES.keys() - OTHERWISE - {n for n in WITHOUT if "--stack" in WITHOUT[n]}))
def test_a_stack_that_does_not_exist_is_told_with_those_that_do(monkeypatch, capsys, name):
    words = [*name.split(), "--stack", "prood"]
    for parameter in LEAVES[name].params:
        if parameter.required:
            value = GIVEN.get(parameter.name, "orders")
            words += [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]
    code, said = run(monkeypatch, capsys, words)
    assert code == Exit.USAGE, said.err
    known = sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in ROOT.glob("Pulumi.*.yaml"))
    assert f"known stacks: {', '.join(known)}" in said.err
    assert "did you mean --stack prod?" in said.err


def test_a_state_that_cannot_be_trusted_is_refused_and_left(monkeypatch, capsys, tmp_path):
    (tmp_path / "Pulumi.yaml").symlink_to(ROOT / "Pulumi.yaml")
    (tmp_path / "Pulumi.prod.yaml").symlink_to(ROOT / "Pulumi.prod.yaml")
    state = tmp_path / ".holdfast" / "prod" / "state.json"
    state.parent.mkdir(parents=True)
    state.write_text('{"deployment": {"resources": [')
    code, said = run(monkeypatch, capsys, ["readiness", "--json"], tmp_path)
    assert code == Exit.CORRUPT
    assert str(state) in said.err
    assert json.loads(said.out)["error"]["exit_code"] == Exit.CORRUPT
    assert state.read_text() == '{"deployment": {"resources": ['


def test_a_stack_that_is_not_up_says_how_to_bring_it_up(monkeypatch, capsys, tmp_path):
    (tmp_path / "Pulumi.yaml").symlink_to(ROOT / "Pulumi.yaml")
    (tmp_path / "Pulumi.prod.yaml").symlink_to(ROOT / "Pulumi.prod.yaml")
    for words in (["status"], ["evacuate", "us-east-1"], ["backup", "list"], ["failover", "--from", "us-east-1"]):
        code, said = run(monkeypatch, capsys, words, tmp_path)
        assert code == Exit.UNAVAILABLE
        assert "holdfast up --stack prod" in said.err


def test_a_table_says_the_same_with_plain_on_a_terminal(monkeypatch, capsys):
    """`--plain` carries every cell, one row a line, without a frame or an escape."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    rows = [
        ["us-east-1", 1234567, 0.5, "a reason that is longer than a narrow terminal is wide " * 9],
        ["x", 1, 2.0, "two\nlines"],
    ]
    Output(plain=True).table(["region", "count", "share", "why"], rows, title="of all")
    said = capsys.readouterr().out
    assert "\x1b" not in said
    lines = said.splitlines()
    assert [line.split()[0] for line in lines] == ["of", "region", "us-east-1", "x"]
    assert lines[3].endswith("two lines")
    assert all(word in lines[2] for word in ("1,234,567", "0.50", rows[0][3].strip()))


def test_the_most_that_a_stack_file_asks_of_one_table():
    def table(**more):
        return {"name": "one", "partition_key": {"name": "pk"}, **more}

    scaling = {"initial": 10, "minimum": 5, "maximum": 900}
    settings = parse(
        {
            "holdfast:stack": {"account_id": "111122223333", "name_prefix": "hf"},
            "holdfast:regions": [{"name": "us-east-1", "home": True, "cidr": "10.10.0.0/16"}],
            "holdfast:security": {},
            "holdfast:data": {
                "tables": {
                    "a": table(provisioned={"read": scaling, "write": {**scaling, "maximum": 30}}),
                    "b": table(name="two", ceilings={"read_units": 500, "write_units": 400}),
                }
            },
        },
        "Pulumi.t.yaml",
    )
    assert most(settings) == (900, 400)
