"""Combinations of permissions that give more than each alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsfacts.iam.analysis import allows, escalations, levels, widest
from awsfacts.iam.arn import Breadth
from awsfacts.iam.glob import matches
from holdfast_policies import kinds
from holdfast_policies.documents import documents, is_boundary
from holdfast_policies.rule import Level, Severity
from holdfast_policies.rules.least_privilege.subject import (
    IDENTITY,
    allowing,
    is_everything,
    least_privilege,
    listed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Settings

_ALLOWED_NAMES: Final = {
    "type": "array",
    "items": {"type": "string"},
    "default": [],
    "description": "Names of resources (with * and ?) to which the rule does not apply.",
}


def _is_named(resource: Resource, settings: Settings) -> bool:
    return any(matches(pattern, resource.name) for pattern in settings["allowed_names"])


@least_privilege.rule(
    "iam-no-privilege-escalation",
    *IDENTITY,
    severity=Severity.CRITICAL,
    title="No policy lets its holder take more rights than it gives",
    why="A few actions together, such as passing a role and starting something with it, are as good as being "
    "an administrator.",
    fix="name the one role, user, policy or function it is for, or drop one of the actions",
)
def no_escalation(resource: Resource, _settings: Settings) -> Iterator[str]:
    """The known ways; a policy that is `*` on `*` is another rule's business."""
    for placed in documents(resource, "identity"):
        if not any(is_everything(action) for one in placed.document.allowing for action in one.actions):
            for way in escalations(placed.document):
                yield f"opens a way to more rights: {way.name}, by {' and '.join((*way.broad, *way.also))}"


