"""The serverless layer of one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from components.serverless.access import function_policy
from components.serverless.function import Function, function_name
from components.serverless.outputs import ServerlessOutputs
from components.serverless.release import Release
from components.serverless.scaling import ProvisionedConcurrency
from components.serverless.switch import SWITCH, SwitchRole
from settings.edge import JwtAuthorization
from settings.serverless import CanaryRelease

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from components.security.outputs import SecurityOutputs
    from settings import Settings
    from settings.serverless import ServerlessSettings

ORDERS = "orders"
AUTHORIZER = "orders-authorizer"
_SMALL_MEMORY_MB = 512
_DAY = 86_400


class ServerlessLayer(Component):
    """The orders service, and what checks tokens for it where the API cannot."""

    layer = "serverless"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        serverless: ServerlessSettings,
        settings: Settings,
        network: NetworkOutputs,
        security: SecurityOutputs,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._serverless, self._settings, self._place = serverless, settings, place
        self._network, self._security = network, security
        queue_name = place.name("orders-failed-events")
        self._queue_arn = place.arn("sqs", queue_name)
        queue = aws.sqs.Queue(
            f"{place.region}-failed-events",
            name=queue_name,
            kms_master_key_id=security.keys.data,
            message_retention_seconds=serverless.failed_event_days * _DAY,
            opts=self.child(),
        )
        labels = [ORDERS, *([AUTHORIZER] if self._needs_authorizer() else [])]
        policy = aws.iam.RolePolicy(
            f"{place.region}-function-policy",
            name="function",
            role=security.app_role_name,
            policy=function_policy(
                place,
                [function_name(place, label) for label in labels],
                queue_name,
                [security.aliases["data"]],
            ),
            opts=self.child(),
        )
        self._group = self._make_group()
        self._layers = self._make_layers()
        after = [policy, queue]
        orders = self._function(
            ORDERS,
            serverless.handler,
            serverless.memory_mb,
            serverless.reserved_concurrency,
            environment=self._environment(),
            after=after,
        )
        authorizer = None
        if AUTHORIZER in labels:
            authorizer = self._function(
                AUTHORIZER,
                "services.orders.authorizer.handle",
                _SMALL_MEMORY_MB,
                serverless.reserved_concurrency,
                environment=self._authorizer_environment(),
                after=after,
            )
        switch = self._switch(queue_name, queue)
        if serverless.provisioned is not None:
            # What checks tokens stands before every request: its cold start would be the customer's, too.
            for label, function in (("provisioned", orders), ("provisioned-authorizer", authorizer)):
                if function is not None:
                    ProvisionedConcurrency(
                        f"{place.region}-{label}",
                        self.child(),
                        function=function.outputs.name,
                        alias=function.alias,
                        wanted=serverless.provisioned,
                    )
        self._orders = orders
        self.outputs = ServerlessOutputs(
            orders=orders.outputs,
            authorizer=authorizer.outputs if authorizer else None,
            switch=switch.outputs if switch else None,
            queue_name=queue_name,
        )
        self.done()

    def release(self, alarms: Sequence[str], after: Sequence[pulumi.Resource]) -> None:
        """Bind releases to the alarms of the region, once these exist."""
        if isinstance(self._serverless.release, CanaryRelease):
            Release(
                f"{self._place.region}-release",
                self.child(),
                function=self.outputs.orders.name,
                release=self._serverless.release,
                alarms=alarms,
                place=self._place,
                after=after,
            )

    def _needs_authorizer(self) -> bool:
        """A REST API knows user pools of its own region alone; tokens of any issuer are checked by a function."""
        edge = self._settings.edge
        return edge is not None and edge.kind == "rest" and isinstance(edge.authorization, JwtAuthorization)

    def _switch(self, queue_name: str, queue: pulumi.Resource) -> Function | None:
        """What the Region switch plan runs in the region that takes over; none without a plan."""
        settings, place = self._settings, self._place
        if settings.recovery is None or settings.recovery.region_switch is None:
            return None
        role = SwitchRole(
            f"{place.region}-switch-access",
            self.child(),
            settings=settings,
            queue=queue_name,
            key_alias=self._security.aliases["data"],
            boundary_arn=place.global_arn("iam", f"policy/{place.name('boundary')}"),
            place=place,
        )
        others = [region for region in settings.region_names if region != place.region]
        return self._function(
            SWITCH,
            "services.orders.switch.handle",
            _SMALL_MEMORY_MB,
            1,
            environment={"CONTROL_TABLE": settings.control_table_name, "OTHER_REGIONS": ",".join(others)},
            after=[role.policy, queue],
            role_arn=role.arn,
        )

    def _function(
        self,
        label: str,
        handler: str,
        memory_mb: int,
        concurrency: int,
        *,
        environment: Mapping[str, str],
        after: Sequence[pulumi.Resource],
        role_arn: str | None = None,
    ) -> Function:
        return Function(
            f"{self._place.region}-{label}",
            self.child(),
            label=label,
            handler=handler,
            memory_mb=memory_mb,
            concurrency=concurrency,
            environment=environment,
            layers=self._layers,
            serverless=self._serverless,
            role_arn=role_arn or self._security.app_role_arn,
            queue_arn=self._queue_arn,
            group_id=self._group.id,
            network=self._network,
            security=self._security,
            place=self._place,
            after=after,
        )

    def _environment(self) -> dict[str, str]:
        monitoring = self._settings.monitoring
        percent = monitoring.trace_percent if monitoring else 0
        edge = self._settings.edge
        tokens = edge is not None and isinstance(edge.authorization, JwtAuthorization)
        return {
            "HOLDFAST_TOPOLOGY_PARAMETER": self._place.topology_parameter,
            "HOLDFAST_REQUIRE_TENANT": "true" if tokens else "false",
            "OTEL_SERVICE_NAME": "orders",
            "OTEL_PROPAGATORS": "tracecontext,xray",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": f"{percent / 100:g}",
            # Without a collector beside the function nobody would take the spans.
            "OTEL_TRACES_EXPORTER": "otlp" if self._serverless.collector_layer else "none",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318",
        }

    def _authorizer_environment(self) -> dict[str, str]:
        edge = self._settings.edge
        if edge is None or not isinstance(edge.authorization, JwtAuthorization):
            raise ValueError("an authorizer needs the issuer of its tokens")
        wanted = edge.authorization
        return {
            "TOKEN_ISSUER": wanted.issuer,
            "TOKEN_AUDIENCE": ",".join(wanted.audience),
            "TOKEN_TENANT_CLAIM": wanted.tenant_claim,
            **({"TOKEN_KEYS": wanted.keys} if wanted.keys else {}),
        }

    def _make_group(self) -> aws.ec2.SecurityGroup:
        """HTTPS out, nothing in: functions are called by Lambda itself, not through the network."""
        region = self._place.region
        group = aws.ec2.SecurityGroup(
            f"{region}-function-access",
            name=self._place.name("orders-function"),
            description="Functions of the orders service: HTTPS out, nothing in",
            vpc_id=self._network.vpc_id,
            tags={"Name": self._place.name(region, "orders-function")},
            opts=self.child(),
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{region}-function-https",
            security_group_id=group.id,
            description="HTTPS to endpoints of AWS and to the issuer of tokens",
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=self.child(),
        )
        return group

    def _make_layers(self) -> list[pulumi.Input[str]]:
        place = self._place
        made = aws.lambda_.LayerVersion(
            f"{place.region}-dependencies",
            layer_name=place.name("orders-dependencies"),
            description="Pinned dependencies of the orders service",
            code=pulumi.FileArchive(self._serverless.layer),
            compatible_architectures=["arm64"],
            compatible_runtimes=[self._serverless.runtime],
            opts=self.child(),
        )
        collector = self._serverless.collector_layer
        return [made.arn, *([collector.replace("{region}", place.region)] if collector else [])]
