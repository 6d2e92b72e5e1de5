"""What stands between clients and the application: APIs, their domains and firewalls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from awsfacts.iam.glob import matches
from holdfast_policies import kinds
from holdfast_policies.rule import Level, Severity, Subject
from holdfast_policies.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Change, Settings

edge = Subject("edge", pack="least-privilege")
edge_audit = Subject("edge", pack="operations")

_STAGES: Final = (kinds.REST_STAGE, kinds.HTTP_STAGE)
_METHODS: Final = frozenset(
    {"get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method"}
)
_READING: Final = frozenset({"get", "head", "options"})


@edge.rule(
    "apigateway-authorization",
    kinds.REST_METHOD,
    kinds.HTTP_ROUTE,
    kinds.REST_API,
    kinds.HTTP_API,
    severity=Severity.HIGH,
    title="An API asks who calls, on every route that is not meant to be public",
    why="A route without an authorizer answers whoever finds its address.",
    fix="give the route an authorizer (JWT, IAM or Lambda; in OpenAPI: security), or say that it is public: "
    "security: [] where it only reads, or the setting public",
    controls=("Security Hub APIGateway.8",),
    settings={
        "public": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["GET /health*", "OPTIONS *"],
            "description": "Routes that anybody may call, as METHOD PATH, with * and ?.",
        }
    },
)
def authorization(resource: Resource, settings: Settings) -> Iterator[str]:
    """Routes and methods that are resources, and the operations of an API's OpenAPI body.

    An operation that reads and says `security: []` is meant to be public; one that writes is asked all the same.
    """
    for route in _open_routes(resource):
        if not any(matches(pattern, route) for pattern in settings["public"]):
            yield f"answers anybody on {route}"


def _open_routes(resource: Resource) -> Iterator[str]:
    if resource.type == kinds.HTTP_ROUTE:
        if resource.text("authorizationType") in ("", "NONE"):
            yield resource.text("routeKey") or "its route"
    elif resource.type == kinds.REST_METHOD:
        if resource.text("authorization") in ("", "NONE") and not resource.flag("apiKeyRequired"):
            path = resource.data.get("resourcePath")
            yield f"{resource.text('httpMethod') or 'ANY'} {path if isinstance(path, str) else '/'}"
    else:
        yield from _open_operations(_openapi(resource.value("body")))


def _openapi(body: Any) -> dict[str, Any]:
    try:
        document = json.loads(body) if isinstance(body, str) else body
    except ValueError:
        return {}  # YAML, or no OpenAPI at all
    return document if isinstance(document, dict) else {}


def _open_operations(document: dict[str, Any]) -> Iterator[str]:
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method, operation in item.items() if isinstance(item, dict) else ():
            if method not in _METHODS or not isinstance(operation, dict):
                continue
            meant = method in _READING and operation.get("security") == []
            if not meant and not _is_guarded(operation, document):
                yield f"{'ANY' if method.startswith('x-') else method.upper()} {path}"


def _is_guarded(operation: dict[str, Any], document: dict[str, Any]) -> bool:
    security = operation.get("security", document.get("security"))
    if security is UNKNOWN or (isinstance(security, list) and security and {} not in security):
        return True
    auth = operation.get("x-amazon-apigateway-auth")
    return isinstance(auth, dict) and auth.get("type") not in (None, "NONE")


@edge.rule(
    "apigateway-tls",
    kinds.REST_DOMAIN,
    kinds.HTTP_DOMAIN,
    title="An API's domain speaks TLS 1.2 or later",
    why="TLS 1.0 and 1.1 can be read by who sits on the path.",
    fix="set security_policy='TLS_1_2', or one of the policies for TLS 1.3",
)
def domain_tls(domain: Resource, _settings: Settings) -> Iterator[str]:
    """The one policy that allows less; none is API Gateway's own choice."""
    chosen = domain.text("securityPolicy") or domain.view("domainNameConfiguration").text("securityPolicy")
    if chosen == "TLS_1_0":
        yield "speaks TLS 1.0"


@edge.stack_rule(
    "apigateway-waf",
    kinds.REST_STAGE,
    kinds.WEB_ACL_ASSOCIATION,
    level=Level.ADVISORY,
    title="A firewall stands in front of a REST API",
    why="Floods and known attacks reach the function, and are paid for by the request.",
    fix="add an aws.wafv2.WebAclAssociation for the stage, or switch the rule off where CloudFront has the firewall",
    controls=("Security Hub APIGateway.4",),
)
def stage_firewall(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """An association that names the stage. HTTP APIs cannot have one."""
    for stage in stack.of(kinds.REST_STAGE):
        if not any(True for _ in stack.referring(stage, "resourceArn", kinds.WEB_ACL_ASSOCIATION)):
            yield stage, "has no firewall in front of it"


@edge_audit.rule(
    "apigateway-access-logs",
    *_STAGES,
    title="An API writes down who called what",
    why="Without access logs nobody can say which requests came, or what they were answered.",
    fix="set access_log_settings={'destination_arn': <log group>, 'format': …} on the stage",
    controls=("Security Hub APIGateway.9",),
)
def access_logs(stage: Resource, _settings: Settings) -> Iterator[str]:
    """A destination is named."""
    if not stage.view("accessLogSettings").has("destinationArn"):
        yield "keeps no access log"


def _trace(_stage: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("xrayTracingEnabled",), True


@edge_audit.rule(
    "apigateway-tracing",
    kinds.REST_STAGE,
    severity=Severity.LOW,
    title="A REST API is traced",
    why="A slow request is looked for in the API, the function and the table at once.",
    fix="set xray_tracing_enabled=True on the stage",
    controls=("Security Hub APIGateway.3",),
    mend=_trace,
)
def stage_tracing(stage: Resource, _settings: Settings) -> Iterator[str]:
    """X-Ray on the stage."""
    if not stage.flag("xrayTracingEnabled"):
        yield "is not traced"


@edge_audit.stack_rule(
    "waf-logging",
    kinds.WEB_ACL,
    kinds.WEB_ACL_LOGGING,
    title="A firewall writes down what it refuses",
    why="A rule that refuses customers looks like a quiet day.",
    fix="add an aws.wafv2.WebAclLoggingConfiguration for the web ACL",
    controls=("Security Hub WAF.11",),
)
def firewall_logging(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """A logging configuration that names the web ACL."""
    for acl in stack.of(kinds.WEB_ACL):
        if not any(True for _ in stack.referring(acl, "resourceArn", kinds.WEB_ACL_LOGGING)):
            yield acl, "logs nothing"
