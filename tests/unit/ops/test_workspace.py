from __future__ import annotations

import pytest

from ops.errors import OpsError
from ops.exits import Exit
from ops.workspace import find_project, open_workspace


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: x\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    return tmp_path


def test_the_project_is_found_from_below(project):
    assert find_project(project / "deep" / "er") == project


def test_outside_a_project_the_message_says_where_to_go(tmp_path):
    with pytest.raises(OpsError, match=r"no Pulumi\.yaml") as caught:
        find_project(tmp_path)
    assert caught.value.code == Exit.USAGE


def test_the_stack_is_the_option_then_the_environment_then_prod(project, monkeypatch):
    monkeypatch.delenv("STACK", raising=False)
    assert open_workspace(None, start=project).stack == "prod"
    monkeypatch.setenv("STACK", "dev")
    assert open_workspace(None, start=project).stack == "dev"
    assert open_workspace("prod", start=project).stack == "prod"


@pytest.mark.parametrize("name", ["prd", "nothing-like-it", "../prod", ""])
def test_an_unknown_stack_names_the_known_ones(project, monkeypatch, name):
    monkeypatch.setenv("STACK", name or "nope")
    with pytest.raises(OpsError) as caught:
        open_workspace(name or None, start=project)
    assert "known stacks: dev, prod" in str(caught.value)
    assert caught.value.code == Exit.USAGE


def test_a_near_miss_is_suggested(project):
    with pytest.raises(OpsError, match="did you mean --stack prod"):
        open_workspace("prdo", start=project)
