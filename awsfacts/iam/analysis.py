"""What a document allows: broad actions left after its Denies, escalation paths, access levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from awsfacts.iam import catalogue
from awsfacts.iam.arn import Breadth, breadth
from awsfacts.iam.conditions import restricts
from awsfacts.iam.glob import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from awsfacts.iam.document import Document, Statement


def widest(statement: Statement) -> Breadth:
    """How much the widest of a statement's resource patterns covers; NotResource covers everything."""
    if statement.not_resources:
        return Breadth.ALL
    return max((breadth(pattern) for pattern in statement.resources), default=Breadth.EXACT)


def narrowed(statement: Statement) -> bool:
    """Whether one of its conditions narrows it."""
    return any(restricts(condition) for condition in statement.conditions)


def denied(document: Document, action: str, resource: str = "*") -> bool:
    """Whether an unconditional Deny of the same document takes an action away, on all that a pattern covers."""
    return any(
        not statement.conditions and statement.covers(action) and _covers(statement, resource)
        for statement in document.denying
    )


def _covers(statement: Statement, resource: str) -> bool:
    if statement.not_resources:
        return not any(matches(pattern, resource) for pattern in statement.not_resources)
    return any(matches(pattern, resource) for pattern in statement.resources)


def allows_broadly(document: Document, action: str) -> Statement | None:
    """The statement that allows an action on more than named resources, without a narrowing condition or a Deny."""
    for statement in document.allowing:
        if statement.covers(action) and widest(statement) > Breadth.EXACT and not narrowed(statement):
            left = [pattern for pattern in statement.resources or ("*",) if breadth(pattern) > Breadth.EXACT]
            if any(not denied(document, action, pattern) for pattern in left):
                return statement
    return None


def allows(document: Document, action: str) -> Statement | None:
    """The statement that allows an action on anything at all that a Deny leaves."""
    return next(
        (
            statement
            for statement in document.allowing
            if statement.covers(action)
            and any(not denied(document, action, pattern) for pattern in statement.resources or ("*",))
        ),
        None,
    )


@dataclass(frozen=True)
class Escalation:
    """A way from a few permissions to more than were given."""

    name: str
    broad: tuple[str, ...]
    """Actions that must be allowed on more than named resources."""
    also: tuple[str, ...] = ()
    """Actions that must be allowed on anything."""


def _pass_role(name: str, *also: str) -> Escalation:
    return Escalation(name, ("iam:PassRole",), also)


ESCALATIONS: Final = (
    *(
        Escalation(words, (f"iam:{action}",))
        for action, words in {
            "CreatePolicyVersion": "writing a new version of a policy",
            "SetDefaultPolicyVersion": "going back to a wider version of a policy",
            "AttachUserPolicy": "attaching any policy to a user",
            "AttachGroupPolicy": "attaching any policy to a group",
            "AttachRolePolicy": "attaching any policy to a role",
            "PutUserPolicy": "writing a policy into a user",
            "PutGroupPolicy": "writing a policy into a group",
            "PutRolePolicy": "writing a policy into a role",
            "CreateAccessKey": "making an access key of another user",
            "CreateLoginProfile": "giving another user a password",
            "UpdateLoginProfile": "changing another user's password",
            "AddUserToGroup": "joining a group with more rights",
            "UpdateAssumeRolePolicy": "letting itself assume a role",
            "DeleteRolePermissionsBoundary": "taking the boundary off a role",
            "DeleteUserPermissionsBoundary": "taking the boundary off a user",
            "PutRolePermissionsBoundary": "widening the boundary of a role",
        }.items()
    ),
    Escalation("assuming any role that trusts the account", ("sts:AssumeRole",)),
    _pass_role("starting an instance with another role", "ec2:RunInstances"),
    _pass_role("running a function with another role", "lambda:CreateFunction", "lambda:InvokeFunction"),
    _pass_role("running a function with another role on an event", "lambda:CreateFunction", "lambda:AddPermission"),
    _pass_role(
        "running a function with another role on a stream", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"
    ),
    _pass_role("giving a function another role", "lambda:UpdateFunctionConfiguration"),
    _pass_role("deploying a stack with another role", "cloudformation:CreateStack"),
    _pass_role("running a container with another role", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
    _pass_role("running a build with another role", "codebuild:CreateProject", "codebuild:StartBuild"),
    _pass_role("running a state machine with another role", "states:CreateStateMachine", "states:StartExecution"),
    _pass_role("opening a notebook with another role", "sagemaker:CreateNotebookInstance"),
    _pass_role("running a Glue job with another role", "glue:CreateJob", "glue:StartJobRun"),
    _pass_role("running a pipeline with another role", "datapipeline:CreatePipeline", "datapipeline:ActivatePipeline"),
    _pass_role("scheduling a call with another role", "scheduler:CreateSchedule"),
    Escalation("replacing the code of a function that has another role", ("lambda:UpdateFunctionCode",)),
    Escalation("running commands on instances that have another role", ("ssm:SendCommand",)),
    Escalation("opening a shell on instances that have another role", ("ssm:StartSession",)),
)
"""The known ways, after the public research on IAM privilege escalation."""


def escalations(document: Document) -> list[Escalation]:
    """The ways that a document opens."""
    return [
        way
        for way in ESCALATIONS
        if all(allows_broadly(document, action) for action in way.broad)
        and all(allows(document, action) for action in way.also)
    ]


def levels(statements: Iterable[Statement]) -> Mapping[str, Sequence[str]]:
    """The actions that statements allow, by access level, each sorted."""
    found: dict[str, set[str]] = {}
    for statement in statements:
        for pattern in statement.actions:
            for name in catalogue.expand(pattern):
                action = catalogue.action(name)
                if action is not None:
                    for level in action.levels:
                        found.setdefault(level, set()).add(name)
    return {level: sorted(names) for level, names in found.items()}
