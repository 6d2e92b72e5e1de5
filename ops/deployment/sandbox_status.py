"""`holdfast sandbox status`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ops.deployment import cloud
from ops.exits import Exit

if TYPE_CHECKING:
    from ops.console import Output
    from ops.workspace import Workspace


def show(workspace: Workspace, output: Output) -> Exit:
    """Show the parts, the addresses, the faults and the types; the exit code says whether all parts run.

    Raises:
        OpsError: nothing runs.
    """
    status = cloud.status(cloud.running(workspace), workspace.stack)
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
    types = handled(workspace)
    _tell_types(types, output)
    output.result(
        {
            "ok": status.healthy,
            **asdict(status),
            "memory_mb": status.memory_mb,
            "types": [asdict(one) for one in types],
        }
    )
    return Exit.OK if status.healthy else Exit.FAILED


@dataclass(frozen=True)
class HandledType:
    """A type of resource that the stack has, and what the sandbox makes of it."""

    type: str
    how: str
    """`created` in the sandbox's cloud, or `recorded`: checked and remembered, with the outputs that AWS would give."""
    count: int
    limit: str
    """What of a created type does not hold; empty where all does."""


def handled(workspace: Workspace) -> tuple[HandledType, ...]:
    """The types of the stack's resources by how the sandbox handles them; none where the stack has no state."""
    from sandbox.provider import coverage  # noqa: PLC0415 - it loads the descriptions of every AWS type

    if not workspace.state.exists():
        return ()
    try:
        resources = json.loads(workspace.state.read_bytes())["deployment"].get("resources") or []
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()  # a damaged state is for the commands that use it to refuse
    counts = Counter(str(resource["type"]) for resource in resources if resource.get("custom"))
    return tuple(HandledType(one.type, one.how, counts[one.type], one.limit) for one in coverage.of(counts))


def _tell_types(types: tuple[HandledType, ...], output: Output) -> None:
    if not types:
        output.say("no resources yet: what of the stack is created and what is recorded is told after an up")
        return
    output.table(
        ["type", "resources", "in the sandbox", "but"],
        [[one.type, one.count, one.how, one.limit] for one in sorted(types, key=lambda one: (one.how, one.type))],
    )
    for how, means in (("created", "made in the sandbox's cloud"), ("recorded", "checked and remembered only")):
        kinds = [one for one in types if one.how == how]
        output.say(f"{how}: {sum(one.count for one in kinds)} resources of {len(kinds)} types, {means}")
