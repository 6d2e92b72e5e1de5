"""Every command of every runbook is carried out, in the order of the page, on a stack that serves in the sandbox."""

from __future__ import annotations

import json
import re
import shlex
import time
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]

FOLDER = Path(__file__).parents[3] / "docs" / "runbooks"
PAGES = sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")
QUICK = ("failback", "index-throttling")
"""Of the default run; the others are slow."""


def commands(page: str) -> list[tuple[str, bool]]:
    """The commands of a page, and whether exit code 1 is an answer too."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", (FOLDER / f"{page}.md").read_text(), re.DOTALL):
        for line in filter(str.strip, block.splitlines()):
            command, _, comment = line.partition("  # ")
            found.append((command.strip(), "exit code 1" in comment))
    return found


class Shell:
    """Runs what a page says: holdfast as it is, and the AWS CLI as far as it is a name and its options."""

    def __init__(self, stack):
        self.stack = stack
        self.environment = {"HOLDFAST_YES": "1"}

    def run(self, command: str) -> tuple[int, str]:
        for name, value in self.environment.items():
            command = command.replace(f"${name}", value)
        assert "$" not in command, f"{command}: a variable that nothing sets"
        program, *words = shlex.split(command)
        if program == "aws":
            return self._aws(words)
        assert program == "holdfast", command
        done = self.stack.run(*words, **self.environment)
        assert "Traceback" not in done.stdout + done.stderr
        return done.returncode, done.stdout + done.stderr

    def _aws(self, words: list[str]) -> tuple[int, str]:
        service, operation, *options = words
        client = self.stack.aws(service, "us-east-1")
        method = operation.replace("-", "_")
        shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
        members = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in (shape.members if shape else {})}
        given = {}
        for name, value in zip(options[::2], options[1::2], strict=True):
            given[members[name.removeprefix("--").replace("-", "")]] = value
        try:
            return 0, str(getattr(client, method)(**given))
        except (client.exceptions.ClientError, boto3.exceptions.Boto3Error) as error:
            return 1, str(error)


def prepare(stack, shell: Shell, page: str) -> None:
    """What has happened when somebody opens the page."""
    stack.fill(50)
    table = stack.aws("dynamodb", "us-east-1").describe_table(TableName="orders-production")["Table"]["TableArn"]
    shell.environment |= {"TABLE_ARN": table, "KEY_ARN": stack.keys("us-east-1")}
    if page == "failback":
        assert stack.run("evacuate", "us-east-1", "--yes").returncode == 0
    if page == "restore":
        time.sleep(1.1)
        client, storage = stack.aws("dynamodb", "us-east-1"), stack.aws("s3", "us-east-1")
        shell.environment["MOMENT"] = datetime.now(UTC).isoformat(timespec="seconds")
        shell.environment["BACKUP_ARN"] = client.create_backup(TableName="orders-production", BackupName="before")[
            "BackupDetails"
        ]["BackupArn"]
        storage.create_bucket(Bucket="runbooks")
        export = client.export_table_to_point_in_time(TableArn=table, S3Bucket="runbooks")
        shell.environment["EXPORT_ARN"] = export["ExportDescription"]["ExportArn"]
        time.sleep(1.1)
        key = {"customer_id": {"S": "c-1"}, "order_id": {"S": "o-000001"}}
        client.delete_item(TableName="orders-production", Key=key)


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=[] if page in QUICK else [pytest.mark.slow]) for page in PAGES]
)
def test_every_command_of_a_runbook_runs(stack, page):
    shell = Shell(stack)
    prepare(stack, shell, page)
    listed = commands(page)
    assert listed, f"{page}: no command"
    for command, answers_no in listed:
        if command.startswith(("holdfast evacuate", "holdfast drill")) or " failover " in command:
            # A page shows several ways out; each is tried on a stack that is whole.
            _whole(stack)
        code, said = shell.run(command)
        assert code in ((0, 1) if answers_no else (0,)), f"{command}: exit code {code}\n{said}"
        if command.startswith("holdfast drill"):
            _whole(stack)


def _whole(stack) -> None:
    flags = json.loads(stack.run("status", "--json").stdout)["regions"]
    for region in flags:
        if region["evacuated"]:
            assert stack.run("readmit", region["region"], "--yes").returncode == 0
            time.sleep(1.0)


def test_the_index_names_every_page_and_no_other():
    named = set(re.findall(r"\]\(([a-z-]+)\.md\)", (FOLDER / "README.md").read_text()))
    assert named == set(PAGES)


def test_pages_lead_to_pages_that_exist():
    for page in PAGES:
        for name in re.findall(r"\]\(([^)]+)\)", (FOLDER / f"{page}.md").read_text()):
            assert (FOLDER / name).exists(), f"{page}: {name}"
