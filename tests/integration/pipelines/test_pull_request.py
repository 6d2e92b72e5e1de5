"""The steps of the pull request's workflow on a made pull request: a replacement, a finding and a dearer month."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sandbox.cloud import Sandbox

ROOT = Path(__file__).parents[3]
APPROVED = Path(__file__).with_name("approved.md")
STACK = "pr"
pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


class Clone:
    """A clone as the workflow's runner has it, with what is installed here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        (folder / ".git" / "info" / "exclude").write_text(".venv\n")
        self.git("config", "user.name", "n")
        self.git("config", "user.email", "e@example.com")

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def make(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["make", "--old-file", ".venv/.installed", *words],
            cwd=self.folder,
            # The clone's code, not that of the checkout which is installed.
            env={**os.environ, "PYTHONPATH": str(self.folder), "STACK": STACK},
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def change(self, edit) -> None:
        path = self.folder / f"Pulumi.{STACK}.yaml"
        document = yaml.safe_load(path.read_text())
        edit(document["config"])
        path.write_text(yaml.safe_dump(document, sort_keys=False))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    made = Clone(tmp_path_factory.mktemp("pull-request") / "clone")
    shutil.copy(ROOT / "Pulumi.dev.yaml", made.folder / f"Pulumi.{STACK}.yaml")
    shutil.copy(ROOT / "exemptions.dev.yaml", made.folder / f"exemptions.{STACK}.yaml")
    made.change(lambda config: config["holdfast:data"]["tables"]["orders"].pop("indexes", None))
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "A stack")
    made.git("branch", "-f", "base")
    up = subprocess.run(
        [made.folder / ".venv/bin/holdfast", "up", "--stack", STACK, "--no-prove"],
        cwd=made.folder, env={**os.environ, "PYTHONPATH": str(made.folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert up.returncode == 0, up.stderr
    yield made
    sandbox = Sandbox.attach(made.folder / ".holdfast" / STACK)
    if sandbox is not None:
        sandbox.stop()


def spoil(config: dict) -> None:
    orders = config["holdfast:data"]["tables"]["orders"]
    orders["sort_key"] = {"name": "placed_at"}  # keys cannot change: the table is replaced
    config["holdfast:network"]["nat"] = "per-zone"  # dearer
    config["holdfast:stack"]["tags"].pop("Owner", None)  # a finding


def masked(text: str) -> str:
    """Without what differs from run to run, and from one list of prices to the next."""
    text = re.sub(r"<!-- holdfast-preview:default \{.*?\} -->", "<!-- mark -->", text)
    text = re.sub(r"\b[0-9a-f]{12}\b", "COMMIT", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "WHEN", text)
    return re.sub(r"\$[\d,]+\.\d\d", "$N", text)


def test_the_comment_of_a_made_pull_request(clone: Clone) -> None:
    clone.git("checkout", "-q", "-b", "change")
    clone.change(spoil)
    clone.git("commit", "-qam", "Change the orders table's sort key")
    changed = subprocess.run(
        [clone.folder / ".venv/bin/holdfast", "changed", "--base", "base", "--json"],
        cwd=clone.folder, env={**os.environ, "PYTHONPATH": str(clone.folder)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(changed.stdout) == [STACK]

    refused = clone.make("preview-files", "BASE=base", check=False)
    assert refused.returncode != 0, refused.stderr  # data would be lost: the check is red
    clone.make("comment")
    folder = clone.folder / "build" / "preview"
    comment = (folder / "comment.md").read_text()
    head = "\n".join(comment.splitlines()[:10])
    assert "to replace" in head
    assert "`table-orders`" in head
    cost = re.search(r"\+\$([\d,]+\.\d\d) \(", comment)
    assert cost, head + refused.stderr
    assert float(cost[1].replace(",", "")) > 50
    sarif = json.loads((folder / "findings.sarif").read_text())
    assert sarif["runs"][0]["results"]

    if os.environ.get("APPROVE"):
        APPROVED.write_text(masked(comment))
    assert masked(comment) == APPROVED.read_text()


def test_a_change_of_a_page_previews_nothing(clone: Clone) -> None:
    clone.git("checkout", "-q", "base")
    (clone.folder / "docs" / "index.md").write_text("# Other\n")
    clone.git("commit", "-qam", "Change a page")
    changed = subprocess.run(
        [clone.folder / ".venv/bin/holdfast", "changed", "--base", "HEAD~1"],
        cwd=clone.folder, env={**os.environ, "PYTHONPATH": str(clone.folder)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert changed.stdout.strip() == ""
