"""What the components share: reading inputs, policy ARNs, service roles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

Inputs = Mapping[str, Any]


class Component(pulumi.ComponentResource):
    """A component whose outputs are exactly what `Construct` answers."""

    def __init__(self, token: str, name: str, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(token, name, None, opts)
        self.state: dict[str, Any] = {}

    def done(self, state: dict[str, Any]) -> None:
        """Register the outputs."""
        self.state = {key: value for key, value in state.items() if value is not None}
        self.register_outputs(self.state)


def field(record: Any, name: str) -> Any:
    """A field of a core record, which arrives as an object of the SDK or as plain properties."""
    if isinstance(record, Mapping) and name in record:
        return record[name]
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return getattr(record, snake, None)


def policy_arn(partition: pulumi.Input[str], policy: str) -> pulumi.Output[str]:
    """The ARN of one of AWS's managed policies."""
    return pulumi.Output.concat("arn:", partition, ":iam::aws:policy/", policy)


def short_hash(text: str) -> str:
    """The hash that the real components put into the names of policy attachments."""
    return hashlib.sha1(text.encode()).hexdigest()[:8]  # noqa: S324  a name, no secret


class ServiceRole(Component):
    """A role that a service assumes, with managed policies attached.

    `role` is the role itself, `ready` the same once every policy is attached.
    """

    def __init__(
        self,
        name: str,
        *,
        service: str,
        policies: Sequence[str],
        partition: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
        description: str | None = None,
        tags: Any = None,
        actions: Sequence[str] = ("sts:AssumeRole",),
    ) -> None:
        super().__init__("eks:index:ServiceRole", name, opts)
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Action": list(actions), "Effect": "Allow", "Principal": {"Service": [service]}}],
        }
        self.role = aws.iam.Role(
            f"{name}-role",
            description=description,
            assume_role_policy=json.dumps(trust),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        attachments = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{short_hash(f'arn:aws:iam::aws:policy/{policy}')}",
                policy_arn=policy_arn(partition, policy),
                role=self.role.name,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for policy in policies
        ]
        role = self.role
        self.ready = pulumi.Output.all(role.arn, *(attachment.id for attachment in attachments)).apply(lambda _: role)
        self.done({"directRole": self.role, "resolvedRole": self.ready})
