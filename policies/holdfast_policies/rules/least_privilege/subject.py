"""What the files of this subject share: the subject itself and how they walk documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast_policies.documents import documents, types_with
from holdfast_policies.rule import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from awsfacts.iam.document import Statement
    from holdfast_policies.documents import Kind
    from holdfast_policies.resource import Resource

least_privilege = Subject("least-privilege", pack="least-privilege")

IDENTITY = types_with("identity")
TRUST = types_with("trust")
ANY_DOCUMENT = types_with("identity", "trust", "resource", "endpoint")


def statements(resource: Resource, *wanted: Kind) -> Iterator[tuple[str, Statement]]:
    """Each statement of a resource's documents of these kinds, with where it stands."""
    for placed in documents(resource, *wanted):
        for statement in placed.document.statements:
            yield f"{placed.path}, {statement.label}", statement


def allowing(resource: Resource, *wanted: Kind) -> Iterator[tuple[str, Statement]]:
    """Each Allow statement, likewise; of the identity documents where no kind is given."""
    return ((where, one) for where, one in statements(resource, *(wanted or ("identity",))) if one.allows)


def listed(names: Iterable[str], limit: int = 3) -> str:
    """The first few names, and how many more there are."""
    found = sorted(names)
    more = len(found) - limit
    return ", ".join(found[:limit]) + (f" and {more} more" if more > 0 else "")


def is_everything(action: str) -> bool:
    """Whether an action pattern stands for every action of every service."""
    return set(action) <= {"*", ":"}
