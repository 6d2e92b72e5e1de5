"""What identity policies may allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsfacts.iam import catalogue
from holdfast_policies.documents import documents, types_with
from holdfast_policies.rule import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awsfacts.iam.document import Statement
    from holdfast_policies.resource import Resource
    from holdfast_policies.rule import Settings

least_privilege = Subject("least-privilege", pack="least-privilege")

IDENTITY = types_with("identity")


def allowing(resource: Resource) -> Iterator[tuple[str, Statement]]:
    """Each Allow statement of a resource's identity documents, with where it stands."""
    for placed in documents(resource, "identity"):
        for statement in placed.document.allowing:
            yield f"{placed.path}, {statement.label}", statement


@least_privilege.rule(
    "iam-no-admin",
    *IDENTITY,
    severity=Severity.CRITICAL,
    title="No policy allows every action on every resource",
    why="Whoever holds it owns the account, and every mistake or theft is total.",
    fix="list the actions and the ARNs that are needed",
    controls=("FSBP IAM.1", "CIS 1.15"),
)
def no_admin(resource: Resource, _settings: Settings) -> Iterator[str]:
    """`*` on `*`, also as NotAction of nothing that matters."""
    for where, statement in allowing(resource):
        if statement.any_resource and any(set(action) <= {"*", ":"} for action in statement.actions):
            yield f"allows every action on every resource ({where})"


@least_privilege.rule(
    "iam-no-service-wildcard",
    *IDENTITY,
    severity=Severity.HIGH,
    title="No policy allows every action of a service",
    why="`dynamodb:*` includes deleting tables, turning recovery off and writing resource policies, today's actions "
    "and tomorrow's.",
    fix="list the actions that are needed, e.g. 'dynamodb:GetItem', 'dynamodb:PutItem', on the ARNs that are needed",
    controls=("FSBP IAM.21",),
)
def no_service_wildcard(resource: Resource, _settings: Settings) -> Iterator[str]:
    """An action pattern that ends in `:*`."""
    for where, statement in allowing(resource):
        for action in statement.actions:
            service, _, name = action.partition(":")
            if name and set(name) == {"*"} and set(service) != {"*"}:
                yield f"allows {action} on {', '.join(statement.resources) or 'its resources'} ({where})"


@least_privilege.rule(
    "iam-resource-scoped-where-supported",
    *IDENTITY,
    severity=Severity.HIGH,
    title="An action that can be limited to ARNs is not allowed on every resource",
    why="On `*` the policy reaches every table, key and bucket of the account, not the ones of this application.",
    fix="replace '*' by the ARNs of the resources, e.g. 'arn:aws:dynamodb:us-east-1:111122223333:table/Orders'",
    controls=("NIST.800-53.r5 AC-6", "PCI-DSS 4.0 7.2"),
)
def resource_scoped(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Actions whose resource types are required, allowed on `*` without a restricting condition."""
    for where, statement in allowing(resource):
        if not statement.any_resource or any(set(action) <= {"*", ":"} for action in statement.actions):
            continue
        names = sorted(name for pattern in statement.actions for name in catalogue.expand(pattern))
        limitable = [name for name in names if (found := catalogue.action(name)) and found.required_types]
        if limitable:
            listed = ", ".join(limitable[:3]) + (f" and {len(limitable) - 3} more" if len(limitable) > 3 else "")
            yield f"allows {listed} on every resource ({where})"
