"""One function with its log group, its published version and the alias that requests go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from components.serverless.outputs import ALIAS, FunctionOutputs
from settings.serverless import WeightedRelease

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from components.security.outputs import SecurityOutputs
    from settings.serverless import ServerlessSettings


def function_name(place: Place, label: str) -> str:
    """Name of a function, the same in every region."""
    return place.name(label)


class Function(Component):
    """arm64, in the VPC, its environment encrypted by the data key, failed events kept."""

    layer = "serverless"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        label: str,
        handler: str,
        memory_mb: int,
        concurrency: int,
        environment: Mapping[str, str],
        layers: Sequence[pulumi.Input[str]],
        serverless: ServerlessSettings,
        role_arn: str,
        queue_arn: str,
        group_id: pulumi.Output[str],
        network: NetworkOutputs,
        security: SecurityOutputs,
        place: Place,
        after: Sequence[pulumi.Resource],
    ) -> None:
        super().__init__(name, opts)
        self._serverless = serverless
        self._place = place
        physical = function_name(place, label)
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/lambda/{physical}",
            retention_in_days=serverless.log_retention_days,
            kms_key_id=security.keys.logs,
            opts=self.child(),
        )
        self.function = aws.lambda_.Function(
            f"{name}-function",
            name=physical,
            description=f"{place.stack}: {label}",
            runtime=serverless.runtime,
            handler=handler,
            architectures=["arm64"],
            memory_size=memory_mb,
            timeout=serverless.timeout_seconds,
            code=pulumi.FileArchive(serverless.package),
            layers=list(layers),
            role=role_arn,
            kms_key_arn=security.keys.data,
            environment={"variables": dict(environment)},
            vpc_config={"subnet_ids": list(network.application_subnet_ids), "security_group_ids": [group_id]},
            dead_letter_config={"target_arn": queue_arn},
            tracing_config={"mode": "Active"},
            logging_config={"log_format": "JSON", "log_group": f"/aws/lambda/{physical}"},
            reserved_concurrent_executions=concurrency,
            publish=True,
            opts=self.child(depends_on=[logs, *after]),
        )
        self.alias = self._alias(name)
        self._failures(name, queue_arn)
        alias_arn = place.arn("lambda", f"function:{physical}:{ALIAS}")
        self.outputs = FunctionOutputs(
            name=physical,
            alias_arn=alias_arn,
            invoke_arn=f"arn:aws:apigateway:{place.region}:lambda:path/2015-03-31/functions/{alias_arn}/invocations",
            ready=self.alias,
        )
        self.done()

    def _alias(self, name: str) -> aws.lambda_.Alias:
        """The alias. CodeDeploy moves it, so that its version is not Pulumi's any more once it exists."""
        release = self._serverless.release
        weighted: Any = None
        moved = ["functionVersion", "routingConfig"]
        if isinstance(release, WeightedRelease):
            weighted = {"additional_version_weights": {release.version: release.percent / 100}}
            moved = []
        return aws.lambda_.Alias(
            f"{name}-alias",
            name=ALIAS,
            description="What requests go to; a release moves it",
            function_name=self.function.name,
            function_version=self.function.version,
            routing_config=weighted,
            opts=self.child(ignore_changes=moved),
        )

    def _failures(self, name: str, queue_arn: str) -> None:
        """Events that were sent without waiting for an answer: tried twice again within an hour, then kept."""
        aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-failures",
            function_name=self.function.name,
            qualifier=self.alias.name,
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=3600,
            destination_config={"on_failure": {"destination": queue_arn}},
            opts=self.child(),
        )
