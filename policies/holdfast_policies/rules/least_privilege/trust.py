"""Who may assume a role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsfacts.iam.conditions import identifies
from awsfacts.iam.deputies import NAMES_ITS_SOURCE
from awsfacts.iam.glob import has_wildcard
from holdfast_policies import kinds
from holdfast_policies.rule import Severity
from holdfast_policies.rules.least_privilege.subject import TRUST, allowing, least_privilege, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awsfacts.iam.document import Statement
    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Settings


@least_privilege.rule(
    "iam-trust-no-wildcard",
    *TRUST,
    severity=Severity.CRITICAL,
    title="No role trusts everybody",
    why="With Principal '*' any account in the world assumes the role.",
    fix="name the accounts, roles or services that may assume the role",
)
def trust_no_wildcard(role: Resource, _settings: Settings) -> Iterator[str]:
    """`*` without a condition that says who."""
    for where, statement in allowing(role, "trust"):
        known = any(identifies(condition) for condition in statement.conditions)
        if (statement.any_principal and not known) or statement.not_principals:
            yield f"may be assumed by anybody ({where})"
        elif any(kind == "Federated" and value == "*" for kind, value in statement.principals):
            yield f"may be assumed through any identity provider ({where})"


_SOURCE_KEYS: Final = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})


@least_privilege.rule(
    "iam-trust-confused-deputy",
    *TRUST,
    title="A service assumes a role for this account only",
    why="A service works for every account: unless the source is named, another account's call may use your role.",
    fix="add Condition {'StringEquals': {'aws:SourceAccount': '<account id>'}} to the trust policy",
    settings={
        "services": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "More service principals, beside those whose guides ask for it (awsfacts.iam.deputies).",
        }
    },
)
def confused_deputy(role: Resource, settings: Settings) -> Iterator[str]:
    """Services that say for whom they act."""
    deputies = NAMES_ITS_SOURCE.keys() | set(settings["services"])
    for where, statement in allowing(role, "trust"):
        services = {value for kind, value in statement.principals if kind == "Service" and value in deputies}
        named = any(
            condition.key.lower() in _SOURCE_KEYS and identifies(condition) for condition in statement.conditions
        )
        if services and not named:
            yield f"may be used by {listed(services)} for any account ({where})"


@least_privilege.rule(
    "iam-oidc-subject-pinned",
    *TRUST,
    severity=Severity.HIGH,
    title="A role that trusts an OIDC provider names the subject",
    why="Without the subject every repository, or every pod, of the provider assumes the role.",
    fix="add Condition {'StringEquals': {'<issuer>:sub': '<the one subject>'}}",
)
def oidc_subject_pinned(role: Resource, _settings: Settings) -> Iterator[str]:
    """A condition on the issuer's `sub` whose values name one repository or one service account."""
    for where, statement in allowing(role, "trust"):
        if not _is_oidc(statement):
            continue
        subjects = [
            value
            for condition in statement.conditions
            if condition.key.lower().endswith(":sub")
            and condition.base in ("stringequals", "stringlike", "stringequalsignorecase")
            and not condition.if_exists
            for value in condition.values
        ]
        loose = [subject for subject in subjects if _is_loose(subject)]
        if not subjects:
            yield f"may be assumed by every subject of its identity provider ({where})"
        elif loose:
            yield f"may be assumed by the subjects {listed(loose)} ({where})"


def _is_oidc(statement: Statement) -> bool:
    federated = [value for kind, value in statement.principals if kind == "Federated"]
    return any("oidc-provider/" in value for value in federated) and statement.covers("sts:AssumeRoleWithWebIdentity")


def _is_loose(subject: str) -> bool:
    if subject.startswith("repo:"):
        repository = subject.split(":")[1]
        return has_wildcard(repository) or "/" not in repository
    return has_wildcard(subject)


@least_privilege.stack_rule(
    "iam-pod-role-per-workload",
    kinds.POD_IDENTITY,
    title="Each workload of a cluster has a role of its own",
    why="Two workloads with one role can do what either needs, and the log does not tell them apart.",
    fix="give each service account a role of its own",
)
def role_per_workload(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Pod identity associations of different service accounts that name the same role."""
    holders: dict[str, tuple[str, str]] = {}
    for association in stack.of(kinds.POD_IDENTITY):
        account = (association.text("namespace"), association.text("serviceAccount"))
        role = stack.target(association, "roleArn", kinds.ROLE)
        key = role.urn if role else association.text("roleArn")
        if holders.setdefault(key, account) != account:
            yield association, f"shares its role with service account {'/'.join(holders[key])}"
