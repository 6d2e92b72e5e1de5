from __future__ import annotations

import json

import pytest

from ops.deployment import incarnation
from ops.workspace import Workspace

RESOURCES = {"version": 3, "deployment": {"resources": [{"urn": "x"}]}}


@pytest.fixture
def workspace(tmp_path):
    made = Workspace(project=tmp_path, stack="prod")
    made.root.mkdir(parents=True)
    return made


def test_without_resources_nothing_is_lost(workspace):
    assert incarnation.is_lost(workspace, None) is False
    workspace.state.write_text(json.dumps({"version": 3, "deployment": {}}))
    assert incarnation.is_lost(workspace, None) is False


@pytest.mark.parametrize(
    ("recorded", "running", "lost"),
    [("a", "a", False), ("a", "b", True), ("a", None, True), (None, "a", True), (None, None, True)],
)
def test_a_state_belongs_to_one_incarnation(workspace, recorded, running, lost):
    workspace.state.write_text(json.dumps(RESOURCES))
    if recorded is not None:
        incarnation.record(workspace, recorded)
    assert incarnation.is_lost(workspace, running) is lost


def test_pending_operations_alone_are_something_to_lose(workspace):
    workspace.state.write_text(json.dumps({"version": 3, "deployment": {"pending_operations": [{}]}}))
    assert incarnation.is_lost(workspace, None) is True


def test_what_is_lost_is_kept_together(workspace):
    workspace.state.write_text(json.dumps(RESOURCES))
    workspace.topology.write_text("{}")
    incarnation.record(workspace, "a")
    folder = incarnation.set_aside(workspace)
    assert {path.name for path in folder.iterdir()} == {"state.json", "topology.json", "incarnation"}
    assert incarnation.is_lost(workspace, None) is False


def test_interrupted_while_setting_aside_the_next_one_does_the_rest(workspace):
    workspace.state.write_text(json.dumps(RESOURCES))
    assert incarnation.is_lost(workspace, "b") is True
    assert (incarnation.set_aside(workspace) / "state.json").exists()
