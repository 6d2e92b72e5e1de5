"""API Gateway, version 1: REST APIs from a document, their deployments, stages, limits and custom domains.

API Gateway changes these by patch operations (`op`, `path`, `value`), not by requests in the shape of their creation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws import apigateway_keys, crud, ids
from sandbox.provider.aws.apigateway_shared import Patch, arn_of, patched, replace, replaced, tags_of
from sandbox.provider.aws.crud import Crud
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

NOWHERE = "(none)"
"""How API Gateway names the base path of a domain's root."""
_ZONE = "Z1UJRXOUMOOFQ8"
"""Hosted zone of regional API endpoints (AWS General Reference, us-east-1; the sandbox has it everywhere)."""
_API_DEFAULTS: Mapping[str, Value] = {"apiKeySource": "HEADER", "disableExecuteApiEndpoint": False}
_STAGE_DEFAULTS: Mapping[str, Value] = {"xrayTracingEnabled": False}


def _endpoint(properties: Properties) -> str | None:
    """The kind of endpoint: `REGIONAL`, `EDGE` or `PRIVATE`."""
    types = (properties.get("endpointConfiguration") or {}).get("types")
    found = types[0] if isinstance(types, list) and types else types
    return found if isinstance(found, str) else None


def _endpoint_patches(old: Properties, new: Properties) -> Iterator[Patch]:
    before, after = _endpoint(old), _endpoint(new)
    if before and after and before != after:
        yield replace(f"/endpointConfiguration/types/{before}", after)


def _observed(read: str, key: str) -> Any:
    """Tags, and the kind of endpoint as the property has it: one, not a list."""

    def observe(context: Context, physical_id: str, state: Properties) -> Properties:
        seen = tags_of(context, str(state.get("arn") or arn_of(context, "")))
        if read and "endpointConfiguration" in state:
            record = getattr(context.client("apigateway"), read)(**{key: physical_id})
            seen["endpointConfiguration"] = {
                **state["endpointConfiguration"],
                "types": _endpoint({"endpointConfiguration": record.get("endpointConfiguration")}),
            }
        return seen

    return observe


API_PATHS = {
    "name": "/name",
    "description": "/description",
    "apiKeySource": "/apiKeySource",
    "policy": "/policy",
    "disableExecuteApiEndpoint": "/disableExecuteApiEndpoint",
    "minimumCompressionSize": "/minimumCompressionSize",
}


def _media(types: Iterable[str], op: str) -> Iterator[Patch]:
    for media in types:
        # A slash within a path is written ~1 (RFC 6901).
        yield {"op": op, "path": f"/binaryMediaTypes/{media.replace('/', '~1')}"}


