"""`holdfast sandbox status`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ops.deployment import cloud
from ops.exits import Exit

if TYPE_CHECKING:
    from ops.console import Output
    from ops.workspace import Workspace


def show(workspace: Workspace, output: Output) -> Exit:
    """Show the parts, the addresses and the faults; the exit code says whether all parts run.

    Raises:
        OpsError: nothing runs.
    """
    status = cloud.running(workspace).status()
    output.say(f"sandbox of {workspace.stack}: since {status.started}, {status.memory_mb:.0f} MB")
    output.table(
        ["part", "state", "pid", "MB", "detail"],
        [[part.name, part.state, str(part.pid or ""), part.memory_mb, part.detail] for part in status.parts],
    )
    addresses = [[region, "gateway", url] for region, url in status.gateways.items()]
    for name, url in status.services.items():
        service, _, region = name.partition("@")
        addresses.append([region, service, url])
    output.table(["region", "what", "address"], sorted(addresses))
    for fault in status.faults:
        output.warn(f"fault: {fault}")
    output.result({"ok": status.healthy, **asdict(status), "memory_mb": status.memory_mb})
    return Exit.OK if status.healthy else Exit.FAILED
