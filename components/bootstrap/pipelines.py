"""Who may preview and who may deploy: roles that a pipeline's job takes by what GitHub says of it, without a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import Statement, allow, deny, document
from components.base.layer import Component

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from components.bootstrap.state import StateStore
    from settings.bootstrap import BootstrapSettings

ISSUER = "token.actions.githubusercontent.com"
"""GitHub's issuer of tokens for jobs (GitHub docs, "OpenID Connect in Amazon Web Services")."""
AUDIENCE = "sts.amazonaws.com"
_READ_ONLY = (
    "arn:aws:iam::aws:policy/SecurityAudit",
    "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
)
"""What reads the configuration of everything and the content of nothing."""
_DEPLOYS = "arn:aws:iam::aws:policy/PowerUserAccess"
"""Everything but IAM, Organizations and the account (AWS managed policies reference)."""
_CONTENT = (
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "secretsmanager:GetSecretValue",
)
"""What a preview never needs."""
_BOUNDED = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
)
"""What can be allowed on condition that the role has a certain boundary (Service Authorization Reference, IAM)."""
_ROLES = (
    "iam:DeleteRole",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
_POLICIES = (
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:ListPolicyVersions",
    "iam:TagPolicy",
    "iam:UntagPolicy",
)
_GUARD = "pipeline-guard"
_WRITING_VERBS = (
    "Add",
    "Attach",
    "Create",
    "Delete",
    "Detach",
    "Pass",
    "Put",
    "Remove",
    "Set",
    "Tag",
    "Untag",
    "Update",
)
_PROVIDER_VERBS = ("Create", "Delete", "Get", "Tag")
_PEOPLE = ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateUser", "organizations:*", "account:*")
_STATES = (
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObjectVersion",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
)
_PASSED_TO = (
    "backup.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "dax.amazonaws.com",
    "ec2.amazonaws.com",
    "eks.amazonaws.com",
    "firehose.amazonaws.com",
    "fis.amazonaws.com",
    "lambda.amazonaws.com",
    "pods.eks.amazonaws.com",
    "s3.amazonaws.com",
    "scheduler.amazonaws.com",
    "synthetics.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""The services that the stacks give roles to."""


class Pipelines(Component):
    """The OIDC provider, and for each environment a role that previews and a role that deploys."""

    layer = "bootstrap"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        settings: BootstrapSettings,
        store: StateStore,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._settings, self._store, self._place = settings, store, place
        provider_arn = place.global_arn("iam", f"oidc-provider/{ISSUER}")
        if not settings.oidc_provider_exists:
            provider = aws.iam.OpenIdConnectProvider(
                "github",
                url=f"https://{ISSUER}",
                client_id_lists=[AUDIENCE],
                opts=self.child(protect=place.protect),
            )
            depends: list[pulumi.Resource] | None = [provider]
        else:
            depends = None
        guard = aws.iam.Policy(
            _GUARD,
            name=place.name(_GUARD),
            description="What a deploy role can never do: change the account's bootstrap, or the way people sign in",
            policy=document(*self._guard(provider_arn)),
            opts=self.child(),
        )
        self.roles: dict[str, dict[str, str]] = {}
        for environment, prefix in settings.environments.items():
            self.roles[environment] = {
                "preview": self._preview(environment, provider_arn, depends),
                "deploy": self._deploy(environment, prefix, provider_arn, guard, depends),
            }
        self.done({"roles": self.roles})

    def _preview(self, environment: str, provider_arn: str, depends: list[pulumi.Resource] | None) -> str:
        name = self._place.name(environment, "preview")
        repository = self._settings.repository
        subjects = [f"repo:{repository}:pull_request", f"repo:{repository}:ref:refs/heads/{self._settings.main_branch}"]
        role = aws.iam.Role(
            f"{environment}-preview",
            name=name,
            description=f"Jobs of pull requests of {repository} preview stack {environment}; they change nothing",
            assume_role_policy=_trust(provider_arn, subjects),
            max_session_duration=3600,
            opts=self.child(depends_on=depends),
        )
        for policy in _READ_ONLY:
            short = policy.rsplit("/", 1)[1].lower()
            aws.iam.RolePolicyAttachment(
                f"{environment}-preview-{short}", role=role.name, policy_arn=policy, opts=self.child()
            )
        aws.iam.RolePolicy(
            f"{environment}-preview-state",
            name="state",
            role=role.name,
            policy=self._store_access(write=False),
            opts=self.child(),
        )
        return self._place.role_arn(name)

    def _deploy(
        self,
        environment: str,
        prefix: str,
        provider_arn: str,
        guard: aws.iam.Policy,
        depends: list[pulumi.Resource] | None,
    ) -> str:
        name = self._place.name(environment, "deploy")
        repository = self._settings.repository
        role = aws.iam.Role(
            f"{environment}-deploy",
            name=name,
            description=f"Jobs of {repository} deploy stack {environment} once its environment's reviewers agree",
            assume_role_policy=_trust(provider_arn, [f"repo:{repository}:environment:{environment}"]),
            permissions_boundary=guard.arn,
            max_session_duration=7200,
            opts=self.child(depends_on=depends),
        )
        aws.iam.RolePolicyAttachment(
            f"{environment}-deploy-power", role=role.name, policy_arn=_DEPLOYS, opts=self.child()
        )
        aws.iam.RolePolicy(
            f"{environment}-deploy-identities",
            name="identities",
            role=role.name,
            policy=document(*self._identities(prefix)),
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            f"{environment}-deploy-state",
            name="state",
            role=role.name,
            policy=self._store_access(write=True),
            opts=self.child(),
        )
        return self._place.role_arn(name)

    def _store_access(self, *, write: bool) -> str:
        """The states, and the two keys by their aliases: their ids are drawn when they are made."""
        store, place = self._store, self._place
        objects = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"] if write else ["s3:GetObject"]
        keys = ["kms:Decrypt", "kms:GenerateDataKey"] if write else ["kms:Decrypt"]
        secrets = ["kms:Decrypt", "kms:Encrypt"] if write else ["kms:Decrypt"]
        statements = [
            allow("ListStates", ["s3:ListBucket"], [store.bucket_arn]),
            allow("States", objects, [f"{store.bucket_arn}/.pulumi/*"]),
            allow("StateKey", keys, [place.any_key_arn], condition=_alias(store.state_alias)),
            allow("Secrets", secrets, [place.any_key_arn], condition=_alias(store.secrets_alias)),
        ]
        if not write:
            statements.append(deny("NoContent", _CONTENT, ["*"]))
        return document(*statements)

    def _identities(self, prefix: str) -> list[Statement]:
        """Roles and policies of one stack's prefix. A role is made or changed only under a boundary of that stack."""
        place = self._place
        roles, policies = place.role_arn(f"{prefix}-*"), place.global_arn("iam", f"policy/{prefix}-*")
        bounded = {"ArnLike": {"iam:PermissionsBoundary": place.global_arn("iam", f"policy/{prefix}-*boundary")}}
        linked = place.global_arn("iam", "role/aws-service-role/*")
        cluster = place.global_arn("iam", "oidc-provider/oidc.eks.*")
        passed = {"StringEquals": {"iam:PassedToService": list(_PASSED_TO)}}
        return [
            allow("Roles", _ROLES, [roles]),
            allow("BoundedRoles", _BOUNDED, [roles], condition=bounded),
            allow("Policies", _POLICIES, [policies]),
            allow("Pass", ["iam:PassRole"], [roles], condition=passed),
            allow("ServiceRoles", ["iam:CreateServiceLinkedRole", "iam:GetRole"], [linked]),
            allow("ClusterIdentities", [f"iam:{action}OpenIDConnectProvider" for action in _PROVIDER_VERBS], [cluster]),
        ]

    def _guard(self, provider_arn: str) -> list[Statement]:
        """Everything but the bootstrap itself, people's identities, and the account."""
        place, store = self._place, self._store
        roles = [place.name(one, kind) for one in self._settings.environments for kind in ("preview", "deploy")]
        own = [
            *map(place.role_arn, roles),
            place.global_arn("iam", f"policy/{place.name(_GUARD)}"),
            provider_arn,
        ]
        return [
            allow("WhatThePoliciesAllow", ["*"], ["*"]),
            deny("NotTheBootstrap", [f"iam:{verb}*" for verb in _WRITING_VERBS], own),
            deny("NotPeople", _PEOPLE, ["*"]),
            deny("NotTheStates", _STATES, [store.bucket_arn, f"{store.bucket_arn}/*"]),
        ]


def _trust(provider_arn: str, subjects: list[str]) -> str:
    """Only jobs whose token says exactly this: of this repository, for this purpose."""
    return document(
        allow(
            "JobsOfThisRepository",
            ["sts:AssumeRoleWithWebIdentity"],
            principal={"Federated": provider_arn},
            condition={"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subjects}},
        )
    )


def _alias(name: str) -> dict[str, dict[str, str]]:
    return {"ForAnyValue:StringEquals": {"kms:ResourceAliases": name}}