def _shape_api(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    """Bring an API that exists to its document and its properties."""
    client = context.client("apigateway")
    body = new.get("body")
    if body is not None and body != old.get("body"):
        client.put_rest_api(
            restApiId=physical_id,
            mode=new.get("putRestApiMode") or "overwrite",
            failOnWarnings=bool(new.get("failOnWarnings")),
            body=str(body).encode(),
        )
    if not old:
        return
    had, has = old.get("binaryMediaTypes") or [], new.get("binaryMediaTypes") or []
    patches = [
        *replaced(old, {**_API_DEFAULTS, **new}, API_PATHS),
        *_endpoint_patches(old, new),
        *_media([media for media in had if media not in has], "remove"),
        *_media([media for media in has if media not in had], "add"),
    ]
    if patches:
        client.update_rest_api(restApiId=physical_id, patchOperations=patches)


API = crud.kind(
    "aws:apigateway/restApi:RestApi",
    Crud(
        service="apigateway",
        what="REST API",
        create="create_rest_api",
        id="id",
        key=lambda physical_id, _state: {"restApiId": physical_id},
        read="get_rest_api",
        delete="delete_rest_api",
        after=_shape_api,
        observe=_observed("get_rest_api", "restApiId"),
        arn=lambda context, physical_id, _state: arn_of(context, f"restapis/{physical_id}"),
    ),
    forces=frozenset({"region"}),
    defaults=_API_DEFAULTS,
    documents=frozenset({"policy"}),
    sets=frozenset({"binaryMediaTypes"}),
    name=AutoName(),
    computed=lambda context, physical_id, _inputs: (
        {
            "arn": arn_of(context, f"restapis/{physical_id}"),
            "executionArn": context.arn("execute-api", physical_id),
        }
        if physical_id
        else {}
    ),
)


def _deployment_key(physical_id: str, state: Properties) -> Mapping[str, Any]:
    return {"restApiId": state["restApi"], "deploymentId": physical_id}


DEPLOYMENT = crud.kind(
    "aws:apigateway/deployment:Deployment",
    Crud(
        service="apigateway",
        what="deployment",
        create="create_deployment",
        id="id",
        key=_deployment_key,
        read="get_deployment",
        delete="delete_deployment",
        renames={"restApi": "restApiId"},
        after=patched("update_deployment", _deployment_key, {"description": "/description"}),
        tags=False,
    ),
    forces=frozenset({"restApi", "triggers", "variables", "region"}),
)

STAGE_PATHS = {
    "deployment": "/deploymentId",
    "description": "/description",
    "xrayTracingEnabled": "/tracingEnabled",
    "cacheClusterEnabled": "/cacheClusterEnabled",
    "cacheClusterSize": "/cacheClusterSize",
}


def _stage_key(_physical_id: str, state: Properties) -> Mapping[str, Any]:
    return {"restApiId": state["restApi"], "stageName": state["stageName"]}


def _shape_stage(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    """Access logs are no part of creating a stage; the rest is patched once it exists."""
    patches = list(replaced(old, {**_STAGE_DEFAULTS, **new}, STAGE_PATHS)) if old else []
    had, has = old.get("accessLogSettings") or {}, new.get("accessLogSettings") or {}
    if had and not has:
        patches.append({"op": "remove", "path": "/accessLogSettings"})
    patches += [replace(f"/accessLogSettings/{name}", value) for name, value in has.items() if had.get(name) != value]
    before, after = old.get("variables") or {}, new.get("variables") or {}
    if old:
        patches += [{"op": "remove", "path": f"/variables/{name}"} for name in before if name not in after]
        patches += [replace(f"/variables/{name}", after[name]) for name in after if before.get(name) != after[name]]
    if patches:
        context.client("apigateway").update_stage(**_stage_key(physical_id, new), patchOperations=patches)


def _stage_outputs(context: Context, _physical_id: str | None, inputs: Properties) -> Properties:
    api, name = inputs.get("restApi"), inputs.get("stageName")
    if not isinstance(api, str) or not isinstance(name, str):
        return {}
    return {
        "arn": arn_of(context, f"restapis/{api}/stages/{name}"),
        "executionArn": context.arn("execute-api", f"{api}/{name}"),
        "invokeUrl": f"https://{api}.execute-api.{context.region}.amazonaws.com/{name}",
    }


STAGE = crud.kind(
    "aws:apigateway/stage:Stage",
    Crud(
        service="apigateway",
        what="stage",
        create="create_stage",
        id=lambda _context, inputs, _answer: f"ags-{inputs['restApi']}-{inputs['stageName']}",
        key=_stage_key,
        read="get_stage",
        delete="delete_stage",
        renames={"restApi": "restApiId", "deployment": "deploymentId", "xrayTracingEnabled": "tracingEnabled"},
        after=_shape_stage,
        observe=_observed("", ""),
        arn=lambda context, _id, state: arn_of(context, f"restapis/{state['restApi']}/stages/{state['stageName']}"),
    ),
    forces=frozenset({"restApi", "stageName", "region"}),
    defaults=_STAGE_DEFAULTS,
    computed=_stage_outputs,
)

DOMAIN_PATHS = {
    "certificateArn": "/certificateArn",
    "certificateName": "/certificateName",
    "regionalCertificateArn": "/regionalCertificateArn",
    "regionalCertificateName": "/regionalCertificateName",
    "securityPolicy": "/securityPolicy",
}


def _shape_domain(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    patches = [*replaced(old, new, DOMAIN_PATHS), *_endpoint_patches(old, new)] if old else []
    if patches:
        context.client("apigateway").update_domain_name(domainName=physical_id, patchOperations=patches)


DOMAIN = crud.kind(
    "aws:apigateway/domainName:DomainName",
    Crud(
        service="apigateway",
        what="domain name",
        create="create_domain_name",
        id="domainName",
        key=lambda physical_id, _state: {"domainName": physical_id},
        read="get_domain_name",
        delete="delete_domain_name",
        after=_shape_domain,
        observe=_observed("get_domain_name", "domainName"),
        arn=lambda context, physical_id, _state: arn_of(context, f"domainnames/{physical_id}"),
    ),
    forces=frozenset({"certificateBody", "certificateChain", "certificatePrivateKey", "domainName", "region"}),
    identity=ids.by("domainName"),
    documents=frozenset({"policy"}),
    computed=lambda context, physical_id, _inputs: (
        {"arn": arn_of(context, f"domainnames/{physical_id}"), "regionalZoneId": _ZONE} if physical_id else {}
    ),
)


def _mapping_key(_physical_id: str, state: Properties) -> Mapping[str, Any]:
    return {"domainName": state["domainName"], "basePath": state.get("basePath") or NOWHERE}


MAPPING_PATHS = {"restApi": "/restapiId", "stageName": "/stage", "basePath": "/basePath"}

MAPPING = crud.kind(
    "aws:apigateway/basePathMapping:BasePathMapping",
    Crud(
        service="apigateway",
        what="base path mapping",
        create="create_base_path_mapping",
        id=lambda _context, inputs, _answer: f"{inputs['domainName']}/{inputs.get('basePath') or ''}",
        key=_mapping_key,
        read="get_base_path_mapping",
        delete="delete_base_path_mapping",
        renames={"restApi": "restApiId", "stageName": "stage", "basePath": "-"},
        # The root is named in answers, and left out in requests.
        extra=lambda _context, inputs: {"basePath": inputs["basePath"]} if inputs.get("basePath") else {},
        after=patched("update_base_path_mapping", _mapping_key, MAPPING_PATHS),
        tags=False,
    ),
    forces=frozenset({"domainName", "domainNameId", "region"}),
)

SETTING_PATHS = {
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
    "cachingEnabled": "caching/enabled",
    "cacheTtlInSeconds": "caching/ttlInSeconds",
    "cacheDataEncrypted": "caching/dataEncrypted",
    "requireAuthorizationForCacheControl": "caching/requireAuthorizationForCacheControl",
    "unauthorizedCacheControlHeaderStrategy": "caching/unauthorizedCacheControlHeaderStrategy",
}


def _set(context: Context, old: Properties, new: Properties) -> None:
    before, after = old.get("settings") or {}, new.get("settings") or {}
    path = new["methodPath"]
    patches = [
        replace(f"/{path}/{SETTING_PATHS[name]}", value)
        for name, value in after.items()
        if name in SETTING_PATHS and before.get(name) != value
    ]
    if patches:
        with told(context, "setting a method's limits"):
            context.client("apigateway").update_stage(**_stage_key("", new), patchOperations=patches)


def _create_settings(context: Context, inputs: Properties) -> Made:
    _set(context, {}, inputs)
    return Made(f"{inputs['restApi']}-{inputs['stageName']}-{inputs['methodPath']}")


def _read_settings(context: Context, _physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading a method's settings"):
        try:
            stage = context.client("apigateway").get_stage(**_stage_key("", state))
        except Exception as error:
            if code_of(error) == "NotFoundException":
                return None
            raise
    found = stage.get("methodSettings", {}).get(state["methodPath"])
    return None if found is None else {"settings": {name: found.get(name) for name in state.get("settings") or {}}}


def _update_settings(context: Context, _physical_id: str, old: Properties, new: Properties) -> Properties:
    _set(context, old, new)
    return {}


def _delete_settings(context: Context, _physical_id: str, state: Properties) -> None:
    with told(context, "removing a method's settings"), gone_is_fine("NotFoundException"):
        context.client("apigateway").update_stage(
            **_stage_key("", state), patchOperations=[{"op": "remove", "path": f"/{state['methodPath']}"}]
        )


SETTINGS = Kind(
    type="aws:apigateway/methodSettings:MethodSettings",
    forces=frozenset({"methodPath", "restApi", "stageName", "region"}),
    handler=Handler(create=_create_settings, read=_read_settings, update=_update_settings, delete=_delete_settings),
)


def _use_role(context: Context, role: Value) -> None:
    with told(context, "setting the role for access logs"):
        context.client("apigateway").update_account(patchOperations=[replace("/cloudwatchRoleArn", role)])


def _create_account(context: Context, inputs: Properties) -> Made:
    _use_role(context, inputs.get("cloudwatchRoleArn"))
    return Made(ACCOUNT_ID)


def _read_account(context: Context, _physical_id: str, _state: Properties) -> Properties:
    with told(context, "reading API Gateway's account"):
        found = context.client("apigateway").get_account()
    return {"cloudwatchRoleArn": found.get("cloudwatchRoleArn", "")}


def _update_account(context: Context, _physical_id: str, old: Properties, new: Properties) -> Properties:
    if old.get("cloudwatchRoleArn") != new.get("cloudwatchRoleArn"):
        _use_role(context, new.get("cloudwatchRoleArn"))
    return {}


ACCOUNT_ID = "api-gateway-account"
ACCOUNT = Kind(
    type="aws:apigateway/account:Account",
    forces=frozenset({"region"}),
    identity=lambda _context, _inputs: ACCOUNT_ID,
    handler=Handler(
        create=_create_account,
        read=_read_account,
        update=_update_account,
        delete=lambda context, _physical_id, _state: _use_role(context, None),
    ),
)

KINDS = (API, DEPLOYMENT, STAGE, DOMAIN, MAPPING, SETTINGS, ACCOUNT, *apigateway_keys.KINDS)
