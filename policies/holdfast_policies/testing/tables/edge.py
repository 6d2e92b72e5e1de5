"""Cases of the rules on APIs and firewalls."""

from __future__ import annotations

import json
from typing import Any, Final

from holdfast_policies import kinds
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import arn, make
from holdfast_policies.values import UNKNOWN


def _body(**operation: Any) -> str:
    paths = {"/orders": {"post": operation}, "/health": {"get": {}}}
    return json.dumps({"openapi": "3.0.1", "paths": paths})


CASES: Final = (
    Cases(
        rule="apigateway-authorization",
        passes=[
            make(kinds.REST_METHOD),
            make(kinds.REST_METHOD, authorization="NONE", apiKeyRequired=True),
            make(kinds.HTTP_ROUTE),
            make(kinds.HTTP_ROUTE, authorizationType=None, routeKey="GET /health/deep"),
            make(kinds.REST_API),
            make(kinds.REST_API, body=None),
            make(kinds.REST_API, body="openapi: 3.0.1"),
            make(kinds.REST_API, body=_body(**{"x-amazon-apigateway-auth": {"type": "AWS_IAM"}})),
            make(kinds.REST_API, body={"paths": {"/regions": {"get": {"security": []}}}}),
            make(kinds.HTTP_API, body={"security": [{"jwt": []}], "paths": {"/orders": {"post": {}}}}),
        ],
        fails=[
            make(kinds.REST_METHOD, authorization="NONE"),
            make(kinds.HTTP_ROUTE, authorizationType="NONE"),
            make(kinds.REST_API, body=_body()),
            make(kinds.REST_API, body=_body(security=[])),
            make(kinds.REST_API, body={"paths": {"/regions": {"get": {}}}}),
            make(kinds.HTTP_API, body={"paths": {"/orders": {"x-amazon-apigateway-any-method": {"security": [{}]}}}}),
        ],
        undecided=[make(kinds.REST_API, body=UNKNOWN), make(kinds.HTTP_ROUTE, authorizationType=UNKNOWN)],
    ),
    Cases(
        rule="apigateway-tls",
        passes=[make(kinds.REST_DOMAIN), make(kinds.HTTP_DOMAIN), make(kinds.REST_DOMAIN, securityPolicy=None)],
        fails=[
            make(kinds.REST_DOMAIN, securityPolicy="TLS_1_0"),
            make(kinds.HTTP_DOMAIN, domainNameConfiguration={"securityPolicy": "TLS_1_0"}),
        ],
        undecided=[make(kinds.REST_DOMAIN, securityPolicy=UNKNOWN)],
    ),
    Cases(
        rule="apigateway-waf",
        passes=[
            [make(kinds.REST_STAGE), make(kinds.WEB_ACL_ASSOCIATION)],
            [
                make(kinds.REST_STAGE, arn=UNKNOWN),
                make(
                    kinds.WEB_ACL_ASSOCIATION,
                    resourceArn=UNKNOWN,
                    property_dependencies={"resourceArn": [make(kinds.REST_STAGE).urn]},
                ),
            ],
            [make(kinds.HTTP_STAGE)],
        ],
        fails=[
            [make(kinds.REST_STAGE)],
            [make(kinds.REST_STAGE), make(kinds.WEB_ACL_ASSOCIATION, resourceArn="arn:x")],
        ],
        always_decides="it asks the graph which association names the stage, whatever is known of ARNs",
    ),
    Cases(
        rule="apigateway-access-logs",
        passes=[make(kinds.REST_STAGE), make(kinds.HTTP_STAGE)],
        fails=[make(kinds.REST_STAGE, accessLogSettings=None), make(kinds.HTTP_STAGE, accessLogSettings={})],
        undecided=[make(kinds.REST_STAGE, accessLogSettings=UNKNOWN)],
    ),
    Cases(
        rule="apigateway-tracing",
        passes=[make(kinds.REST_STAGE)],
        fails=[make(kinds.REST_STAGE, xrayTracingEnabled=False), make(kinds.REST_STAGE, xrayTracingEnabled=None)],
        undecided=[make(kinds.REST_STAGE, xrayTracingEnabled=UNKNOWN)],
    ),
    Cases(
        rule="waf-logging",
        passes=[[make(kinds.WEB_ACL), make(kinds.WEB_ACL_LOGGING)]],
        fails=[
            [make(kinds.WEB_ACL)],
            [make(kinds.WEB_ACL), make(kinds.WEB_ACL_LOGGING, resourceArn=arn("wafv2", "x"))],
        ],
        always_decides="it asks the graph which logging configuration names the web ACL, whatever is known of ARNs",
    ),
)
