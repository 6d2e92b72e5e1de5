"""Random secrets: one per entry of the settings, replicated to every region, rotated by a function."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.documents import allow
from components.base.layer import Component
from components.base.roles import service_role
from components.security.keys import key_alias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from components.security.outputs import KeyOutputs
    from settings.security import SecretSettings, SecuritySettings

_CODE = Path(__file__).parent / "rotation" / "handler.py"


_IN_VPC = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
"""What a function in a VPC needs to make its network interfaces (Lambda developer guide, "VPC permissions")."""


class Secrets(Component):
    """Secrets and the function that rotates them. No value ever passes through the program or its state.

    With a VPC the function stands in it, and reaches Secrets Manager through the endpoint; a rotation that fails
    tells a topic, because nobody waits for its answer.
    """

    layer = "security"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        secrets: Mapping[str, SecretSettings],
        settings: SecuritySettings,
        keys: Mapping[str, KeyOutputs],
        network: NetworkOutputs | None,
        failures_topic: str | None,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        self._keys = keys
        self._failures_topic = failures_topic
        self._vpc = self._access(network) if network else None
        rights = self._role(list(secrets), settings)
        for label, secret in secrets.items():
            self._secret(label, secret, self._function(label, secret, rights))
        self.done()

    def _access(self, network: NetworkOutputs) -> aws.lambda_.FunctionVpcConfigArgs:
        """Where the function stands: in the application subnets, and nothing reaches it."""
        group = aws.ec2.SecurityGroup(
            "rotation-access",
            name=self._place.name("rotation"),
            description="HTTPS from the rotation functions to AWS",
            vpc_id=network.vpc_id,
            tags={"Name": self._place.name("rotation")},
            opts=self.child(),
        )
        aws.vpc.SecurityGroupEgressRule(
            "rotation-https",
            security_group_id=group.id,
            description="AWS services",
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=self.child(),
        )
        return aws.lambda_.FunctionVpcConfigArgs(
            subnet_ids=list(network.application_subnet_ids), security_group_ids=[group.id]
        )

    def _function(self, label: str, wanted: SecretSettings, rights: list[pulumi.Resource]) -> aws.lambda_.Function:
        place = self._place
        function_name = place.name("rotate", label)
        group = aws.cloudwatch.LogGroup(
            f"rotate-{label}-logs",
            name=f"/aws/lambda/{function_name}",
            retention_in_days=90,
            kms_key_id=self._keys[place.region].logs,
            opts=self.child(),
        )
        function = aws.lambda_.Function(
            f"rotate-{label}",
            name=function_name,
            description=f"Rotates the secret {label}",
            runtime="python3.13",
            handler="handler.handle",
            architectures=["arm64"],
            timeout=30,
            code=pulumi.AssetArchive({"handler.py": pulumi.FileAsset(str(_CODE))}),
            role=place.role_arn(place.global_name("rotation")),
            kms_key_arn=self._keys[place.region].data,
            vpc_config=self._vpc,
            environment={"variables": {"SECRET_LENGTH": str(wanted.length)}},
            tracing_config={"mode": "Active"},
            opts=self.child(depends_on=[*rights, group]),
        )
        if self._failures_topic is not None:
            aws.lambda_.FunctionEventInvokeConfig(
                f"rotate-{label}-failures",
                function_name=function.name,
                destination_config={"on_failure": {"destination": self._failures_topic}},
                opts=self.child(),
            )
        return function

    def _secret(self, label: str, wanted: SecretSettings, function: aws.lambda_.Function) -> None:
        place = self._place
        secret = aws.secretsmanager.Secret(
            f"secret-{label}",
            name=f"{place.prefix}/{label}",
            description=wanted.description,
            kms_key_id=self._keys[place.region].data,
            replicas=[
                aws.secretsmanager.SecretReplicaArgs(region=region, kms_key_id=keys.data)
                for region, keys in self._keys.items()
                if region != place.region
            ],
            recovery_window_in_days=30,
            opts=self.child(protect=place.protect),
        )
        allowed = aws.lambda_.Permission(
            f"rotate-{label}-permission",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="secretsmanager.amazonaws.com",
            source_account=place.account_id,
            source_arn=secret.arn,
            opts=self.child(),
        )
        aws.secretsmanager.SecretRotation(
            f"rotation-{label}",
            secret_id=secret.id,
            rotation_lambda_arn=function.arn,
            # The first rotation writes the first value.
            rotate_immediately=True,
            rotation_rules={"automatically_after_days": wanted.rotation_days},
            opts=self.child(depends_on=[allowed]),
        )

    def _role(self, labels: list[str], settings: SecuritySettings) -> list[pulumi.Resource]:
        """The role of the functions; its rights, which must stand before the first rotation."""
        place = self._place
        aliases = [key_alias("data", settings.keys, place)]
        tells = []
        if self._failures_topic is not None:
            aliases.append(key_alias("logs", settings.keys, place))
            tells.append(allow("TellFailures", ["sns:Publish"], [self._failures_topic]))
        secrets = [place.arn("secretsmanager", f"secret:{place.prefix}/{label}-??????") for label in labels]
        groups = [place.log_group_arn(f"/aws/lambda/{place.name('rotate', label)}") for label in labels]
        policy = service_role(
            self,
            "rotation",
            allow(
                "Rotate",
                [
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecretVersionStage",
                ],
                secrets,
            ),
            # These three take no resource (service authorization reference).
            allow(
                "Random",
                ["secretsmanager:GetRandomPassword", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
                ["*"],
            ),
            *tells,
            allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], groups),
            allow(
                "Key",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                [place.any_key_arn],
                condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}},
            ),
            role_name=place.global_name("rotation"),
            description="Rotates the secrets of the stack",
            service="lambda.amazonaws.com",
            duty="rotate",
            place=place,
        )
        if self._vpc is None:
            return [policy]
        in_vpc = aws.iam.RolePolicyAttachment(
            "rotation-in-vpc", role=policy.role, policy_arn=_IN_VPC, opts=self.child()
        )
        return [policy, in_vpc]
