"""How much identity policies may allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsfacts.iam import catalogue
from awsfacts.iam.analysis import narrowed
from awsfacts.iam.arn import Breadth, breadth, split
from holdfast_policies.rule import Severity
from holdfast_policies.rules.least_privilege.subject import IDENTITY, allowing, is_everything, least_privilege, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awsfacts.iam.document import Statement
    from holdfast_policies.resource import Resource
    from holdfast_policies.rule import Settings


@least_privilege.rule(
    "iam-no-admin",
    *IDENTITY,
    severity=Severity.CRITICAL,
    title="No policy allows every action on every resource",
    why="Whoever holds it owns the account, and every mistake or theft is total.",
    fix="list the actions and the ARNs that are needed",
    controls=("Security Hub IAM.1",),
)
def no_admin(resource: Resource, _settings: Settings) -> Iterator[str]:
    """`*` on `*`."""
    for where, statement in allowing(resource):
        if statement.any_resource and any(is_everything(action) for action in statement.actions):
            yield f"allows every action on every resource ({where})"


@least_privilege.rule(
    "iam-no-service-wildcard",
    *IDENTITY,
    severity=Severity.HIGH,
    title="No policy allows every action of a service",
    why="`dynamodb:*` includes deleting tables, turning recovery off and writing resource policies, today's actions "
    "and tomorrow's.",
    fix="list the actions that are needed, e.g. 'dynamodb:GetItem', 'dynamodb:PutItem', on the ARNs that are needed",
    controls=("Security Hub IAM.21",),
)
def no_service_wildcard(resource: Resource, _settings: Settings) -> Iterator[str]:
    """An action pattern that ends in `:*`."""
    for where, statement in allowing(resource):
        for action in statement.actions:
            service, _, name = action.partition(":")
            if name and set(name) == {"*"} and set(service) != {"*"}:
                yield f"allows {action} on {listed(statement.resources) or 'its resources'} ({where})"


@least_privilege.rule(
    "iam-resource-scoped-where-supported",
    *IDENTITY,
    severity=Severity.HIGH,
    title="An action that can be limited to ARNs is not allowed on every resource",
    why="On `*` the policy reaches every table, key and bucket of the account, not the ones of this application.",
    fix="replace '*' by the ARNs of the resources, e.g. 'arn:aws:dynamodb:us-east-1:111122223333:table/Orders'",
)
def resource_scoped(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Actions whose resource types are required, allowed on `*` without a narrowing condition."""
    for where, statement in allowing(resource):
        if not statement.any_resource or narrowed(statement):
            continue
        limitable = _limitable(statement)
        if limitable:
            yield f"allows {listed(limitable)} on every resource ({where})"


def _limitable(statement: Statement) -> set[str]:
    """The actions of a statement that can be limited to ARNs; `*` itself is another rule's business.

    Describing and listing is left out: consoles, agents and SDKs do it across an account, and it touches no data.
    """
    names = {name for pattern in statement.actions if not is_everything(pattern) for name in catalogue.expand(pattern)}
    found = {name: action for name in names if (action := catalogue.action(name)) and action.required_types}
    return {name for name, action in found.items() if action.level != "List" and not action.name.startswith(_LOOKS)}


_LOOKS = ("Describe", "List")


@least_privilege.rule(
    "iam-no-broad-arn-wildcard",
    *IDENTITY,
    severity=Severity.MEDIUM,
    title="No policy allows an action on every resource of a type",
    why="`table/*` is every table of the account and region, those of other teams and of next year included.",
    fix="name the resources, or a prefix that only this application uses, e.g. 'table/orders-*'",
)
def no_broad_arn(resource: Resource, _settings: Settings) -> Iterator[str]:
    """ARN patterns that cover a whole type or service; `*` alone is another rule's business."""
    for where, statement in allowing(resource):
        if narrowed(statement):
            continue
        broad = [one for one in statement.resources if breadth(one) in (Breadth.TYPE, Breadth.SERVICE)]
        broad += [one for one in statement.resources if breadth(one) is Breadth.ALL and set(one) != {"*"}]
        if broad:
            yield f"allows {listed(statement.actions or ('NotAction',))} on {listed(broad)} ({where})"


@least_privilege.rule(
    "iam-no-allow-not-action",
    *IDENTITY,
    severity=Severity.HIGH,
    title="No policy allows everything but a list of actions",
    why="Allow with NotAction grants every other action of every service, and each one that AWS adds.",
    fix="list what is allowed in Action; keep NotAction for Deny",
    controls=("Security Hub IAM.21",),
)
def no_allow_not_action(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Allow with NotAction."""
    for where, statement in allowing(resource):
        if statement.not_actions:
            yield f"allows everything but {listed(statement.not_actions)} ({where})"


@least_privilege.rule(
    "iam-no-allow-not-resource",
    *IDENTITY,
    severity=Severity.HIGH,
    title="No policy allows actions on everything but a list of resources",
    why="Allow with NotResource reaches every other resource, and each one that is made later.",
    fix="list what is allowed in Resource; keep NotResource for Deny",
)
def no_allow_not_resource(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Allow with NotResource."""
    for where, statement in allowing(resource):
        if statement.not_resources:
            yield f"allows actions on everything but {listed(statement.not_resources)} ({where})"


@least_privilege.rule(
    "iam-table-region-pinned",
    *IDENTITY,
    title="A policy names the region of each table",
    why="A role of one region that may write the tables of all of them takes part in every region's incidents.",
    fix="write the region into the ARN: 'arn:aws:dynamodb:us-east-1:111122223333:table/Orders'",
)
def table_region_pinned(resource: Resource, _settings: Settings) -> Iterator[str]:
    """DynamoDB ARNs whose region is open."""
    for where, statement in allowing(resource):
        for pattern in statement.resources:
            arn = split(pattern)
            if arn is not None and arn.service == "dynamodb" and "*" in arn.region:
                yield f"allows {pattern} in every region ({where})"


@least_privilege.rule(
    "iam-kms-decrypt-scoped",
    *IDENTITY,
    severity=Severity.HIGH,
    title="Decryption is allowed with named keys only",
    why="Whoever may decrypt with every key reads whatever reaches them encrypted, from any application.",
    fix="name the key's ARN, or add a condition on kms:ResourceAliases or kms:ViaService",
    controls=("Security Hub KMS.1", "Security Hub KMS.2"),
)
def kms_decrypt_scoped(resource: Resource, _settings: Settings) -> Iterator[str]:
    """`kms:Decrypt` and `kms:ReEncryptFrom` on all keys of an account."""
    for where, statement in allowing(resource):
        decrypts = statement.covers("kms:Decrypt") or statement.covers("kms:ReEncryptFrom")
        if not decrypts or statement.not_actions or narrowed(statement):
            continue
        broad = [pattern for pattern in statement.resources if breadth(pattern) >= Breadth.TYPE and _is_keys(pattern)]
        if broad:
            yield f"may decrypt with {listed(broad)} ({where})"


def _is_keys(pattern: str) -> bool:
    arn = split(pattern)
    return arn is None or arn.service in ("kms", "*")
