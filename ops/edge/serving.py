"""Starts the edge of a deployed stack in its sandbox: functions, APIs, names."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.deployment.serving import BREAKER_RESET_SECONDS
from ops.edge import documents
from ops.edge.issuer import Issuer
from ops.errors import OpsError
from settings.edge import JwtAuthorization

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ops.deployment.inputs import Inputs
    from sandbox.cloud import Sandbox
    from settings.edge import EdgeSettings

PACE_VARIABLE = "HOLDFAST_DNS_PACE"
DEFAULT_PACE = 0.1
"""A second of Route 53 is a tenth of one here, unless the variable says otherwise; 1 is the real pace."""


@dataclass(frozen=True, kw_only=True)
class EdgeTarget:
    """A running edge as its proof sees it."""

    zone: str
    regions: tuple[str, ...]
    home: str
    observer: str
    resolver: tuple[str, int]
    port: int
    """Of the front doors."""
    fronts: Mapping[str, str]
    """Region → address of its front door."""
    pace: float
    interval_seconds: float
    failures: int
    ttl_seconds: int
    issuer: Issuer
    alarms: Mapping[str, str]
    """Region → name of the observer's alarm on journeys through it."""
    homed: bool = False
    """Whether keys have home regions, so that a region that serves also meets the one that is lost."""

    def url(self, name: str) -> str:
        """The address below a name of the zone, such as `api` or `us-east-1`."""
        return f"http://{name}.{self.zone}:{self.port}"


def pace() -> float:
    """How fast health checks and time to live run in the sandbox.

    Raises:
        OpsError: the variable holds no number from 0.01 to 1.
    """
    text = os.environ.get(PACE_VARIABLE, str(DEFAULT_PACE))
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.01 <= value <= 1:
        raise OpsError(
            f"{PACE_VARIABLE} is {text!r}",
            why="it says what a second of Route 53 is in the sandbox",
            fix="write a number from 0.01 to 1; 1 is the real pace",
        )
    return value


def start(inputs: Inputs, edge: EdgeSettings, sandbox: Sandbox) -> EdgeTarget:
    """Start (or keep) the edge of every region and the names that lead to them.

    Raises:
        OpsError: nothing is deployed.
        SandboxError: a function does not start.
    """
    settings, workspace = inputs.settings, inputs.workspace
    resources = read_resources(inputs)
    if settings.serverless is None or settings.recovery is None or settings.recovery.dns is None:
        raise OpsError("holdfast:edge stands on holdfast:serverless and holdfast:recovery.dns")
    wanted = edge.authorization
    jwt = wanted if isinstance(wanted, JwtAuthorization) else None
    issuer = Issuer.open(
        workspace.root,
        issuer=jwt.issuer if jwt else "https://sandbox.invalid",
        audience=jwt.audience[0] if jwt else "sandbox",
        tenant_claim=jwt.tenant_claim if jwt else "tenant",
    )
    for region in settings.region_names:
        document = documents.edge(
            resources,
            region,
            package=str(workspace.project / settings.serverless.package),
            environment={
                "HOLDFAST_TOPOLOGY": str(workspace.topology),
                "HOLDFAST_BREAKER_RESET_SECONDS": f"{BREAKER_RESET_SECONDS:g}",
                "HOLDFAST_TOPOLOGY_STAMP": str(workspace.topology.stat().st_mtime_ns),
            },
            keys=issuer.keys,
        )
        sandbox.start_edge(region, document.to_json())
    speed = pace()
    names = documents.names(resources, pace=speed, home=settings.home.name)
    answered = sandbox.start_names(names.to_json())
    checks = settings.recovery.health_checks
    return EdgeTarget(
        zone=settings.recovery.dns.zone,
        regions=settings.region_names,
        home=settings.home.name,
        observer=edge.observer,
        resolver=(answered["resolver"][0], int(answered["resolver"][1])),
        port=int(answered["port"]),
        fronts=dict(answered["fronts"]),
        pace=speed,
        interval_seconds=checks.interval_seconds,
        failures=checks.failures,
        ttl_seconds=settings.recovery.dns.ttl_seconds,
        issuer=issuer,
        alarms=documents.journey_alarms(resources, edge.observer),
        homed=any(table.home_regions for table in settings.data.tables.values()) if settings.data else False,
    )


def read_resources(inputs: Inputs) -> Sequence[dict[str, Any]]:
    """The resources of the stack's state.

    Raises:
        OpsError: there are none.
    """
    path = inputs.workspace.state
    try:
        document = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        document = {}
    deployment = document.get("deployment") or document
    found: list[dict[str, Any]] = deployment.get("resources") or []
    if not found:
        raise OpsError(
            f"stack {inputs.workspace.stack!r} is not deployed in its sandbox",
            fix=f"bring it up: holdfast up --stack {inputs.workspace.stack}",
        )
    return found
