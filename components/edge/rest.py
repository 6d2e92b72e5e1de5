"""A REST API in one region: checked requests, throttled routes, a custom domain with TLS 1.2."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.documents import service_trust
from components.base.layer import Component
from components.edge import definition

if TYPE_CHECKING:
    from components.base.place import Place
    from components.edge.api import ApiProps
    from components.serverless.outputs import ServerlessOutputs
    from settings.edge import EdgeSettings

ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "ip": "$context.identity.sourceIp",
    "tenant": "$context.authorizer.tenant",
    "latency_ms": "$context.responseLatency",
    "integration_ms": "$context.integrationLatency",
    "integration_status": "$context.integrationStatus",
    "waf": "$context.waf.status",
    "error": "$context.error.message",
    "trace": "$context.xrayTraceId",
}
"""One line a request, without the token and without the body."""
_PUSH_LOGS = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"


class RestApi(Component):
    """The API, its stage and its domain."""

    layer = "edge"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        api: ApiProps,
    ) -> None:
        super().__init__(name, opts)
        edge, place = api.edge, api.place
        region = place.region
        self.api_name = place.name("orders")
        body = definition.text(
            definition.rest(
                api.openapi,
                invoke_arn=api.serverless.orders.invoke_arn,
                authorizing=api.authorizing,
                public=edge.public_paths,
                timeout_seconds=api.timeout_seconds,
            )
        )
        self.api = aws.apigateway.RestApi(
            f"{region}-api",
            name=self.api_name,
            description=f"{place.stack}: the orders service in {region}",
            body=body,
            endpoint_configuration={"types": "REGIONAL"},
            # One way in: the custom domain, which the names and the firewall stand in front of.
            disable_execute_api_endpoint=True,
            minimum_compression_size="1024",
            fail_on_warnings=False,
            opts=self.child(depends_on=[api.serverless.orders.ready]),
        )
        self._permit(api.serverless, place)
        deployment = aws.apigateway.Deployment(
            f"{region}-api-deployment",
            rest_api=self.api.id,
            triggers={"body": definition.digest(body)},
            opts=self.child(),
        )
        logs = aws.cloudwatch.LogGroup(
            f"{region}-api-logs",
            name=f"/aws/apigateway/{self.api_name}",
            retention_in_days=edge.access_log_days,
            kms_key_id=api.logs_key_arn,
            opts=self.child(),
        )
        account: list[pulumi.Resource] = [self._account(region, place)] if edge.own_account_settings else []
        self.stage = aws.apigateway.Stage(
            f"{region}-api-stage",
            rest_api=self.api.id,
            deployment=deployment.id,
            stage_name=edge.stage,
            xray_tracing_enabled=True,
            access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
                destination_arn=logs.arn, format=json.dumps(ACCESS_LOG, separators=(",", ":"))
            ),
            opts=self.child(depends_on=account),
        )
        self._throttle(region, edge)
        self.domain = aws.apigateway.DomainName(
            f"{region}-api-domain",
            domain_name=api.domain,
            regional_certificate_arn=api.certificate_arn,
            security_policy="TLS_1_2",
            endpoint_configuration={"types": "REGIONAL"},
            opts=self.child(),
        )
        aws.apigateway.BasePathMapping(
            f"{region}-api-mapping",
            rest_api=self.api.id,
            stage_name=self.stage.stage_name,
            domain_name=self.domain.domain_name,
            opts=self.child(),
        )
        self.done()

    def _permit(self, serverless: ServerlessOutputs, place: Place) -> None:
        """This API alone may call the functions; the authorizer's ARN has a path of its own."""
        callers = {"orders": (serverless.orders, "/*/*/*")}
        if serverless.authorizer is not None:
            callers["authorizer"] = (serverless.authorizer, "/authorizers/*")
        for label, (function, path) in callers.items():
            aws.lambda_.Permission(
                f"{place.region}-api-calls-{label}",
                action="lambda:InvokeFunction",
                function=function.name,
                qualifier=function.alias_arn.rpartition(":")[2],
                principal="apigateway.amazonaws.com",
                source_account=place.account_id,
                source_arn=_below(self.api.execution_arn, path),
                opts=self.child(depends_on=[function.ready]),
            )

    def _throttle(self, region: str, edge: EdgeSettings) -> None:
        limits = {"*/*": edge.throttle.stage}
        for route, limit in edge.throttle.routes.items():
            method, path = route.split(" ", 1)
            # A slash within a path is written ~1 (API Gateway REST API reference, MethodSettings).
            limits[f"{path.removeprefix('/').replace('/', '~1')}/{method}"] = limit
        for number, (path, limit) in enumerate(limits.items()):
            aws.apigateway.MethodSettings(
                f"{region}-api-limit-{number}",
                rest_api=self.api.id,
                stage_name=self.stage.stage_name,
                method_path=path,
                settings={
                    "metrics_enabled": True,
                    "logging_level": "ERROR",
                    "data_trace_enabled": False,
                    "throttling_rate_limit": limit.per_second,
                    "throttling_burst_limit": limit.burst,
                },
                opts=self.child(),
            )

    def _account(self, region: str, place: Place) -> aws.apigateway.Account:
        """The role by which API Gateway writes logs; an account has one a region."""
        role_name = place.global_name("api-logs")
        role = aws.iam.Role(
            f"{region}-api-logs-role",
            name=role_name,
            description=f"API Gateway writes logs in {region}",
            assume_role_policy=service_trust(place, "apigateway.amazonaws.com"),
            opts=self.child(),
        )
        attached = aws.iam.RolePolicyAttachment(
            f"{region}-api-logs-policy", role=role.name, policy_arn=_PUSH_LOGS, opts=self.child()
        )
        return aws.apigateway.Account(
            f"{region}-api-account",
            cloudwatch_role_arn=place.role_arn(role_name),
            opts=self.child(depends_on=[attached]),
        )


def _below(arn: pulumi.Output[str], path: str) -> pulumi.Output[str]:
    return arn.apply(lambda known: f"{known}{path}")
