"""The workflows: linted, pinned, with the least rights, and made of commands that can be run here."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PLAIN = re.compile(r"(make [a-z-]+|echo |cat build/|\.venv/bin/holdfast |mkdir packages)")


def jobs(path: Path) -> dict:
    return yaml.safe_load(path.read_text())["jobs"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_digest_and_says_its_version(path: Path) -> None:
    uses = re.findall(r"uses: (\S+)(.*)", path.read_text())
    for action, comment in uses:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.match(r" # v\d+\.\d+\.\d+", comment), action


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_rights_are_read_only_unless_a_job_says_more_and_every_job_ends(path: Path) -> None:
    document = yaml.safe_load(path.read_text())
    assert document["permissions"] == {"contents": "read"}
    for name, job in document["jobs"].items():
        assert "timeout-minutes" in job, name
        # Who may write anything gets no credentials of AWS, but for the drift's issue, whose code is the main branch's.
        rights = job.get("permissions", {})
        if rights.get("pull-requests") == "write":
            assert "id-token" not in rights


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_step_is_a_target_or_a_command(path: Path) -> None:
    for job in jobs(path).values():
        for step in job["steps"]:
            for line in step.get("run", "").strip().splitlines():
                assert PLAIN.match(line), line
                for target in re.findall(r"make ([a-z-]+)", line):
                    assert target in TARGETS
                # Nothing that a pull request may choose is written into a shell.
                assert "${{" not in line, line


def test_nothing_of_a_fork_runs_with_a_token_that_writes() -> None:
    text = (ROOT / ".github" / "workflows" / "pull-request.yml").read_text()
    assert "pull_request_target" not in text
    comment = jobs(ROOT / ".github" / "workflows" / "pull-request.yml")["comment"]
    checkout = next(step for step in comment["steps"] if "checkout" in step.get("uses", ""))
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"


def test_the_examples_of_other_cis_call_targets_that_exist() -> None:
    for path in (ROOT / "examples" / "ci").iterdir():
        text = path.read_text()
        assert yaml.safe_load(text)
        for words in re.findall(r"make ((?:[a-z-]+ ?)+)", re.sub(r"#.*", "", text)):
            assert set(words.split()) <= TARGETS, words


def test_actionlint_finds_nothing() -> None:
    command = shutil.which("actionlint")
    if command is None:
        pytest.skip("actionlint is not on the PATH: go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12")
    done = subprocess.run([command, *map(str, WORKFLOWS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
