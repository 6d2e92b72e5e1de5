"""How a command reaches a running stack: the topology, and AWS clients that fail fast."""

from __future__ import annotations

import functools
import os
import threading
from typing import TYPE_CHECKING, Any

from holdfast.topology import Topology, TopologyError
from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from ops.workspace import Workspace

CONNECT_SECONDS = 1.0
READ_SECONDS = 3.0
"""A command that an operator waits for during an outage gives a region this long, once."""
SANDBOX_CREDENTIALS = {"aws_access_key_id": "AKIAHOLDFASTSANDBOX0", "aws_secret_access_key": "sandbox-only"}
"""What signs requests to the sandbox. Real credentials are never sent there."""


class Estate:
    """A running stack. Thread-safe."""

    def __init__(self, topology: Topology, *, workspace: Workspace | None = None) -> None:
        self.topology = topology
        self.workspace = workspace
        self._lock = threading.Lock()
        self._cached = functools.cache(self._make)

    @property
    def regions(self) -> list[str]:
        """Names of the regions, the home region first."""
        return list(self.topology.regions)

    @property
    def sandboxed(self) -> bool:
        """Whether the stack is in the sandbox: its topology then says where the gateways are."""
        return bool(self.topology.home.endpoints)

    @property
    def control_table(self) -> str:
        """Physical name of the control table.

        Raises:
            OpsError: the stack has none.
        """
        name = self.topology.home.control_table
        if name is None:
            raise OpsError(
                f"stack {self.topology.stack!r} has no control table",
                why="evacuation flags and the record of failovers are items of it",
                fix="deploy the stack with `holdfast:data`, which makes it",
                code=Exit.UNAVAILABLE,
            )
        return name

    def client(self, service: str, region: str) -> Any:
        """A boto3 client that gives up after one attempt of a few seconds."""
        with self._lock:
            return self._cached(service, region)

    def _make(self, service: str, region: str) -> Any:
        import boto3  # noqa: PLC0415 (a third of a second that the first line of `status` need not wait for)
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 1},
            max_pool_connections=32,
        )
        # The stubs know a literal name for each service; here it is a variable.
        make: Any = boto3.client
        if not self.sandboxed:
            return make(service, region_name=region, config=config)
        endpoints = self.topology.region(region).endpoints
        endpoint = endpoints.get(service) or endpoints["dynamodb"]
        return make(service, region_name=region, config=config, endpoint_url=endpoint, **SANDBOX_CREDENTIALS)


def named_estate(workspace: Workspace | None, *, topology: Path | None = None) -> Estate | None:
    """The stack of the file given, or of the file that HOLDFAST_TOPOLOGY names; None where neither is.

    Raises:
        OpsError: the document cannot be used, or is another stack's.
    """
    named = topology or os.environ.get("HOLDFAST_TOPOLOGY")
    if not named:
        return None
    why = "it is named by --topology" if topology else "it is named by HOLDFAST_TOPOLOGY"
    try:
        estate = Estate(Topology.from_file(named), workspace=workspace)
    except TopologyError as error:
        raise OpsError(
            str(error),
            why=why,
            fix="name the stack's topology: pulumi stack output topology --json > topology.json",
            code=Exit.USAGE,
        ) from None
    stack = estate.topology.stack
    if workspace is not None and workspace.stack != stack:
        raise OpsError(
            f"{named}: is the topology of stack {stack!r}, and this command is about {workspace.stack!r}",
            why=why,
            fix=f"--stack {stack}, or name the other: pulumi stack output topology --json -s {workspace.stack}",
            code=Exit.USAGE,
        )
    return estate


def open_estate(workspace: Workspace | None, *, topology: Path | None = None) -> Estate:
    """The running stack that a command is about.

    Looked for in this order: the file given, the file that HOLDFAST_TOPOLOGY names, the stack in the sandbox.

    Raises:
        OpsError: none of them is there, or the document cannot be used.
    """
    named = named_estate(workspace, topology=topology)
    if named is not None:
        return named
    if workspace is not None and workspace.topology.exists():
        try:
            return Estate(Topology.from_file(workspace.topology), workspace=workspace)
        except TopologyError as error:
            raise OpsError(
                str(error), fix=f"write it anew: holdfast up --stack {workspace.stack}", code=Exit.UNAVAILABLE
            ) from None
    stack = workspace.stack if workspace else "the stack"
    raise OpsError(
        f"no topology of {stack!r}: it is not up in the sandbox, and no other was named",
        fix=(
            f"in the sandbox: holdfast up --stack {stack}\n"
            f"in AWS: pulumi stack output topology --json -s {stack} > topology.json, then --topology topology.json"
        ),
        code=Exit.UNAVAILABLE,
    )


__all__ = ["Estate", "named_estate", "open_estate"]
