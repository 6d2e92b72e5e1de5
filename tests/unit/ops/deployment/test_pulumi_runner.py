"""The pulumi command as it is called: a recorder stands in for it, and says what it was given."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from ops.deployment.inputs import Inputs
from ops.deployment.pulumi_runner import PulumiRunner
from ops.deployment.runner import make_runner
from ops.errors import OpsError
from ops.exits import Exit
from ops.workspace import Workspace
from sandbox.engine import Op, Pack, Program

URN = "urn:pulumi:prod::holdfast::aws:dynamodb/table:Table::orders"
RECORDER = """#!{python}
import json, os, sys
words = sys.argv[1:]
kept = {{name: os.environ.get(name) for name in (
    "PATH", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
    "HOLDFAST_SANDBOX")}}
with open({log!r}, "a") as file:
    file.write(json.dumps({{"words": words, "cwd": os.getcwd(), "env": kept}}) + "\\n")
if words[:2] == ["stack", "init"]:
    with open("Pulumi.prod.yaml", "a") as file:
        file.write("encryptionsalt: v1:abc=\\n")
elif words[:2] == ["stack", "output"]:
    print(json.dumps({{"topology": {{"stack": "prod"}}}}))
elif words[:2] == ["stack", "export"]:
    document = {{"version": 3, "deployment": {{"resources": [
        {{"urn": {urn!r}, "type": "aws:dynamodb/table:Table", "custom": True, "protect": True, "id": "orders"}}]}}}}
    if "--file" in words:
        open(words[words.index("--file") + 1], "w").write(json.dumps(document))
    else:
        print(json.dumps(document))
elif words[0] in ("preview", "up", "destroy"):
    metadata = {{"op": "create", "urn": {urn!r}, "type": "aws:dynamodb/table:Table", "provider": "",
        "new": {{"custom": True, "protect": True, "inputs": {{"name": "orders"}}, "outputs": {{}}, "parent": "", "id": ""}},
        "old": None, "detailedDiff": None}}
    events = [
        {{"resourcePreEvent": {{"metadata": metadata}}}},
        {{"policyEvent": {{"resourceUrn": {urn!r}, "message": "<{{%fg 1%}}>no recovery<{{%reset%}}>", "policyName":
            "dynamodb-pitr", "policyPackName": "recovery", "enforcementLevel": "mandatory", "severity": "high"}}}},
        {{"diagnosticEvent": {{"message": "careful", "severity": "warning", "urn": ""}}}},
        {{"resOutputsEvent": {{"metadata": metadata}}}},
        {{"summaryEvent": {{"durationSeconds": 1}}}},
    ]
    with open(words[words.index("--event-log") + 1], "w") as file:
        file.writelines(json.dumps(event) + "\\n" for event in events)
    sys.exit({code})
