"""The distribution, built and used from outside of the checkout: what another repository installs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile

import pytest
from pulumi.runtime.proto import analyzer_pb2 as wire

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
    folder = tmp_path / "recovery"
    shutil.copytree(pack_folders / "recovery", folder)
    client = start_pack("recovery", folder=folder, PYTHONPATH=str(tmp_path / "installed"))
    found = client.analyze("aws:dynamodb/table:Table", "orders", {"hashKey": "pk"})
    assert {"dynamodb-pitr", "dynamodb-deletion-protection"} <= {item.policyName for item in found}
    assert all(item.policyPackVersion == "0.1.0" for item in found)
    assert found[0].enforcementLevel in (wire.MANDATORY, wire.ADVISORY)
