"""Whether a request is allowed: AWS's evaluation logic over the policies that apply to it.

Follows the published evaluation logic: an explicit Deny anywhere wins; within an account the identity policies
(limited by the permissions boundary and the session policy) or the resource's own policy must allow; across accounts
both must. Keys and role trust policies must allow for themselves, since without them identity policies have no
effect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from awsfacts.iam.arn import split
from awsfacts.iam.conditions import context_of, holds, substitute
from awsfacts.iam.document import Document, Statement
from awsfacts.iam.glob import matches

_SELF_GOVERNED = ("kms:", "sts:assumerole", "sts:tagsession", "sts:setsourceidentity")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody wants to do."""

    principal: str
    """ARN of the user, role or role session that asks, or a service principal such as `backup.amazonaws.com`."""
    action: str
    """Full name, e.g. `dynamodb:GetItem`."""
    resource: str = "*"
    """ARN of what it acts on; `*` for an action without a resource."""
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """Condition keys of the request, e.g. `dynamodb:LeadingKeys`; principal keys are added from the principal."""
    session_tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the principal's session, seen as `aws:PrincipalTag/<key>`."""


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The policies that apply to a request."""

    identity: Sequence[Document] = ()
    boundary: Document | None = None
    session: Document | None = None
    resource: Document | None = None


@dataclass(frozen=True)
class Decision:
    """The answer, and why."""

    allowed: bool
    reason: str
    statement: Statement | None = None
    explicit_deny: bool = False

    def __bool__(self) -> bool:
        return self.allowed


def evaluate(request: Request, policies: Policies) -> Decision:
    """Decide a request."""
    asking = _Asking(request)
    every = [*policies.identity, *(d for d in (policies.boundary, policies.session) if d is not None)]
    deny = asking.first(every, "Deny", principal=False)
    if deny is None and policies.resource is not None:
        deny = asking.first([policies.resource], "Deny", principal=True)
    if deny is not None:
        return Decision(
            False, f"{request.action} on {request.resource} is denied by {deny.label}", deny, explicit_deny=True
        )

    granted = asking.first([policies.resource], "Allow", principal=True) if policies.resource is not None else None
    identity = asking.first(policies.identity, "Allow", principal=False)
    limits = [("permissions boundary", policies.boundary), ("session policy", policies.session)]
    stopped = next(
        (
            name
            for name, document in limits
            if document is not None and not asking.first([document], "Allow", principal=False)
        ),
        "",
    )
    by_identity = identity is not None and not stopped

    if asking.is_service:
        return _decision(request, granted, "no statement of the resource's policy allows the service")
    if asking.other_account or request.action.lower().startswith(_SELF_GOVERNED):
        if granted is None:
            return _decision(request, None, "the resource's own policy does not allow it")
        if asking.other_account or asking.names_account(granted):
            return _decision(request, identity if by_identity else None, _why_not(stopped))
        return _decision(request, granted, "")
    if by_identity:
        return _decision(request, identity, "")
    if granted is not None and not asking.names_account(granted) and (not stopped or asking.names_session(granted)):
        return _decision(request, granted, "")
    return _decision(request, None, _why_not(stopped))


def _why_not(stopped: str) -> str:
    return f"the {stopped} does not allow it" if stopped else "no identity policy allows it"


def _decision(request: Request, statement: Statement | None, why_not: str) -> Decision:
    if statement is None:
        return Decision(False, f"{request.action} on {request.resource}: {why_not}")
    return Decision(True, f"{request.action} on {request.resource} is allowed by {statement.label}", statement)


class _Asking:
    """A request with its context filled in."""

    def __init__(self, request: Request) -> None:
        self.request = request
        arn = split(request.principal)
        target = split(request.resource)
        self.is_service = arn is None and request.principal.endswith((".amazonaws.com", ".amazonaws.com.cn"))
        self.account = arn.account if arn else ""
        self.other_account = bool(arn and target and target.account and target.account != self.account)
        self.role = _role_of(request.principal)
        principal: dict[str, str | Sequence[str]] = {}
        if arn:
            principal = {
                "aws:PrincipalArn": self.role or request.principal,
                "aws:PrincipalAccount": self.account,
                "aws:PrincipalType": "AssumedRole" if self.role else "User",
            }
        if target and target.account:
            principal["aws:ResourceAccount"] = target.account
        tags = {f"aws:PrincipalTag/{key}": value for key, value in request.session_tags.items()}
        self.context = context_of({**principal, **tags, **request.context})

    def first(self, documents: Sequence[Document], effect: str, *, principal: bool) -> Statement | None:
        """The first statement of that effect that matches the request."""
        return next(
            (
                statement
                for document in documents
                for statement in document.statements
                if statement.effect == effect and self._matches(statement, principal=principal)
            ),
            None,
        )

    def _matches(self, statement: Statement, *, principal: bool) -> bool:
        return (
            statement.covers(self.request.action)
            and self._on_resource(statement)
            and (not principal or self._by_principal(statement))
            and all(holds(condition, self.context) for condition in statement.conditions)
        )

    def _on_resource(self, statement: Statement) -> bool:
        resource = self.request.resource
        if statement.not_resources:
            return not any(self._covers(pattern, resource) for pattern in statement.not_resources)
        if not statement.resources:
            return True  # a trust policy, or a resource policy that speaks of its own resource
        return any(self._covers(pattern, resource) for pattern in statement.resources)

    def _covers(self, pattern: str, resource: str) -> bool:
        replaced = substitute(pattern, self.context)
        return replaced is not None and matches(replaced, resource)

    def _by_principal(self, statement: Statement) -> bool:
        if statement.not_principals:
            return not any(self._is(kind, value) for kind, value in statement.not_principals)
        return any(self._is(kind, value) for kind, value in statement.principals)

    def _is(self, kind: str, value: str) -> bool:
        if value == "*" and kind in ("*", "AWS"):
            return True
        if self.is_service:
            return kind == "Service" and value == self.request.principal
        if kind != "AWS":
            return kind == "Federated" and value == self.request.principal
        return value in (
            self.request.principal, self.role, self.account, f"arn:aws:iam::{self.account}:root",
        )  # fmt: skip

    def names_account(self, statement: Statement) -> bool:
        """Whether a statement names the account only, which delegates to its identity policies."""
        mine = [value for kind, value in statement.principals if self._is(kind, value)]
        return bool(mine) and all(value in (self.account, f"arn:aws:iam::{self.account}:root") for value in mine)

    def names_session(self, statement: Statement) -> bool:
        """Whether a statement names the session or user itself, which a boundary's silence does not stop."""
        return any(kind == "AWS" and value == self.request.principal for kind, value in statement.principals)


def _role_of(principal: str) -> str:
    """The ARN of the role behind a session's ARN, or the empty string. A session's ARN leaves out the role's path."""
    arn = split(principal)
    if arn is None:
        return ""
    kind, _, name = arn.resource.partition("/")
    if arn.service == "iam" and kind == "role":
        return principal
    if arn.service == "sts" and kind == "assumed-role":
        return f"arn:{arn.partition}:iam::{arn.account}:role/{name.partition('/')[0]}"
    return ""
