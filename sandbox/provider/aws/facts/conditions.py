"""Properties whose change means a replacement only sometimes.

Source: the `CustomizeDiff` of the Terraform AWS provider's resources, and for load balancers its reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sandbox.codec import UNKNOWN, Value
from sandbox.provider.resource import Condition

Inputs = Mapping[str, Value]


def _engine_falls(olds: Inputs, news: Inputs) -> bool:
    return olds.get("engine") == "valkey" and news.get("engine", "redis") == "redis"


def _version(value: Value) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", str(value or "")))


def _version_falls(olds: Inputs, news: Inputs) -> bool:
    old, new = _version(olds.get("engineVersion")), _version(news.get("engineVersion"))
    return bool(old and new) and new[: len(old)] < old[: len(new)]


def _too_old_for_transit(olds: Inputs, _news: Inputs) -> bool:
    version = _version(olds.get("engineVersion"))
    return bool(version) and version < (7, 0, 5)[: len(version)]


def _shards(inputs: Inputs) -> dict[Value, Inputs]:
    """The shards that the program describes, by their id."""
    described = inputs.get("nodeGroupConfigurations")
    if not isinstance(described, list):
        return {}
    return {shard.get("nodeGroupId"): shard for shard in described if isinstance(shard, dict)}


def _shards_move(olds: Inputs, news: Inputs) -> bool:
    """Shards come or go, get other slots, another number of replicas, or other zones where zones were given."""
    before, after = _shards(olds), _shards(news)
    if set(before) != set(after):
        return True
    always = ("replicaCount", "slots")
    zones = ("primaryAvailabilityZone", "replicaAvailabilityZones")
    return any(
        any(old.get(name) != after[key].get(name) for name in always)
        or any(old.get(name) and old.get(name) != after[key].get(name) for name in zones)
        for key, old in before.items()
    )


def _network(olds: Inputs) -> bool:
    return olds.get("loadBalancerType") == "network"


def _names(inputs: Inputs, key: str) -> set[str]:
    found = inputs.get(key)
    return {str(item) for item in found if item is not UNKNOWN} if isinstance(found, list) else set()


def _subnets_leave(olds: Inputs, news: Inputs) -> bool:
    wanted = news.get("subnets")
    unknown = isinstance(wanted, list) and UNKNOWN in wanted
    return bool(_network(olds) and not unknown and not _names(olds, "subnets") <= _names(news, "subnets"))


def _groups_come_or_go(olds: Inputs, news: Inputs) -> bool:
    return _network(olds) and bool(olds.get("securityGroups")) != bool(news.get("securityGroups"))


def tenancy_narrows(olds: Inputs, news: Inputs) -> bool:
    """Of a VPC: only from dedicated to default tenancy is it changed in place."""
    return (olds.get("instanceTenancy"), news.get("instanceTenancy") or "default") != ("dedicated", "default")


def tier_falls(olds: Inputs, news: Inputs) -> bool:
    """Of a parameter: an advanced one cannot become a standard one."""
    return bool(olds.get("tier") == "Advanced" and news.get("tier") == "Standard")


def not_an_interface(_olds: Inputs, news: Inputs) -> bool:
    """Of a VPC endpoint: only interface endpoints change their private DNS."""
    return bool(news.get("vpcEndpointType", "Gateway") != "Interface")


FORCES_IF: Final[Mapping[str, Mapping[str, Condition]]] = {
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "engine": _engine_falls,
        "engineVersion": _version_falls,
        "nodeGroupConfigurations": _shards_move,
        "transitEncryptionEnabled": _too_old_for_transit,
    },
    "aws:lb/loadBalancer:LoadBalancer": {"subnets": _subnets_leave, "securityGroups": _groups_come_or_go},
}
"""Recorded types' conditional properties; described types name theirs themselves."""
