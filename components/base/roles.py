"""A role that an AWS service assumes, with its one policy: the same two resources wherever a service acts for us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import Statement, document, service_trust

if TYPE_CHECKING:
    from components.base.layer import Component
    from components.base.place import Place


def service_role(
    owner: Component,
    name: str,
    *statements: Statement,
    role_name: str,
    description: str,
    service: str,
    duty: str,
    place: Place,
    source_arn: str | None = None,
) -> aws.iam.RolePolicy:
    """Register `<name>-role` and `<name>-policy`.

    Args:
        owner: the component that they belong to.
        name: what both are registered under.
        statements: what the service may do.
        role_name: physical name of the role; its ARN is `place.role_arn(role_name)`.
        description: what the role is for.
        service: the principal, for example `firehose.amazonaws.com`.
        duty: name of the inline policy.
        place: account and region.
        source_arn: the one resource for which the service may assume it, where the service says so.

    Returns:
        The policy: whatever uses the role waits for it.
    """
    role = aws.iam.Role(
        f"{name}-role",
        name=role_name,
        description=description,
        assume_role_policy=service_trust(place, service, source_arn=source_arn),
        opts=owner.child(),
    )
    return aws.iam.RolePolicy(
        f"{name}-policy", name=duty, role=role.name, policy=document(*statements), opts=owner.child()
    )
