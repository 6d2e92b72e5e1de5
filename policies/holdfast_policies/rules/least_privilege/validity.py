"""Documents that do not say what their author meant."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from awsfacts.iam import catalogue
from awsfacts.iam.arn import fits
from awsfacts.iam.conditions import OPERATORS, dead_wildcard
from awsfacts.iam.glob import matches
from awsfacts.iam.keys import GLOBAL_KEYS
from holdfast_policies import kinds
from holdfast_policies.documents import documents
from holdfast_policies.rule import Severity
from holdfast_policies.rules.least_privilege.subject import (
    ANY_DOCUMENT,
    IDENTITY,
    is_everything,
    least_privilege,
    listed,
    statements,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awsfacts.iam.document import Condition, Statement
    from holdfast_policies.documents import Kind
    from holdfast_policies.resource import Resource
    from holdfast_policies.rule import Settings

_ALL: Final[tuple[Kind, ...]] = ("identity", "boundary", "trust", "resource", "endpoint")


@least_privilege.rule(
    "iam-actions-exist",
    *ANY_DOCUMENT,
    title="Each action of a policy exists",
    why="A misspelt action allows nothing, and misspelt in a Deny it protects nothing.",
    fix="correct the name; the Service Authorization Reference lists each service's actions",
)
def actions_exist(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Patterns that stand for no known action."""
    for where, statement in statements(resource, *_ALL):
        named = [one for one in (*statement.actions, *statement.not_actions) if not is_everything(one)]
        wrong = [one for one in named if not catalogue.expand(one)]
        if wrong:
            yield f"names {listed(wrong)}, which {'is' if len(wrong) == 1 else 'are'} no action of AWS ({where})"


@least_privilege.rule(
    "iam-action-resource-match",
    *IDENTITY,
    title="Each action can act on one of the resources beside it",
    why="`s3:GetObject` on a bucket's ARN, or `dynamodb:ListTables` on a table's, is never allowed: the call fails.",
    fix="move the action to a statement with an ARN of its own resource type, or with '*' where it has none",
)
def action_resource_match(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Each action, or one of those that its pattern stands for, fits one of the ARNs."""
    for where, statement in statements(resource, "identity"):
        lost = [pattern for pattern in statement.actions if not _can_act(pattern, statement)]
        if lost:
            yield f"has {listed(lost)} beside {listed(statement.resources)}, on which it never acts ({where})"


def _can_act(pattern: str, statement: Statement) -> bool:
    if is_everything(pattern) or not statement.resources or statement.any_resource:
        return True
    known = [action for name in catalogue.expand(pattern) if (action := catalogue.action(name))]
    return not known or any(fits(action, one) for action in known for one in statement.resources)


@least_privilege.rule(
    "iam-condition-keys-valid",
    *ANY_DOCUMENT,
    title="Each condition has an operator and a key that exist for its actions",
    why="A condition on a key that the request never carries is never true, and a Deny with it never holds.",
    fix="correct the key or the operator; the Service Authorization Reference lists each action's condition keys",
)
def condition_keys_valid(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Global keys, keys of a service that the statement speaks of, and claims of identity providers."""
    for where, statement in statements(resource, *_ALL):
        for condition in statement.conditions:
            if condition.base not in OPERATORS:
                yield f"has the condition operator {condition.operator!r}, which IAM does not know ({where})"
            elif not _is_key(condition, statement):
                yield f"has a condition on {condition.key!r}, which its actions do not have ({where})"


def _is_key(condition: Condition, statement: Statement) -> bool:
    key = condition.key.lower()
    prefix = key.partition(":")[0]
    if prefix == "aws":
        return any(matches(known, key) for known in GLOBAL_KEYS)
    if "." in prefix or prefix in ("saml", "graph"):
        return True  # a claim of an identity provider
    services = {action.partition(":")[0].lower() for action in (*statement.actions, *statement.not_actions)}
    if "*" in "".join(services):
        services = {prefix}
    for service in {*services, prefix}:
        for known in catalogue.condition_keys(service):
            if matches(re.sub(r"\$\{[^}]*\}", "*", known), key):
                return service in services or prefix in services or _used_by(services, key)
    return False


def _used_by(services: set[str], key: str) -> bool:
    return any(
        matches(re.sub(r"\$\{[^}]*\}", "*", known), key)
        for service in services
        for action in catalogue.actions(service).values()
        for known in action.condition_keys
    )


@least_privilege.rule(
    "iam-no-wildcard-in-exact-operator",
    *ANY_DOCUMENT,
    severity=Severity.HIGH,
    title="No wildcard stands under an operator that takes it literally",
    why="Under StringEquals and StringNotEquals a * is the character: the condition, or the exemption, never matches.",
    fix="use StringLike or StringNotLike (ArnLike, ArnNotLike for ARNs), or write the value out",
)
def no_dead_wildcard(resource: Resource, _settings: Settings) -> Iterator[str]:
    """`StringEquals` and its relatives."""
    for where, statement in statements(resource, *_ALL):
        for condition in statement.conditions:
            value = dead_wildcard(condition)
            if value:
                yield f"compares {condition.key} with {value!r} under {condition.operator}, letter by letter ({where})"


_LEFTOVERS: Final = ("Calling __str__ on an Output", "<pulumi.output.Output", "[object Object]", "${Token[")
_SIZES: Final = {
    kinds.POLICY: 6144,
    "aws:iam/rolePolicy:RolePolicy": 10_240,
    "aws:iam/groupPolicy:GroupPolicy": 5120,
    kinds.USER_POLICY: 2048,
}
"""Most characters, white space apart, that IAM takes (IAM user guide, "IAM and AWS STS quotas")."""


@least_privilege.rule(
    "iam-document-evaluable",
    *ANY_DOCUMENT,
    severity=Severity.HIGH,
    title="A policy document is complete and well formed",
    why="A document that cannot be read cannot be judged, and AWS refuses it in the middle of a deployment, or worse, "
    "reads it in another way.",
    fix="write the document as an object with Version '2012-10-17', from names that are known before the deployment",
)
def document_evaluable(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Faults of the parser, text that an output left behind, and documents that IAM finds too long."""
    for placed in documents(resource, *_ALL):
        for fault in placed.document.faults:
            yield f"has a document that is not well formed: {fault} ({placed.path})"
        words = json.dumps([(s.resources, s.principals) for s in placed.document.statements])
        left = next((text for text in _LEFTOVERS if text in words), "")
        if left:
            yield f"has a document with the text of an unresolved output, {left!r} ({placed.path})"
    limit = _SIZES.get(resource.type)
    source = resource.value("policy")
    if limit and source:
        size = len(re.sub(r"\s", "", source if isinstance(source, str) else json.dumps(source)))
        if size > limit:
            yield f"has a document of {size} characters, and IAM takes {limit}"
