"""Names, health checks, failover plans, APIs and firewalls."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ops.cost.model import HOURS, SECONDS
from ops.cost.pricers.surroundings import decimal
from ops.cost.table_bill import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource

QUERIES_A_REQUEST = Decimal("0.1")
"""DNS queries for a request: resolvers and connections that are kept answer the others."""
FAST_SECONDS = 10
"""An interval of health checks that is an option with a price of its own."""


def _zone(_zone: Resource, around: Surroundings) -> Iterator[Charge]:
    records = around.of("aws:route53/record:Record")
    located = any(one.inputs.get("geolocationRoutingPolicies") for one in records)
    nearest = any(one.inputs.get("latencyRoutingPolicies") for one in records)
    kind = "route53.query.geo" if located else "route53.query.latency" if nearest else "route53.query"
    queries = decimal(around.usage.requests_per_second) * SECONDS * QUERIES_A_REQUEST
    yield Charge("hosted zone", "route53.zone", Decimal(1))
    yield Charge("queries", kind, queries)


def _check(check: Resource, _around: Surroundings) -> Iterator[Charge]:
    """A check of an endpoint in AWS, and its options: HTTPS, latency, an interval of ten seconds, a searched string."""
    kind = check.text("type")
    options = [
        kind.startswith("HTTPS"),
        check.inputs.get("measureLatency") is True,
        check.number("requestInterval", 30) <= FAST_SECONDS,
        "STR_MATCH" in kind,
    ]
    yield Charge("health check", "route53.check.aws", Decimal(1))
    yield Charge("options of the check", "route53.check.option.aws", Decimal(sum(options)))


def _switch(_plan: Resource, _around: Surroundings) -> Iterator[Charge]:
    yield Charge("Region switch plan", "arc.region-switch", Decimal(1))


def _routing_control(_cluster: Resource, _around: Surroundings) -> Iterator[Charge]:
    yield Charge("routing control cluster", "arc.routing-control.hour", HOURS)


def _rest(_api: Resource, around: Surroundings) -> Iterator[Charge]:
    yield Charge("requests", "apigateway.rest", around.requests)


def _http(_api: Resource, around: Surroundings) -> Iterator[Charge]:
    yield Charge("requests", "apigateway.http", around.requests)


def _firewall(acl: Resource, around: Surroundings) -> Iterator[Charge]:
    yield Charge("web ACL", "waf.acl", Decimal(1))
    yield Charge("rules", "waf.rule", Decimal(acl.count("rules")))
    yield Charge("requests", "waf.request", around.requests)


PRICERS = {
    "aws:route53/zone:Zone": _zone,
    "aws:route53/healthCheck:HealthCheck": _check,
    "aws:arcregionswitch/plan:Plan": _switch,
    "aws:route53recoverycontrol/cluster:Cluster": _routing_control,
    "aws:apigateway/restApi:RestApi": _rest,
    "aws:apigatewayv2/api:Api": _http,
    "aws:wafv2/webAcl:WebAcl": _firewall,
}
