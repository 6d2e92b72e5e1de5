"""Random secrets: one per entry of the settings, replicated to every region, rotated by a function."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.documents import allow, document, service_trust
from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.base.place import Place
    from components.security.outputs import KeyOutputs
    from settings.security import SecretSettings

_CODE = Path(__file__).parent / "rotation" / "handler.py"


class Secrets(Component):
    """Secrets and the function that rotates them. No value ever passes through the program or its state."""

    layer = "security"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        secrets: Mapping[str, SecretSettings],
        keys: Mapping[str, KeyOutputs],
        alias: str,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        self._keys = keys
        policy = self._role(list(secrets), alias)
        for label, secret in secrets.items():
            self._secret(label, secret, policy)
        self.done()

    def _secret(self, label: str, wanted: SecretSettings, policy: aws.iam.RolePolicy) -> None:
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
            environment={"variables": {"SECRET_LENGTH": str(wanted.length)}},
            tracing_config={"mode": "Active"},
            opts=self.child(depends_on=[policy, group]),
        )
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

    def _role(self, labels: list[str], alias: str) -> aws.iam.RolePolicy:
        place = self._place
        role = aws.iam.Role(
            "rotation-role",
            name=place.global_name("rotation"),
            description="Rotates the secrets of the stack",
            assume_role_policy=service_trust(place, "lambda.amazonaws.com"),
            opts=self.child(),
        )
        secrets = [place.arn("secretsmanager", f"secret:{place.prefix}/{label}-??????") for label in labels]
        groups = [place.log_group_arn(f"/aws/lambda/{place.name('rotate', label)}") for label in labels]
        return aws.iam.RolePolicy(
            "rotation-policy",
            name="rotate",
            role=role.name,
            policy=document(
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
                allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], groups),
                allow(
                    "Key",
                    ["kms:Decrypt", "kms:GenerateDataKey"],
                    [place.any_key_arn],
                    condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}},
                ),
            ),
            opts=self.child(),
        )
