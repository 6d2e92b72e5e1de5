"""The bootstrap of a real account, by the pulumi command.

The bucket that keeps the states is made by a run whose own state must be somewhere meanwhile: the first run keeps it in
a file, and hands it over to the bucket at its end. From the second run on the bucket has it. Every command can be run
again: one that was interrupted between the two finds the file and goes on.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ops.bootstrap.file import exemptions
from ops.console import Output
from ops.deployment.inputs import find_packs
from ops.deployment.pulumi_runner import INSTALL
from ops.errors import OpsError
from ops.exits import Exit
from ops.trust import PASSPHRASE_VARIABLE
from ops.workspace import Workspace
from settings.bootstrap import BootstrapSettings

_CARRIED: Final = "carried.json"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command of the pulumi CLI."""

    why: str
    words: tuple[str, ...]
    backend: str
    """URL of the backend that it speaks to."""


def plan(workspace: Workspace, settings: BootstrapSettings, *, bucket_exists: bool) -> tuple[Step, ...]:
    """The commands, in order.

    Args:
        workspace: of the bootstrap program.
        settings: what it makes.
        bucket_exists: whether an earlier run has handed the state over.
    """
    stack = workspace.stack
    remote = f"s3://{_bucket(settings)}?region={settings.region}&awssdk=v2"
    key = f"awskms://alias/{settings.name_prefix}-secrets?region={settings.region}&awssdk=v2"
    packs = [word for pack in find_packs(workspace.project.parent) for word in ("--policy-pack", str(pack.directory))]
    if bucket_exists:
        return (
            Step(why="use the stack", words=("stack", "select", stack), backend=remote),
            Step(why="set up what has changed", words=("up", "--stack", stack, "--yes", *packs), backend=remote),
        )
    local = (workspace.root / "backend").as_uri()
    carried = str(workspace.root / _CARRIED)
    return (
        Step(why="keep the state in a file first", words=("stack", "select", "--create", stack), backend=local),
        Step(
            why="make the bucket, the keys and the roles",
            words=("up", "--stack", stack, "--yes", *packs),
            backend=local,
        ),
        Step(
            why="take the state out of the file",
            words=("stack", "export", "--stack", stack, "--file", carried),
            backend=local,
        ),
        Step(
            why="make the stack in the bucket, its secrets under the new key",
            words=("stack", "init", stack, "--secrets-provider", key),
            backend=remote,
        ),
        Step(
            why="put the state into the bucket",
            words=("stack", "import", "--stack", stack, "--file", carried),
            backend=remote,
        ),
    )


def bucket_exists(settings: BootstrapSettings) -> bool:
    """Whether the state bucket is there and readable.

    Raises:
        OpsError: no credentials, or a bucket that belongs to somebody else.
    """
    bucket = _bucket(settings)
    try:
        boto3.client("s3", region_name=settings.region).head_bucket(
            Bucket=bucket, ExpectedBucketOwner=settings.account_id
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
            return False
        raise OpsError(
            f"bucket {bucket} cannot be read: {error.response['Error']['Code']}",
            why="it belongs to another account, or these credentials may not read it",
            fix="sign in to the account, or choose another name_prefix",
            code=Exit.UNAVAILABLE,
        ) from error
    except BotoCoreError as error:
        raise OpsError(f"AWS cannot be asked: {error}", fix="sign in: aws sso login", code=Exit.UNAVAILABLE) from error
    return True


def carry_out(workspace: Workspace, steps: tuple[Step, ...], output: Output) -> dict[str, Any]:
    """Run the commands.

    Raises:
        OpsError: there is no pulumi command, or one of its commands failed; what was done stays done.
    """
    command = shutil.which("pulumi")
    if command is None:
        raise OpsError("there is no `pulumi` on the PATH", fix=f"install it: {INSTALL}", code=Exit.UNAVAILABLE)
    (workspace.root / "backend").mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        **exemptions(workspace),
        PASSPHRASE_VARIABLE: _passphrase(workspace),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    for number, step in enumerate(steps, 1):
        output.say(f"{number}/{len(steps)} {step.why}")
        done = subprocess.run(
            [command, *step.words, "--non-interactive"],
            cwd=workspace.project,
            env={**environment, "PULUMI_BACKEND_URL": step.backend},
            check=False,
        )
        if done.returncode and step.words[:2] != ("stack", "init"):
            raise OpsError(
                f"`pulumi {' '.join(step.words)}` ended with {done.returncode}",
                fix="mend what it says and run the same command again: what was done stays, the rest follows",
            )
    for left in (workspace.root / _CARRIED, workspace.root / "backend"):
        if len(steps) > 2:
            _remove(left)
    return {"ok": True, "steps": [" ".join(step.words) for step in steps]}


def _passphrase(workspace: Workspace) -> str:
    """Of the file's secrets, for as long as there is a file. The bucket's are under the key."""
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given:
        return given
    kept = workspace.root / "passphrase"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(32))
    return kept.read_text()


def _bucket(settings: BootstrapSettings) -> str:
    """The bucket that keeps the states, by the name that the program gives it."""
    return f"{settings.name_prefix}-{settings.account_id}-{settings.region}-state"


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
