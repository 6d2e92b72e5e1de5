"""What the real provider and AWS do with types that the sandbox records, as data.

Sources: the resource reference of the Terraform AWS provider (arguments marked as forcing a new resource, defaults,
automatic names) and the ARN formats of the Service Authorization Reference.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from sandbox.codec import UNKNOWN, Value
from sandbox.provider.aws.facts.arns import ARN_SERVICES, ARNS, GLOBAL_SERVICES
from sandbox.provider.aws.facts.conditions import FORCES_IF
from sandbox.provider.aws.facts.defaults import DEFAULTS
from sandbox.provider.aws.facts.forces import FORCES, KEPT, NEVER
from sandbox.provider.aws.facts.names import GENERATED, IDS, NAME_PROPERTIES, NAMES, PREFIXES
from sandbox.provider.aws.facts.outputs import OUTPUTS, TIMES
from sandbox.provider.context import Context
from sandbox.provider.resource import Properties

__all__ = [
    "ARNS",
    "ARN_SERVICES",
    "DEFAULTS",
    "FORCES",
    "FORCES_IF",
    "GENERATED",
    "GLOBAL_SERVICES",
    "IDS",
    "KEPT",
    "NAMES",
    "NAME_PROPERTIES",
    "NEVER",
    "OUTPUTS",
    "PREFIXES",
    "SETS",
    "fill",
    "plausible",
    "short",
]

SETS: Final = frozenset(
    {
        "alarmActions",
        "availabilityZones",
        "insufficientDataActions",
        "okActions",
        "securityGroupIds",
        "securityGroups",
        "subnetIds",
        "subnets",
        "userIds",
        "vpcSecurityGroupIds",
    }
)
"""Lists without an order, by name, in every type."""

_FIELD = re.compile(r"\{(\w+)\}")
_HEX = re.compile(r"hex(\d+)$")
_OWNERS = frozenset({"ownerId", "accountId", "registryId", "ownerAccountId", "owner"})
MADE_AT: Final = "2026-01-01T00:00:00Z"
"""The time at which every recorded resource says it was made: a state must not differ from run to run."""


def fill(pattern: Any, context: Context, inputs: Properties, physical_id: str | None) -> Any:
    """A pattern with inputs, `{id}`, `{region}`, `{account}`, `{partition}`, `{short}` and `{hexN}` put in.

    Patterns nest in lists and objects. None while a part is not known. `{hexN}` are N hex digits that follow from the
    resource's URN, so that they stay what they are.
    """
    if isinstance(pattern, dict):
        filled = {key: fill(item, context, inputs, physical_id) for key, item in pattern.items()}
        return None if any(item is None for item in filled.values()) else filled
    if isinstance(pattern, list):
        items = [fill(item, context, inputs, physical_id) for item in pattern]
        return None if any(item is None for item in items) else items
    if not isinstance(pattern, str):
        return pattern
    return _fill_text(pattern, context, inputs, physical_id)


def _fill_text(pattern: str, context: Context, inputs: Properties, physical_id: str | None) -> str | None:
    known: dict[str, Value] = {
        **inputs,
        "region": context.region,
        "account": context.account_id,
        "partition": context.partition,
        "id": physical_id,
        "short": short(context.region),
    }
    missing = False

    def put(match: re.Match[str]) -> str:
        nonlocal missing
        digits = _HEX.match(match.group(1))
        if digits is not None:
            return hashlib.sha256(context.urn.encode()).hexdigest()[: int(digits.group(1))]
        value = known.get(match.group(1))
        missing = missing or value is None or value is UNKNOWN
        return str(value)

    text = _FIELD.sub(put, pattern)
    return None if missing else text


def short(region: str) -> str:
    """A region as zone ids and cache endpoints abbreviate it: `use1`, `apne1`."""
    place, _, rest = region.partition("-")
    middle, _, number = rest.rpartition("-")
    for word in ("central", "east", "north", "south", "west"):
        middle = middle.replace(word, word[0])
    return f"{place}{middle.replace('-', '')}{number}"


def plausible(name: str, context: Context) -> Value:
    """A value for an output of this name that nothing else tells; None when there is none."""
    if name in _OWNERS:
        return context.account_id
    if name in TIMES and not context.preview:
        return MADE_AT
    return None
