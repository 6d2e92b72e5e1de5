"""Amazon Resource Names: their parts, how much a pattern of them covers, and which resource types it can mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from awsfacts.iam.catalogue import Action, arn_formats
from awsfacts.iam.glob import has_wildcard, overlaps


class Breadth(IntEnum):
    """How much of an account a resource pattern covers, from one resource to everything."""

    EXACT = 0
    """One resource."""
    PREFIX = 1
    """Resources whose name starts, or goes on, in a given way."""
    TYPE = 2
    """Every resource of a type, e.g. every table of an account and region."""
    SERVICE = 3
    """Every resource of a service."""
    ALL = 4
    """Every resource of every service."""


@dataclass(frozen=True)
class Arn:
    """The six parts of an ARN or of a pattern of ARNs."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


@lru_cache(maxsize=4096)
def split(text: str) -> Arn | None:
    """The parts of an ARN, or None where the text is not one."""
    parts = text.split(":", 5)
    return Arn(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None


@lru_cache(maxsize=4096)
def breadth(pattern: str) -> Breadth:
    """How much a resource pattern covers, by its last part; region and account are judged apart."""
    if set(pattern) == {"*"}:
        return Breadth.ALL
    arn = split(pattern)
    if arn is None:
        return Breadth.ALL if pattern.startswith("*") else Breadth.EXACT
    if "*" in arn.service:
        return Breadth.ALL
    resource = arn.resource
    if set(resource) <= {"*"}:
        return Breadth.SERVICE
    if not has_wildcard(resource):
        return Breadth.EXACT
    kind, separator, name = resource.replace(":", "/", 1).partition("/")
    if arn.service == "s3":
        # a bucket has no type in its ARN: its objects are the bucket's own, not every bucket's
        return Breadth.SERVICE if kind.startswith("*") else Breadth.PREFIX if has_wildcard(kind) else Breadth.EXACT
    if has_wildcard(kind) or (separator and name.startswith("*")):
        return Breadth.SERVICE if kind.startswith("*") else Breadth.TYPE
    head = name.split("/", 1)[0].split(":", 1)[0]
    return Breadth.PREFIX if has_wildcard(head) else Breadth.EXACT


def wide_segments(pattern: str) -> tuple[str, ...]:
    """Which of region and account a pattern leaves open, e.g. `('region', 'account')`."""
    arn = split(pattern)
    if arn is None:
        return ()
    return tuple(name for name in ("region", "account") if "*" in getattr(arn, name))


def fits(action: Action, pattern: str) -> bool:
    """Whether an action can ever act on what a resource pattern names.

    An action without resource types acts on `*` only; one with optional types also acts on `*`.
    """
    if set(pattern) == {"*"}:
        return True
    formats = arn_formats(action.service)
    known = [formats[kind] for kind in action.resource_types if kind in formats]
    if action.resource_types and not known:
        return True  # the reference gives no ARN for the type: nothing can be said
    return any(overlaps(pattern, format_) for format_ in known)
