"""The topology from a parameter of Systems Manager, which every region of a stack holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from holdfast.topology import Topology, TopologyError

if TYPE_CHECKING:
    from holdfast._control.plane import ControlPlane

PARAMETER = "ssm:"
"""What a topology's source begins with that is the name of a parameter: `ssm:/prod/topology`."""


def own_region() -> str:
    """The region that this process runs in, as the environment says: AWS_REGION, AWS_DEFAULT_REGION, us-east-1."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def read_topology(plane: ControlPlane, name: str, region: str) -> Topology:
    """Read the parameter in that region; AWS_ENDPOINT_URL_SSM gives another endpoint.

    Raises:
        TopologyError: it is not there, may not be read, or holds no topology.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - botocore is loaded when it is needed

    where = f"parameter {name} in {region}"
    # A client is made once in a process's life: a start that takes seconds is worse than one that fails.
    config = plane.config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
    try:
        client: Any = plane.session.create_client("ssm", region_name=region, config=config)
        try:
            answer = client.get_parameter(Name=name, WithDecryption=True)
        finally:
            client.close()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise TopologyError(f"{where}: {_advice(code)} ({code})") from None
    except (BotoCoreError, ValueError) as error:
        raise TopologyError(f"{where}: cannot be read: {error}") from None
    return Topology.from_text(str(answer["Parameter"]["Value"]), source=where)


def _advice(code: str) -> str:
    if code == "ParameterNotFound":
        return "there is none; deploy the stack, or write the name that `pulumi stack` shows, beginning with a slash"
    if "AccessDenied" in code:
        return "the caller may not read it; allow ssm:GetParameter on it"
    return "cannot be read"
