"""The recipe for a layer, followed to the letter in a clone: its files written, its changes applied, the program run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "howto" / "add-a-layer.md"
FILE = re.compile(r"^`([\w/]+\.py)`[^\n]*\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGE = re.compile(r"^```diff\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = """
import json, sys
from pathlib import Path
import settings
from tests.unit.components.recorder import record

config = {**settings.read_stack_file(Path("Pulumi.dev.yaml")).config, "holdfast:queue": {"retention_days": 7}}
texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
made = [one for one in record(texts, stack="dev").resources if one.layer == "queue" and one.custom]
print(json.dumps([[one.type, one.name, dict(one.inputs)] for one in made]))
"""


@pytest.mark.slow
def test_the_layer_of_the_recipe_is_made(tmp_path):
    page, clone = PAGE.read_text(), tmp_path / "holdfast"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    files = FILE.findall(page)
    assert [name for name, _ in files] == ["settings/queue.py", "components/queue/__init__.py"]
    for name, text in files:
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_text(text)
    (change,) = CHANGE.findall(page)
    applied = subprocess.run(
        ["git", "apply", "-"], cwd=clone, input=change, capture_output=True, text=True, check=False
    )
    assert applied.returncode == 0, applied.stderr

    path = os.pathsep.join(map(str, (clone, clone / "runtime", clone / "policies")))
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN], cwd=clone, env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    ((kind, name, inputs),) = json.loads(run.stdout)
    assert (kind, name) == ("aws:sqs/queue:Queue", "us-east-1-failed-orders")
    assert inputs["messageRetentionSeconds"] == 7 * 86_400
    assert ":key/" in inputs["kmsMasterKeyId"]

    lint = subprocess.run(
        [Path(sys.executable).with_name("ruff"), "check", "--quiet", *(name for name, _ in files)],
        cwd=clone, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert lint.returncode == 0, lint.stdout
