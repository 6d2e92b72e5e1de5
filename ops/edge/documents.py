"""What the sandbox serves of an edge, read from the resources of the deployed stack. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.cloud.dns.document import CheckSpec, DnsDocument, RecordSpec
from sandbox.cloud.edge.document import ApiSpec, EdgeDocument, FunctionSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OWN_HANDLERS = "services.orders."
"""Functions that run here: the service's own. Others (a rotation) have no request to answer."""
CONTINENTS = {"us": "NA", "ca": "NA", "eu": "EU", "ap": "AS", "sa": "SA", "af": "AF", "me": "AS"}

Resource = dict[str, Any]


def edge(
    resources: Sequence[Resource],
    region: str,
    *,
    package: str,
    environment: Mapping[str, str],
    keys: Mapping[str, Any],
) -> EdgeDocument:
    """The functions and APIs of a region.

    Args:
        resources: of the stack's state.
        region: the region.
        package: path of the deployment package.
        environment: what the sandbox sets in every function, over the function's own.
        keys: the issuer's key set, in place of the one that the stack's issuer would publish.
    """
    ready = {
        inputs["functionName"]: int(inputs["provisionedConcurrentExecutions"])
        for inputs in _inputs(resources, "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", region)
    }
    functions = [
        FunctionSpec(
            name=inputs["name"],
            handler=inputs["handler"],
            package=package,
            environment={
                **inputs.get("environment", {}).get("variables", {}),
                **environment,
                **({"TOKEN_KEYS": json.dumps(keys)} if "authorizer" in inputs["handler"] else {}),
            },
            timeout_seconds=float(inputs.get("timeout", 3)),
            memory_mb=int(inputs.get("memorySize", 128)),
            reserved=_reserved(inputs),
            ready=ready.get(inputs["name"], 0),
        )
        for inputs in _inputs(resources, "aws:lambda/function:Function", region)
        if str(inputs.get("handler", "")).startswith(OWN_HANDLERS)
    ]
    apis = [*_rest_apis(resources, region), *_http_apis(resources, region)]
    return EdgeDocument(functions=tuple(functions), apis=tuple(apis), keys=keys)


def names(resources: Sequence[Resource], *, pace: float, home: str) -> DnsDocument:
    """The zones, records and health checks of the stack, seen by a client near the home region."""
    zones = tuple(str(inputs["name"]).rstrip(".") for inputs in _inputs(resources, "aws:route53/zone:Zone"))
    records = tuple(_record(inputs) for inputs in _inputs(resources, "aws:route53/record:Record") if inputs.get("name"))
    checks = tuple(
        _check(resource["urn"].split("::")[-1], resource["id"], resource["inputs"])
        for resource in resources
        if resource.get("type") == "aws:route53/healthCheck:HealthCheck"
    )
    viewer = {"region": home, "continent": CONTINENTS.get(home.partition("-")[0], "NA")}
    return DnsDocument(zones=zones, records=records, checks=checks, pace=pace, viewer=viewer)


