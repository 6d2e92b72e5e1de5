"""An HTTP API in one region: cheaper and plainer; no firewall, no checked requests, private where that is wanted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from components.edge import definition
from components.edge.private import PrivateEntry
from settings.edge import JwtAuthorization

if TYPE_CHECKING:
    from components.edge.api import ApiProps
    from components.network.outputs import NetworkOutputs

ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",
    "status": "$context.status",
    "ip": "$context.identity.sourceIp",
    "latency_ms": "$context.responseLatency",
    "integration_ms": "$context.integrationLatency",
    "integration_status": "$context.integrationStatus",
    "error": "$context.error.message",
}


class HttpApi(Component):
    """The API, its stage and its domain."""

    layer = "edge"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        api: ApiProps,
        network: NetworkOutputs,
        alarm_arn: str,
    ) -> None:
        super().__init__(name, opts)
        edge, place = api.edge, api.place
        region = place.region
        self.api_name = place.name("orders")

        def body(integration: dict[str, Any]) -> str:
            return definition.text(
                definition.http(
                    api.openapi,
                    integration=integration,
                    authorizing=api.authorizing,
                    public=edge.public_paths,
                    timeout_seconds=api.timeout_seconds,
                )
            )

        described: pulumi.Input[str] = body(definition.function_integration(api.serverless.orders.invoke_arn))
        if edge.private_integration:
            entry = PrivateEntry(
                f"{region}-private",
                self.child(),
                function=api.serverless.orders,
                certificate_arn=api.certificate_arn,
                network=network,
                alarm_arn=alarm_arn,
                place=place,
            )
            claim = edge.authorization.tenant_claim if isinstance(edge.authorization, JwtAuthorization) else None
            described = pulumi.Output.all(entry.listener_arn, entry.link_id).apply(
                lambda known: body(definition.private_integration(known[0], known[1], claim))
            )
        self.api = aws.apigatewayv2.Api(
            f"{region}-api",
            name=self.api_name,
            description=f"{place.stack}: the orders service in {region}",
            protocol_type="HTTP",
            body=described,
            disable_execute_api_endpoint=True,
            opts=self.child(depends_on=[api.serverless.orders.ready]),
        )
        aws.lambda_.Permission(
            f"{region}-api-calls-orders",
            action="lambda:InvokeFunction",
            function=api.serverless.orders.name,
            qualifier=api.serverless.orders.alias_arn.rpartition(":")[2],
            principal="apigateway.amazonaws.com",
            source_account=place.account_id,
            source_arn=self.api.execution_arn.apply(lambda arn: f"{arn}/*/*"),
            opts=self.child(depends_on=[api.serverless.orders.ready]),
        )
        logs = aws.cloudwatch.LogGroup(
            f"{region}-api-logs",
            name=f"/aws/apigateway/{self.api_name}",
            retention_in_days=edge.access_log_days,
            kms_key_id=api.logs_key_arn,
            opts=self.child(),
        )
        stage = edge.throttle.stage
        self.stage = aws.apigatewayv2.Stage(
            f"{region}-api-stage",
            api_id=self.api.id,
            name=edge.stage,
            auto_deploy=True,
            access_log_settings={"destination_arn": logs.arn, "format": json.dumps(ACCESS_LOG, separators=(",", ":"))},
            default_route_settings={
                "throttling_rate_limit": stage.per_second,
                "throttling_burst_limit": stage.burst,
                "detailed_metrics_enabled": True,
            },
            route_settings=[
                {
                    "route_key": route,
                    "throttling_rate_limit": limit.per_second,
                    "throttling_burst_limit": limit.burst,
                    "detailed_metrics_enabled": True,
                }
                for route, limit in edge.throttle.routes.items()
            ],
            opts=self.child(),
        )
        self.domain = aws.apigatewayv2.DomainName(
            f"{region}-api-domain",
            domain_name=api.domain,
            domain_name_configuration={
                "certificate_arn": api.certificate_arn,
                "endpoint_type": "REGIONAL",
                "security_policy": "TLS_1_2",
            },
            opts=self.child(),
        )
        aws.apigatewayv2.ApiMapping(
            f"{region}-api-mapping",
            api_id=self.api.id,
            stage=self.stage.id,
            domain_name=self.domain.id,
            opts=self.child(),
        )
        self.done()
