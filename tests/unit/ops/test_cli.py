from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from ops.exits import Exit
from ops.table import COMMANDS

ROOT = Path(__file__).parents[3]


def holdfast(*words, cwd=ROOT, env=None):
    return subprocess.run(
        [sys.executable, "-c", "from ops.cli import main; main()", *words],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def test_help_lists_every_command_and_the_exit_codes():
    done = holdfast("--help")
    assert done.returncode == 0
    for name in COMMANDS:
        assert f"  {name}" in done.stdout
    assert "Exit codes: 0 done, 1 the answer is no" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_an_example(name):
    done = holdfast(name, "--help")
    assert done.returncode == 0, done.stderr
    text = done.stdout
    if "COMMAND [ARGS]" in text:
        words = [line.split()[0] for line in text.split("Commands:")[1].splitlines() if line.startswith("  ")]
        text = "".join(holdfast(name, word, "--help").stdout for word in words)
    assert "Example" in text


HELPED = [
    ["--help"], ["status", "--help"], ["failover", "-h"], ["drill", "list", "--help"], ["data", "copy", "-h"],
    ["backup", "create", "--help"], ["cost", "refresh", "--help"], ["sandbox", "start", "--help"],
    ["settings", "schema", "--help"],
]  # fmt: skip
"""`holdfast` itself, commands, and one beneath each group."""


@pytest.mark.parametrize("words", HELPED)
def test_help_imports_nothing_heavy(words):
    code = (
        "import sys\n"
        "from ops.cli import main\n"
        f"sys.argv = ['holdfast', *{words}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'pulumi', 'boto3', 'botocore', 'grpc', 'pydantic', 'rich', 'httpx', 'asyncio'} & sys.modules.keys()\n"
        "print('HEAVY', sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=200)
    assert done.stdout.rstrip().endswith("HEAVY []")


def import_asyncio():
    subprocess.run([sys.executable, "-c", "import asyncio"], check=True, timeout=200)


@pytest.mark.parametrize("words", [["--help"], ["status", "--help"], ["drill", "list", "--help"]])
def test_help_is_quick(words):
    def cpu_seconds(run):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    # 150 ms on a quiet machine: a little more than importing asyncio takes, on a fast machine and on a slow one.
    usual = min(cpu_seconds(import_asyncio) for _ in range(5))
    assert min(cpu_seconds(lambda: holdfast(*words)) for _ in range(5)) < 3 * usual


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["up", "--stack", "nope"], 2, "known stacks:"),
        (["preview", "--stack", "nope"], 2, "stack 'nope' does not exist"),
        (["down", "--stack", "nope"], 2, "stack 'nope' does not exist"),
        (["frobnicate"], 2, "No such command 'frobnicate'"),
        (["up", "--frobnicate"], 2, "No such option"),
    ],
)
def test_a_users_mistake_is_told_without_a_traceback(words, code, said):
    done = holdfast(*words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_an_interrupted_command_says_so():
    code = "import ops.cli\ndef boom():\n    raise KeyboardInterrupt\nops.cli.app = boom\nops.cli.main()\n"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=200, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


def test_each_exit_code_is_documented_and_none_other():
    documented = re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "ops" / "commands.md").read_text(), re.MULTILINE)
    assert [int(code) for code in documented] == [int(code) for code in Exit]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("holdfast fa", {"failover", "failback"}),
        ("holdfast drill r", {"run"}),
        ("holdfast drill run incident-2025", {"incident-2025-10-20"}),
        ("holdfast status --stack o", {"orders"}),
        ("holdfast status --wa", {"--watch"}),
        ("holdfast --install", {"--install-completion"}),
    ],
)
def test_a_shell_completes_commands_options_and_their_values(words, offered):
    asked = {"_HOLDFAST_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        [Path(sys.executable).with_name("holdfast")], capture_output=True, text=True, check=True, timeout=200, cwd=ROOT,
        env=os.environ | asked,
    )  # fmt: skip
    assert set(done.stdout.split()) == offered


def test_an_error_is_json_where_json_is_wanted():
    done = holdfast("preview", "--stack", "nope", "--json")
    document = json.loads(done.stdout)
    assert document["ok"] is False
    assert document["error"]["exit_code"] == done.returncode == 2
    assert "nope" in document["error"]["what"]


def test_outside_a_project_it_says_so(tmp_path):
    done = holdfast("preview", cwd=tmp_path)
    assert done.returncode == 2
    assert "no Pulumi.yaml here" in done.stderr


def test_a_fault_of_the_command_itself_keeps_its_traceback_in_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = "import sys, ops.cli\ndef boom():\n    raise RuntimeError('boom')\nops.cli.app = boom\nops.cli.main()\n"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=200, cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 70
    assert "holdfast failed: RuntimeError: boom" in done.stderr
    assert "Traceback" not in done.stderr
    (kept,) = (tmp_path / ".holdfast" / "faults").iterdir()
    assert "Traceback" in kept.read_text()