"""


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """Puts the recorder on the PATH; gives a function that reads what it was called with."""
    folder, log = tmp_path / "bin", tmp_path / "calls.jsonl"
    folder.mkdir()

    def install(code: int = 0) -> None:
        path = folder / "pulumi"
        path.write_text(RECORDER.format(python=sys.executable, log=str(log), urn=URN, code=code))
        path.chmod(0o755)

    install()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    read = lambda: [json.loads(line) for line in log.read_text().splitlines()]  # noqa: E731
    return read, install


@pytest.fixture
def inputs(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: holdfast\nruntime: python\n")
    (project / "Pulumi.prod.yaml").write_text("config:\n  holdfast:x: 1\n")
    workspace = Workspace(project=project, stack="prod")
    return Inputs(
        workspace=workspace,
        settings=None,
        program=Program(directory=project, project="holdfast", stack="prod", config={}),
        packs=(Pack(name="recovery", directory=project / "policies" / "recovery"),),
        passphrase="",
    )


def test_without_the_command_it_says_where_to_get_it(inputs, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(OpsError, match="no `pulumi` on the PATH") as caught:
        make_runner("pulumi", inputs)
    assert caught.value.code == Exit.UNAVAILABLE
    assert "https://www.pulumi.com/docs/install/" in caught.value.fix


def test_a_preview_is_kept_away_from_everything_that_is_not_the_sandboxs(inputs, calls):
    read, _ = calls
    before = inputs.workspace.stack_file.read_text()
    outcome = PulumiRunner(inputs, empty=False).preview()
    init, preview = read()
    root, project = inputs.workspace.root, inputs.workspace.project
    assert init["words"][:3] == ["stack", "init", "organization/holdfast/prod"]
    assert init["cwd"] == str(root / "pulumi" / "project")
    assert preview["cwd"] == str(project)
    assert preview["words"][0] == "preview"
    assert preview["words"][preview["words"].index("--policy-pack") + 1] == str(project / "policies" / "recovery")
    assert preview["words"][preview["words"].index("--config-file") + 1] == str(
        root / "pulumi" / "project" / "Pulumi.prod.yaml"
    )
    environment = preview["env"]
    assert environment["PATH"].split(os.pathsep)[0] == str(project / "sandbox" / "provider" / "bin")
    assert environment["PULUMI_BACKEND_URL"] == (root / "pulumi" / "backend").as_uri()
    assert environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert environment["HOLDFAST_SANDBOX"] == str(root)
    assert inputs.workspace.stack_file.read_text() == before
    assert [str(step.op) for step in outcome.steps] == ["create"]
    assert outcome.counts == {"create": 1}
    assert [(one.policy, one.level, one.message, one.blocking) for one in outcome.findings] == [
        ("dynamodb-pitr", "mandatory", "no recovery", True)
    ]
    assert [one.message for one in outcome.diagnostics] == ["careful"]


def test_the_salt_survives_a_changed_stack_file(inputs, calls):
    read, _ = calls
    PulumiRunner(inputs, empty=False).preview()
    inputs.workspace.stack_file.write_text("config:\n  holdfast:x: 2\n")
    PulumiRunner(inputs, empty=False).preview()
    assert [call["words"][0] for call in read()] == ["stack", "preview", "preview"]
    copy = (inputs.workspace.root / "pulumi" / "project" / "Pulumi.prod.yaml").read_text()
    assert "encryptionsalt: v1:abc=" in copy
    assert "holdfast:x: 2" in copy


def test_an_up_gives_its_outputs_and_exports_its_state(inputs, calls):
    events = []
    outcome = PulumiRunner(inputs, empty=False).up(events.append)
    assert outcome.ok is True
    assert outcome.outputs == {"topology": {"stack": "prod"}}
    assert [event.kind for event in events] == ["step-start", "finding", "diagnostic", "step-done"]
    state = json.loads(inputs.workspace.state.read_text())
    assert state["deployment"]["resources"][0]["urn"] == URN


def test_a_failed_up_is_not_ok_and_its_state_is_exported_too(inputs, calls):
    _, install = calls
    install(code=255)
    outcome = PulumiRunner(inputs, empty=False).up(lambda _: None)
    assert outcome.ok is False
    assert inputs.workspace.state.exists()


def test_a_destroy_is_planned_from_the_state_and_lifts_protections(inputs, calls):
    read, _ = calls
    runner = PulumiRunner(inputs, empty=False)
    plan = runner.preview_destroy()
    assert [(step.op, step.urn, step.protect) for step in plan.steps] == [(Op.DELETE, URN, True)]
    runner.destroy(lambda _: None)
    words = [call["words"] for call in read()]
    unprotect = next(index for index, call in enumerate(words) if call[:3] == ["state", "unprotect", "--all"])
    destroy = next(index for index, call in enumerate(words) if call[0] == "destroy")
    assert unprotect < destroy


def test_an_engine_that_does_not_exist(inputs):
    with pytest.raises(OpsError, match="engine 'terraform' does not exist"):
        make_runner("terraform", inputs)


def test_the_stand_ins_are_where_the_runner_puts_them():
    from ops.deployment.pulumi_runner import PLUGINS

    folder = Path(__file__).parents[4] / PLUGINS
    assert {path.name for path in folder.glob("pulumi-resource-*")} >= {"pulumi-resource-aws"}
