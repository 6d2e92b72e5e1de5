"""API Gateway, version 1: who may call and how often: authorizers, request validators, API keys and usage plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.provider.aws import crud
from sandbox.provider.aws.apigateway_shared import Key, Patch, arn_of, patched, replace, replaced, tags_of
from sandbox.provider.aws.crud import Crud
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Properties


def _arn(kind: str) -> Callable[[Context, str, Properties], str]:
    return lambda context, physical_id, _state: arn_of(context, f"{kind}/{physical_id}")


def _tags(kind: str) -> Callable[[Context, str, Properties], Properties]:
    return lambda context, physical_id, _state: tags_of(context, arn_of(context, f"{kind}/{physical_id}"))


def _paths(*names: str) -> dict[str, str]:
    return {name: f"/{name}" for name in names}


def _of_api(name: str) -> Key:
    return lambda physical_id, state: {"restApiId": state["restApi"], name: physical_id}


VALIDATOR = crud.kind(
    "aws:apigateway/requestValidator:RequestValidator",
    Crud(
        service="apigateway",
        what="request validator",
        create="create_request_validator",
        id="id",
        key=_of_api("requestValidatorId"),
        read="get_request_validator",
        delete="delete_request_validator",
        looks_first=True,
        renames={"restApi": "restApiId"},
        after=patched(
            "update_request_validator",
            _of_api("requestValidatorId"),
            _paths("name", "validateRequestBody", "validateRequestParameters"),
        ),
        gone=(*crud.GONE, "BadRequestException"),
        tags=False,
    ),
    forces=frozenset({"restApi", "region"}),
    name=AutoName(),
)

AUTHORIZER = crud.kind(
    "aws:apigateway/authorizer:Authorizer",
    Crud(
        service="apigateway",
        what="authorizer",
        create="create_authorizer",
        id="id",
        key=_of_api("authorizerId"),
        read="get_authorizer",
        delete="delete_authorizer",
        looks_first=True,
        renames={"restApi": "restApiId", "providerArns": "providerARNs"},
        extra=lambda _context, inputs: {"type": inputs.get("type", "TOKEN")},
        after=patched(
            "update_authorizer",
            _of_api("authorizerId"),
            _paths(
                "name",
                "type",
                "authorizerUri",
                "authorizerCredentials",
                "authorizerResultTtlInSeconds",
                "identitySource",
                "identityValidationExpression",
            ),
        ),
        tags=False,
    ),
    forces=frozenset({"restApi", "region"}),
    name=AutoName(),
    computed=lambda context, physical_id, inputs: (
        {"arn": arn_of(context, f"restapis/{inputs.get('restApi')}/authorizers/{physical_id}")} if physical_id else {}
    ),
)


def _key_of_api_key(physical_id: str, _state: Properties) -> Mapping[str, Any]:
    return {"apiKey": physical_id}


API_KEY = crud.kind(
    "aws:apigateway/apiKey:ApiKey",
    Crud(
        service="apigateway",
        what="API key",
        create="create_api_key",
        id="id",
        key=_key_of_api_key,
        read="get_api_key",
        delete="delete_api_key",
        looks_first=True,
        extra=lambda _context, inputs: {"enabled": inputs.get("enabled", True)},
        after=patched("update_api_key", _key_of_api_key, _paths("name", "customerId", "description", "enabled")),
        observe=_tags("apikeys"),
        arn=_arn("apikeys"),
    ),
    forces=frozenset({"value", "region"}),
    defaults={"enabled": True},
    name=AutoName(),
    computed=lambda context, physical_id, _inputs: (
        {"arn": arn_of(context, f"apikeys/{physical_id}")} if physical_id else {}
    ),
)


def _key_of_plan(physical_id: str, _state: Properties) -> Mapping[str, Any]:
    return {"usagePlanId": physical_id}


def _stages(properties: Properties) -> list[str]:
    return [f"{stage['apiId']}:{stage['stage']}" for stage in properties.get("apiStages") or []]


def _shape_plan(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    if not old:
        return
    patches: list[Patch] = list(replaced(old, new, _paths("name", "description", "productCode")))
    for block, path in (("quotaSettings", "quota"), ("throttleSettings", "throttle")):
        before, after = old.get(block) or {}, new.get(block) or {}
        if before and not after:
            patches.append({"op": "remove", "path": f"/{path}"})
        patches += [replace(f"/{path}/{name}", value) for name, value in after.items() if before.get(name) != value]
    had, has = _stages(old), _stages(new)
    patches += [{"op": "remove", "path": "/apiStages", "value": stage} for stage in had if stage not in has]
    patches += [{"op": "add", "path": "/apiStages", "value": stage} for stage in has if stage not in had]
    if patches:
        context.client("apigateway").update_usage_plan(usagePlanId=physical_id, patchOperations=patches)


PLAN = crud.kind(
    "aws:apigateway/usagePlan:UsagePlan",
    Crud(
        service="apigateway",
        what="usage plan",
        create="create_usage_plan",
        id="id",
        key=_key_of_plan,
        read="get_usage_plan",
        delete="delete_usage_plan",
        looks_first=True,
        renames={"quotaSettings": "quota", "throttleSettings": "throttle"},
        after=_shape_plan,
        observe=_tags("usageplans"),
        arn=_arn("usageplans"),
    ),
    forces=frozenset({"region"}),
    sets=frozenset({"apiStages"}),
    name=AutoName(),
    computed=lambda context, physical_id, _inputs: (
        {"arn": arn_of(context, f"usageplans/{physical_id}")} if physical_id else {}
    ),
)

PLAN_KEY = crud.kind(
    "aws:apigateway/usagePlanKey:UsagePlanKey",
    Crud(
        service="apigateway",
        what="key of a usage plan",
        create="create_usage_plan_key",
        id="id",
        key=lambda physical_id, state: {"usagePlanId": state["usagePlanId"], "keyId": physical_id},
        read="get_usage_plan_key",
        delete="delete_usage_plan_key",
        looks_first=True,
        tags=False,
    ),
    forces=frozenset({"keyId", "keyType", "usagePlanId", "region"}),
)

KINDS = (VALIDATOR, AUTHORIZER, API_KEY, PLAN, PLAN_KEY)
