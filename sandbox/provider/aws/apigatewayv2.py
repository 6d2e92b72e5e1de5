"""API Gateway: HTTP and WebSocket APIs with their stages, routes and integrations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.provider.aws import crud
from sandbox.provider.aws.crud import Crud
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Properties


def _api_outputs(context: Context, physical_id: str | None, inputs: Properties) -> Properties:
    if not physical_id:
        return {}
    scheme = "wss" if inputs.get("protocolType") == "WEBSOCKET" else "https"
    return {
        "arn": f"arn:{context.partition}:apigateway:{context.region}::/apis/{physical_id}",
        "apiEndpoint": f"{scheme}://{physical_id}.execute-api.{context.region}.amazonaws.com",
        "executionArn": context.arn("execute-api", physical_id),
    }


API = crud.kind(
    "aws:apigatewayv2/api:Api",
    Crud(
        service="apigatewayv2",
        what="API",
        create="create_api",
        id="ApiId",
        key=lambda physical_id, _state: {"ApiId": physical_id},
        read="get_api",
        updates=("update_api",),
        delete="delete_api",
        arn=lambda context, physical_id, _state: (
            f"arn:{context.partition}:apigateway:{context.region}::/apis/{physical_id}"
        ),
        tags=False,
    ),
    forces=frozenset({"protocolType", "region"}),
    defaults={
        "description": "",
        "apiKeySelectionExpression": "$request.header.x-api-key",
        "routeSelectionExpression": "$request.method $request.path",
        "disableExecuteApiEndpoint": False,
    },
    name=AutoName(limit=128),
    computed=_api_outputs,
)


def _stage_outputs(context: Context, physical_id: str | None, inputs: Properties) -> Properties:
    api = inputs.get("apiId")
    if not physical_id or not isinstance(api, str):
        return {}
    end = "" if physical_id == "$default" else physical_id
    return {
        "arn": f"arn:{context.partition}:apigateway:{context.region}::/apis/{api}/stages/{physical_id}",
        "invokeUrl": f"https://{api}.execute-api.{context.region}.amazonaws.com/{end}",
        "executionArn": context.arn("execute-api", f"{api}/{physical_id}"),
    }


def _named(name: str) -> Any:
    def key(physical_id: str, state: Properties) -> Mapping[str, Any]:
        return {"ApiId": state["apiId"], name: physical_id}

    return key


STAGE = crud.kind(
    "aws:apigatewayv2/stage:Stage",
    Crud(
        service="apigatewayv2",
        what="stage",
        create="create_stage",
        id=lambda _context, inputs, _answer: str(inputs["name"]),
        key=_named("StageName"),
        read="get_stage",
        updates=("update_stage",),
        delete="delete_stage",
        renames={"name": "StageName"},
        tags=False,
    ),
    forces=frozenset({"apiId", "name", "region"}),
    defaults={"autoDeploy": False},
    name=AutoName(limit=128),
    computed=_stage_outputs,
)

ROUTE = crud.kind(
    "aws:apigatewayv2/route:Route",
    Crud(
        service="apigatewayv2",
        what="route",
        create="create_route",
        id="RouteId",
        key=_named("RouteId"),
        read="get_route",
        updates=("update_route",),
        delete="delete_route",
        tags=False,
    ),
    forces=frozenset({"apiId", "region"}),
    defaults={"authorizationType": "NONE", "apiKeyRequired": False},
)

INTEGRATION = crud.kind(
    "aws:apigatewayv2/integration:Integration",
    Crud(
        service="apigatewayv2",
        what="integration",
        create="create_integration",
        id="IntegrationId",
        key=_named("IntegrationId"),
        read="get_integration",
        updates=("update_integration",),
        delete="delete_integration",
        renames={"timeoutMilliseconds": "TimeoutInMillis"},
        tags=False,
    ),
    forces=frozenset({"apiId", "integrationType", "integrationSubtype", "region"}),
    defaults={"connectionType": "INTERNET", "payloadFormatVersion": "1.0"},
)

KINDS = (API, STAGE, ROUTE, INTEGRATION)
