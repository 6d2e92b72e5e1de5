"""The distribution, built and used from outside of the checkout: what another repository installs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from importlib import metadata

import pytest
import yaml
from pulumi.runtime.proto import analyzer_pb2 as wire

from holdfast_policies.packs import PACKS

pytestmark = pytest.mark.sandbox


def test_a_pack_runs_on_the_built_wheel_alone(tmp_path, pack_folders, start_pack):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=pack_folders,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    assert (tmp_path / "installed" / "awsfacts" / "iam" / "evaluate.py").exists()
    assert (tmp_path / "installed" / "awsfacts" / "prices" / "prices.json").exists()
    assert (tmp_path / "installed" / "holdfast_policies" / "controls.toml").exists()
    folder = tmp_path / "recovery"
    shutil.copytree(pack_folders / "recovery", folder)
    client = start_pack("recovery", folder=folder, PYTHONPATH=str(tmp_path / "installed"))
    found = client.analyze("aws:dynamodb/table:Table", "orders", {"hashKey": "pk"})
    assert {"dynamodb-pitr", "dynamodb-deletion-protection"} <= {item.policyName for item in found}
    assert all(item.policyPackVersion == "0.1.0" for item in found)
    assert found[0].enforcementLevel in (wire.MANDATORY, wire.ADVISORY)


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_folder_is_what_pulumi_policy_publish_takes(pack, pack_folders):
    """PulumiPolicy.yaml with runtime and version, requirements.txt, and a program; nothing else that is not hidden."""
    folder = pack_folders / pack
    project = yaml.safe_load((folder / "PulumiPolicy.yaml").read_text())
    assert project["name"] == pack
    assert project["runtime"]["name"] == "python"
    assert project["version"] == metadata.version("holdfast-policies")
    assert project["description"] == PACKS[pack]
    assert (folder / "requirements.txt").read_text().split() == [f"holdfast-policies=={project['version']}"]
    files = {path.name for path in folder.iterdir() if path.is_file()}
    assert files == {"PulumiPolicy.yaml", "requirements.txt", "__main__.py"}
