"""What is put on top of a deployed stack in the sandbox: its topology, and an orders service in each region."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from holdfast.topology import Region, Topology
from ops.errors import OpsError
from ops.proof.plan import Target
from sandbox.codec import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.deployment.inputs import Inputs
    from sandbox.cloud import Sandbox

SERVICE = "orders"
TOPOLOGY_OUTPUT = "topology"
BREAKER_RESET_SECONDS = 2.0
"""A region's breaker is tried again after this long in the sandbox, so that a proof need not wait a stack's 60 s."""
GATEWAY_SERVICES = (
    "application-autoscaling",
    "backup",
    "cloudwatch",
    "dynamodb",
    "dynamodbstreams",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
)
"""What runtime and command call, by botocore's names; a gateway answers them all at one address."""


def write_topology(inputs: Inputs, outputs: Mapping[str, Any], sandbox: Sandbox) -> Topology:
    """Write `topology.json`: the stack's own document, with the addresses of the sandbox's gateways.

    The regions stand in the order of the settings, which is the order of preference; the protocol that carried the
    document here does not keep it.

    Raises:
        OpsError: the program has no such output.
        TopologyError: what it put out is no topology.
    """
    workspace = inputs.workspace
    document = plain(outputs.get(TOPOLOGY_OUTPUT))
    if document is None:
        raise OpsError(
            f"stack {workspace.stack!r} has no output {TOPOLOGY_OUTPUT!r}",
            why="clients and services learn from it which regions serve which tables",
            fix="export it from __main__.py: pulumi.export('topology', …)",
        )
    topology = Topology.from_dict(document, source=f"output {TOPOLOGY_OUTPUT!r} of stack {workspace.stack!r}")
    endpoints = {region: dict.fromkeys(GATEWAY_SERVICES, url) for region, url in sandbox.gateways.items()}
    ordered = {name: _caches(topology.region(name), sandbox) for name in inputs.settings.region_names}
    topology = replace(topology, regions=ordered).with_endpoints(endpoints)
    temporary = workspace.topology.with_suffix(".new")
    temporary.write_text(topology.to_json() + "\n")
    temporary.replace(workspace.topology)
    return topology


def _caches(region: Region, sandbox: Sandbox) -> Region:
    """The region with the caches that the sandbox runs in place of AWS's; a cache that it does not run is none."""
    redis, dax = sandbox.document.redis.get(region.name), sandbox.document.dax.get(region.name)
    return replace(
        region,
        redis_endpoint=_redis_url(redis) if redis and region.redis_endpoint else None,
        dax_endpoint=str(dax) if dax and region.dax_endpoint else None,
    )


def _redis_url(cluster: Mapping[str, Any]) -> str:
    return f"{'rediss' if cluster['tls'] else 'redis'}://{cluster['host']}:{cluster['port']}"


def start_services(inputs: Inputs, topology: Topology, sandbox: Sandbox) -> Target:
    """Start (or keep) the orders service of each region, and say where they are."""
    workspace = inputs.workspace
    argv = [sys.executable, "-m", "services.orders", "--port", "{port}", "--exit-with-parent"]
    environment = {
        "HOLDFAST_TOPOLOGY": str(workspace.topology),
        "HOLDFAST_BREAKER_RESET_SECONDS": f"{BREAKER_RESET_SECONDS:g}",
        # A changed topology is another environment, and so another process.
        "HOLDFAST_TOPOLOGY_DIGEST": hashlib.sha256(topology.to_json().encode()).hexdigest(),
    }
    urls = {
        region: sandbox.start_service(
            SERVICE, region, argv, {**environment, "AWS_REGION": region}, cwd=workspace.project
        )
        for region in topology.regions
    }
    return Target(
        stack=workspace.stack,
        home=topology.home_region,
        services=urls,
        breaker_reset_seconds=BREAKER_RESET_SECONDS,
        breaker_reset_of_stack=inputs.settings.runtime.breaker.reset_seconds,
    )
