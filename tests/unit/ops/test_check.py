"""`holdfast check`: one judgement, as many reports as are asked for."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest

from ops.checking import judge, wanted_reports
from ops.console import Output
from ops.errors import OpsError

TABLE = "aws:dynamodb/table:Table"
STATE = {
    "version": 3,
    "deployment": {
        "resources": [
            {
                "urn": f"urn:pulumi:prod::holdfast::{TABLE}::orders",
                "type": TABLE,
                "custom": True,
                "inputs": {"name": "orders", "hashKey": "pk"},
                "sourcePosition": "project:///components/data/home.py#41,9",
            }
        ]
    },
}


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Judge the state above; gives whether it may be deployed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state.json").write_text(json.dumps(STATE))
    workspace = SimpleNamespace(state=tmp_path / "state.json", stack="prod", stack_file=Path("Pulumi.prod.yaml"))

    def run(*reports, config=None, packs=(), as_json=False):
        path = None
        if config is not None:
            path = tmp_path / "config.json"
            path.write_text(config if isinstance(config, str) else json.dumps(config))
        return judge(
            workspace, None, packs=packs, wanted=wanted_reports(reports), config=path, output=Output(as_json=as_json)
        )

    return run


def test_one_run_writes_every_report(check, capsys, tmp_path):
    assert not check("table", "sarif=out/f.sarif", "junit=out/f.xml", "json=out/f.json")
    assert "dynamodb-pitr" in capsys.readouterr().out
    result = json.loads((tmp_path / "out" / "f.sarif").read_text())["runs"][0]["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "components/data/home.py"
    assert place["region"]["startLine"] == 41
    failed = ET.parse(tmp_path / "out" / "f.xml").getroot().findall(".//failure")  # noqa: S314 (our own file)
    mandatory = json.loads((tmp_path / "out" / "f.json").read_text())["mandatory"]
    assert len(failed) == mandatory > 0


def test_json_on_stdout_leaves_room_for_files(check, capsys, tmp_path):
    check("sarif=f.sarif", as_json=True)
    assert json.loads(capsys.readouterr().out)["ok"] is False
    assert (tmp_path / "f.sarif").exists()


def test_a_configuration_sets_levels_and_settings(check):
    assert check("json=a.json", config={"all": "advisory"})
    assert check("json=a.json", config={"all": "disabled"})
    assert not check("json=a.json", config={"all": "advisory", "dynamodb-pitr": "mandatory"})


@pytest.mark.parametrize(
    ("reports", "config", "words"),
    [
        (["pdf"], None, "report 'pdf' does not exist"),
        (["sarif="], None, "names no file"),
        (["table", "junit"], None, "cannot both go to stdout"),
        (["table"], {"dynamodb-pitt": "advisory"}, "did you mean 'dynamodb-pitr'"),
        (["table"], {"dynamodb-pitr": "loud"}, "level 'loud' does not exist"),
        (["table"], {"dynamodb-pitr": {"days": 3}}, "there is no setting 'days'"),
        (["table"], {"required-tags": {"tags": "Owner"}}, "'Owner' is no array"),
        (["table"], {"dynamodb-pitr": {"undecided": "maybe"}}, "none of finding"),
        (["table"], [], "not an object of rules"),
        (["table"], "{", "not JSON"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(check, reports, config, words):
    with pytest.raises(OpsError, match=words):
        check(*reports, config=config)


def test_a_report_that_cannot_be_written_is_named(check, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(OpsError, match="cannot be written"):
        check("sarif=taken/f.sarif")
