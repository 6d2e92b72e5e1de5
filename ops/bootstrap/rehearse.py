"""The bootstrap in the sandbox: the same program, judged by the packs, made in a cloud of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ops import lock
from ops.bootstrap.file import exemptions
from ops.console import Output
from ops.deployment import incarnation, show
from ops.deployment.inputs import find_packs
from ops.trust import PASSPHRASE_VARIABLE
from ops.workspace import Workspace
from sandbox.cloud import Sandbox
from sandbox.engine import Engine, Program, StateFile
from sandbox.provider.host import LocalHost
from settings import read_stack_file
from settings.bootstrap import BootstrapSettings

PROJECT = "holdfast-bootstrap"


def rehearse(workspace: Workspace, settings: BootstrapSettings, output: Output, *, keep: bool) -> dict[str, Any]:
    """Preview the bootstrap, judge it, make it in the sandbox, and see that a second run changes nothing.

    Args:
        workspace: of the bootstrap program.
        settings: what it is to make.
        output: where to tell it.
        keep: leave the sandbox running.

    Raises:
        OpsError: a mandatory finding, a failure, or a second run that would change something.
    """
    with lock.hold(workspace.lock):
        sandbox = Sandbox.start(workspace.root, regions=[settings.region], account_id=settings.account_id)
        try:
            if incarnation.is_lost(workspace, sandbox.incarnation):
                incarnation.set_aside(workspace)
            incarnation.record(workspace, sandbox.incarnation)
            preview = _run(workspace, "preview")
            show.refuse_preview(output, preview, allow_replace=False)
            outcome = preview
            if preview.changes:
                outcome = _run(workspace, "up")
                show.refuse_failure(outcome, "setting the account up")
            show.plan(output, outcome)
            again = _run(workspace, "preview")
            show.refuse_failure(again, "the second preview", recorded=False)
        finally:
            if not keep:
                sandbox.stop()
        output.say(f"made {outcome.changes} resources in the sandbox; a second run would change {again.changes}")
        return {
            "ok": again.changes == 0,
            "changes": outcome.changes,
            "second_run_changes": again.changes,
            "findings": [finding.to_json() for finding in outcome.findings],
            "outputs": outcome.to_json()["outputs"],
        }


def _run(workspace: Workspace, what: str) -> Any:
    with _engine(workspace) as engine:
        return getattr(engine, what)()


@contextmanager
def _engine(workspace: Workspace) -> Iterator[Engine]:
    os.environ.update({"HOLDFAST_SANDBOX": str(workspace.root), **exemptions(workspace)})
    host = LocalHost(workspace.root)
    passphrase = os.environ.get(PASSPHRASE_VARIABLE, "")
    try:
        yield Engine(
            Program(
                directory=workspace.project,
                project=PROJECT,
                stack=workspace.stack,
                config=read_stack_file(workspace.stack_file).pulumi_config(),
            ),
            state=StateFile(workspace.state, passphrase),
            plugins=host,
            packs=find_packs(workspace.project.parent),
            passphrase=passphrase,
        )
    finally:
        host.close()
