"""What the real provider and AWS do with types that the sandbox records, as data.

Sources: the resource reference of the Terraform AWS provider (arguments marked as forcing a new resource, defaults,
automatic names) and the ARN formats of the Service Authorization Reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sandbox.codec import UNKNOWN, Value
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Properties

GENERATED: Final = ""
"""An id that AWS generates."""

NAME_PROPERTIES: Final = ("clusterName", "clusterId", "replicationGroupId", "identifier", "functionName", "bucket")
"""Inputs that name a resource whose type has no `name`, the more telling first."""

GLOBAL_SERVICES: Final = frozenset({"iam", "route53", "cloudfront", "budgets", "shield", "organizations"})
"""Services whose ARNs name no region."""

ARN_SERVICES: Final[Mapping[str, str]] = {
    "alb": "elasticloadbalancing",
    "lb": "elasticloadbalancing",
    "cfg": "config",
    "appautoscaling": "application-autoscaling",
    "cloudwatch": "cloudwatch",
    "sfn": "states",
    "msk": "kafka",
    "opensearch": "es",
    "apigatewayv2": "apigateway",
    "vpc": "ec2",
    "wafv2": "wafv2",
}
"""ARN services where they differ from the token's."""

NAMES: Final[Mapping[str, AutoName | None]] = {}
"""Automatic names that differ from `<name>-<7 hex digits>` under 255 characters."""

FORCES: Final[Mapping[str, frozenset[str]]] = {}
"""Forcing properties by type, besides `region` and the automatic name."""

DEFAULTS: Final[Mapping[str, Mapping[str, Value]]] = {}
"""What the real provider reports for inputs left out, by type."""

SETS: Final = frozenset(
    {"subnetIds", "securityGroupIds", "securityGroups", "vpcSecurityGroupIds", "availabilityZones", "subnets"}
)
"""Lists without an order, by name, in every type."""

IDS: Final[Mapping[str, str]] = {}
"""Ids by type, as patterns (see `fill`); `GENERATED` for ids that AWS makes up."""

ARNS: Final[Mapping[str, str]] = {}
"""ARNs by type, as patterns."""

OUTPUTS: Final[Mapping[str, Mapping[str, str]]] = {}
"""Further outputs by type, as patterns."""

_FIELD = re.compile(r"\{(\w+)\}")


def fill(pattern: str, context: Context, inputs: Properties, physical_id: str | None) -> str | None:
    """A pattern with inputs, `{id}`, `{region}`, `{account}`, `{partition}` put in; None while one is not known."""
    known: dict[str, Value] = {
        **inputs,
        "region": context.region,
        "account": context.account_id,
        "partition": context.partition,
        "id": physical_id,
    }
    missing = False

    def put(match: re.Match[str]) -> str:
        nonlocal missing
        value = known.get(match.group(1))
        missing = missing or value is None or value is UNKNOWN
        return str(value)

    text = _FIELD.sub(put, pattern)
    return None if missing else text


def plausible(name: str, context: Context) -> Value:
    """A value for an output of this name that nothing else tells; None when there is none."""
    if name in {"ownerId", "accountId", "registryId", "ownerAccountId", "owner"}:
        return context.account_id
    return None