@least_privilege.rule(
    "iam-passrole-scoped",
    *IDENTITY,
    severity=Severity.HIGH,
    title="A role can be passed by name only, and to a named service",
    why="Who passes any role to any service acts with the most powerful role of the account.",
    fix="name the role's ARN, and add Condition {'StringEquals': {'iam:PassedToService': '<service>.amazonaws.com'}}",
)
def passrole_scoped(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Allow of iam:PassRole: the ARN names a role, and a condition the service."""
    for where, statement in allowing(resource):
        if not statement.covers("iam:PassRole") or statement.not_actions:
            continue
        if any(is_everything(action) for action in statement.actions):
            continue
        to_service = any(c.key.lower() == "iam:passedtoservice" and not c.if_exists for c in statement.conditions)
        if widest(statement) > Breadth.EXACT:
            yield f"may pass {listed(statement.resources or statement.not_resources)} ({where})"
        elif not to_service:
            yield f"may pass {listed(statement.resources)} to any service ({where})"


@least_privilege.rule(
    "iam-access-level-budget",
    *IDENTITY,
    title="A policy stays within a number of actions of each access level",
    why="A policy that may write in sixty ways is no longer read by anybody.",
    fix="split the policy by task, or raise the rule's setting for it",
    settings={
        "permissions_management": {
            "type": "integer", "minimum": 0, "default": 3, "description": "Most actions that manage permissions.",
        },
        "write": {"type": "integer", "minimum": 0, "default": 40, "description": "Most actions that write."},
        "tagging": {"type": "integer", "minimum": 0, "default": 20, "description": "Most actions that tag."},
    },
)  # fmt: skip
def access_level_budget(resource: Resource, settings: Settings) -> Iterator[str]:
    """Counted over all Allow statements of a document; `*` is another rule's business."""
    for placed in documents(resource, "identity"):
        allowed = [one for one in placed.document.allowing if not any(is_everything(a) for a in one.actions)]
        found = levels(allowed)
        for level, setting in (
            ("Permissions management", "permissions_management"),
            ("Write", "write"),
            ("Tagging", "tagging"),
        ):
            names = [name for name in found.get(level, ()) if allows(placed.document, name)]
            if len(names) > settings[setting]:
                yield (
                    f"allows {len(names)} actions of level {level!r}, {listed(names)}; "
                    f"at most {settings[setting]} are wanted ({placed.path})"
                )


@least_privilege.rule(
    "iam-app-role-no-scan",
    *IDENTITY,
    title="An application may not scan tables",
    why="A scan reads, bills and throttles the whole table; with query and get an application reads what it asked for.",
    fix="drop dynamodb:Scan; give exports and migrations a role of their own and name it in allowed_names",
    settings={"allowed_names": _ALLOWED_NAMES},
)
def no_scan(resource: Resource, settings: Settings) -> Iterator[str]:
    """Allow of dynamodb:Scan, by name or wildcard, which the document does not deny."""
    if _is_named(resource, settings):
        return
    for placed in documents(resource, "identity"):
        statement = allows(placed.document, "dynamodb:Scan")
        if statement is not None and not any(is_everything(a) for a in statement.actions) and not statement.not_actions:
            yield f"may scan {listed(statement.resources) or 'tables'} ({placed.path}, {statement.label})"


_DATA: Final = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem")
_CONTROL: Final = (
    "dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:UpdateTable", "dynamodb:UpdateContinuousBackups",
    "dynamodb:DeleteBackup", "dynamodb:CreateTableReplica", "dynamodb:DeleteTableReplica",
    "dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy", "dynamodb:UpdateTimeToLive",
)  # fmt: skip


@least_privilege.rule(
    "iam-dynamodb-data-control-separated",
    *IDENTITY,
    title="Who writes items does not also manage tables",
    why="An application that can turn off recovery or delete the table can destroy what it wrote; so can its thief.",
    fix="give items and tables to two roles",
    settings={"allowed_names": _ALLOWED_NAMES},
)
def data_control_separated(resource: Resource, settings: Settings) -> Iterator[str]:
    """One document that allows both; `*` and whole services are other rules' business."""
    if _is_named(resource, settings):
        return
    for placed in documents(resource, "identity"):
        data = {name for name in _DATA if (one := allows(placed.document, name)) and not _is_wide(one.actions)}
        control = {name for name in _CONTROL if (one := allows(placed.document, name)) and not _is_wide(one.actions)}
        if data and control:
            yield f"allows both {listed(data)} and {listed(control)} ({placed.path})"


def _is_wide(actions: tuple[str, ...]) -> bool:
    return not actions or any(is_everything(action) or action.endswith(":*") for action in actions)


@least_privilege.rule(
    "iam-no-user-policies",
    kinds.USER_POLICY,
    kinds.USER_ATTACHMENT,
    kinds.POLICY_ATTACHMENT,
    title="No policy is attached to a user",
    why="Rights of a single user are forgotten; a group or a role says what they are for.",
    fix="attach the policy to a role (or a group) instead",
    controls=("Security Hub IAM.2",),
)
def no_user_policies(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Policies in users, and attachments that name users."""
    if resource.type != kinds.POLICY_ATTACHMENT:
        yield "gives rights to a single user"
    elif resource.texts("users"):
        yield f"attaches a policy to {listed(resource.texts('users'))}"


_ATTACHMENTS: Final = (
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    kinds.USER_ATTACHMENT,
    kinds.POLICY_ATTACHMENT,
)


@least_privilege.stack_rule(
    "iam-boundary-not-attached",
    kinds.POLICY,
    *_ATTACHMENTS,
    severity=Severity.HIGH,
    title="A permissions boundary is attached to nobody",
    why="A policy named a boundary is judged as a limit; attached to a role it grants everything that it lets through.",
    fix="set it as permissions_boundary only, and attach a policy that names what is needed",
)
def boundary_not_attached(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Attachments to roles, users and groups, and the managed policies that a role lists itself."""
    for policy in stack.of(kinds.POLICY):
        if not is_boundary(policy):
            continue
        for name, types in (("policyArn", _ATTACHMENTS), ("managedPolicyArns", (kinds.ROLE,))):
            for holder in stack.referring(policy, name, *types):
                yield policy, f"is a permissions boundary, and {holder.name} attaches it"


@least_privilege.rule(
    "iam-permissions-boundary",
    kinds.ROLE,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    title="A role has a permissions boundary",
    why="Whatever is attached to the role later, it stays within the boundary.",
    fix="set permissions_boundary to the ARN of the account's boundary policy",
)
def permissions_boundary(role: Resource, _settings: Settings) -> Iterator[str]:
    """Set, be its value known or not."""
    if role.data.get("permissionsBoundary") in (None, ""):
        yield "has no permissions boundary"