def journey_alarms(resources: Sequence[Resource], observer: str) -> dict[str, str]:
    """Name of the observer's alarm on the journeys through each region."""
    found = {}
    for inputs in _inputs(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", observer):
        name = str(inputs["name"])
        if "journeys-to-" in name:
            found[name.partition("journeys-to-")[2]] = name
    return found


def _reserved(inputs: Mapping[str, Any]) -> int | None:
    reserved = int(inputs.get("reservedConcurrentExecutions", -1))
    return None if reserved < 0 else reserved


def _rest_apis(resources: Sequence[Resource], region: str) -> Iterator[ApiSpec]:
    for resource in _of(resources, "aws:apigateway/restApi:RestApi", region):
        limits = {}
        for inputs in _inputs(resources, "aws:apigateway/methodSettings:MethodSettings", region):
            settings = inputs["settings"]
            limit = float(settings["throttlingRateLimit"]), int(settings["throttlingBurstLimit"])
            limits[_route(inputs["methodPath"])] = limit
        stage = next(_inputs(resources, "aws:apigateway/stage:Stage", region))
        hosts = [inputs["domainName"] for inputs in _inputs(resources, "aws:apigateway/domainName:DomainName", region)]
        yield ApiSpec(
            id=resource["id"],
            kind="rest",
            hosts=tuple(hosts),
            body=json.loads(resource["inputs"]["body"]),
            stage=stage["stageName"],
            limits=limits,
        )


def _http_apis(resources: Sequence[Resource], region: str) -> Iterator[ApiSpec]:
    for resource in _of(resources, "aws:apigatewayv2/api:Api", region):
        stage = next(_inputs(resources, "aws:apigatewayv2/stage:Stage", region))
        limits = {"*": _limit(stage["defaultRouteSettings"])} if stage.get("defaultRouteSettings") else {}
        limits |= {item["routeKey"]: _limit(item) for item in stage.get("routeSettings", ())}
        domains = _inputs(resources, "aws:apigatewayv2/domainName:DomainName", region)
        yield ApiSpec(
            id=resource["id"],
            kind="http",
            hosts=tuple(inputs["domainName"] for inputs in domains),
            body=json.loads(resource["inputs"]["body"]),
            stage=stage["name"],
            limits=limits,
        )


def _limit(settings: Mapping[str, Any]) -> tuple[float, int]:
    return float(settings["throttlingRateLimit"]), int(settings["throttlingBurstLimit"])


def _route(path: str) -> str:
    """`orders~1process/POST` → `POST /orders/process`; `*/*` → `*`."""
    if path == "*/*":
        return "*"
    route, _, method = path.rpartition("/")
    return f"{method} /{route.replace('~1', '/')}"


def _record(inputs: Mapping[str, Any]) -> RecordSpec:
    alias = next((item["name"] for item in inputs.get("aliases") or ()), None)
    policy: dict[str, Any] = {"policy": "simple"}
    for item in inputs.get("latencyRoutingPolicies") or ():
        policy = {"policy": "latency", "region": item["region"]}
    for item in inputs.get("failoverRoutingPolicies") or ():
        policy = {"policy": "failover", "role": item["type"]}
    for item in inputs.get("weightedRoutingPolicies") or ():
        policy = {"policy": "weighted", "weight": int(item["weight"])}
    for item in inputs.get("geolocationRoutingPolicies") or ():
        policy = {"policy": "geolocation", "place": item.get("continent") or "*"}
    return RecordSpec(
        name=str(inputs["name"]).rstrip(".").lower(),
        type=str(inputs["type"]),
        values=tuple(inputs.get("records") or ()),
        ttl_seconds=int(inputs.get("ttl") or 60),
        alias=alias,
        set_identifier=inputs.get("setIdentifier"),
        health_check=inputs.get("healthCheckId"),
        **policy,
    )


def _check(name: str, check_id: str, inputs: Mapping[str, Any]) -> CheckSpec:
    return CheckSpec(
        id=check_id,
        name=name,
        type=str(inputs["type"]),
        fqdn=str(inputs.get("fqdn") or ""),
        path=str(inputs.get("resourcePath") or "/"),
        interval_seconds=float(inputs.get("requestInterval") or 30),
        failures=int(inputs.get("failureThreshold") or 3),
        children=tuple(inputs.get("childHealthchecks") or ()),
        threshold=int(inputs.get("childHealthThreshold") or 0),
        alarm=str(inputs.get("cloudwatchAlarmName") or ""),
        alarm_region=str(inputs.get("cloudwatchAlarmRegion") or ""),
    )


def _of(resources: Sequence[Resource], kind: str, region: str | None = None) -> Iterator[Resource]:
    for resource in resources:
        name = str(resource.get("urn", "")).split("::")[-1]
        if resource.get("type") == kind and (region is None or name.startswith(f"{region}-")):
            yield resource


def _inputs(resources: Sequence[Resource], kind: str, region: str | None = None) -> Iterator[dict[str, Any]]:
    for resource in _of(resources, kind, region):
        yield resource.get("inputs") or {}
