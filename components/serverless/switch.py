"""The function by which a Region switch plan moves clients: it writes the flags that every client and check reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import allow, document, service_trust
from components.base.layer import Component
from components.serverless.access import function_policy

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings import Settings

SWITCH = "orders-switch"


class SwitchRole(Component):
    """Its role: flags of the control table in its own region, and nothing else of the application."""

    layer = "serverless"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        settings: Settings,
        queue: str,
        key_alias: str,
        boundary_arn: str,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        role_name = place.global_name("switch")
        role = aws.iam.Role(
            f"{name}-role",
            name=role_name,
            description=f"Takes {place.region} into service and the others out of it",
            assume_role_policy=service_trust(place, "lambda.amazonaws.com"),
            permissions_boundary=boundary_arn,
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            f"{name}-base",
            name="function",
            role=role.name,
            policy=function_policy(place, [place.name(SWITCH)], queue, [key_alias]),
            opts=self.child(),
        )
        self.policy = aws.iam.RolePolicy(
            f"{name}-flags",
            name="flags",
            role=role.name,
            policy=document(
                allow(
                    "Flags",
                    ["dynamodb:GetItem", "dynamodb:PutItem"],
                    [place.table_arn(settings.control_table_name)],
                ),
                allow(
                    "FlagKey",
                    ["kms:Decrypt"],
                    [place.any_key_arn],
                    condition={
                        "StringEquals": {"kms:ViaService": f"dynamodb.{place.region}.amazonaws.com"},
                        "ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias},
                    },
                ),
            ),
            opts=self.child(),
        )
        self.arn = place.role_arn(role_name)
        self.done()
