"""Clusters, their nodes, and functions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ops.cost.model import HOURS, SECONDS
from ops.cost.pricers.surroundings import decimal
from ops.cost.table_bill import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource

SECONDS_A_CALL = Decimal("0.05")
"""How long a call of the service's function takes: an item or two, and the answer."""
RARE_CALLS = Decimal(1000)
"""Calls a month of a function that no API calls: rotation, reminders."""
NODE_DISK_GB = 20
"""Disk of a node whose launch template names none (EKS managed node groups)."""


def _cluster(_cluster: Resource, _around: Surroundings) -> Iterator[Charge]:
    yield Charge("control plane", "eks.cluster.hour", HOURS)


def _nodes(group: Resource, around: Surroundings) -> Iterator[Charge]:
    kinds = group.inputs.get("instanceTypes")
    kind = str(kinds[0]) if isinstance(kinds, list) and kinds else "t3.medium"
    nodes = decimal(group.block("scalingConfig").get("desiredSize") or 1)
    templates = around.of("aws:ec2/launchTemplate:LaunchTemplate", group.region)
    disks = templates[0].inputs.get("blockDeviceMappings") if templates else None
    sizes = [(disk.get("ebs") or {}).get("volumeSize") for disk in disks or [] if isinstance(disk, dict)]
    disk = decimal(sum(size for size in sizes if isinstance(size, int | float)) or NODE_DISK_GB)
    yield Charge(f"{kind} nodes", f"ec2.{kind}", HOURS * nodes)
    yield Charge("disks of the nodes", "ebs.gp3", disk * nodes)


def _function(function: Resource, around: Surroundings) -> Iterator[Charge]:
    called = _serves(function, around)
    calls = around.requests if called else RARE_CALLS
    size = decimal(function.number("memorySize", 128)) / 1024
    arm = "arm64" in (function.inputs.get("architectures") or [])
    yield Charge("calls", "lambda.request", calls)
    yield Charge("time", f"lambda.gb-second.{'arm' if arm else 'x86'}", calls * SECONDS_A_CALL * size)


def _serves(function: Resource, around: Surroundings) -> bool:
    """Whether an API calls it: there is an API in its region, and the API may invoke it."""
    name = function.text("name")
    permitted = [
        one
        for one in around.of("aws:lambda/permission:Permission", function.region)
        if name and name in one.text("function") and "apigateway" in one.text("principal")
    ]
    return bool(permitted)


def _provisioned(config: Resource, around: Surroundings) -> Iterator[Charge]:
    functions = around.of("aws:lambda/function:Function", config.region)
    size = decimal(max((one.number("memorySize", 128) for one in functions), default=128)) / 1024
    kept = decimal(config.number("provisionedConcurrentExecutions", 1))
    yield Charge("kept warm", "lambda.provisioned", SECONDS * kept * size)


PRICERS = {
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _nodes,
    "aws:lambda/function:Function": _function,
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": _provisioned,
}
