"""Rules of the edge and the functions behind it: what each kind of API can, and which regions they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from settings._errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from settings.edge import EdgeSettings
    from settings.serverless import ServerlessSettings


def faults_of(parts: Mapping[str, Any]) -> Iterator[Fault]:
    """Every fault of `holdfast:edge` and `holdfast:serverless` that could be read."""
    edge, serverless = parts.get("edge"), parts.get("serverless")
    if edge is not None:
        yield from _kind(edge)
        yield from _regions(edge, parts)
        yield from _needs(parts)
    if serverless is not None:
        yield from _concurrency(serverless)


def _kind(edge: EdgeSettings) -> Iterator[Fault]:
    if edge.kind == "http" and edge.waf is not None:
        yield Fault(
            path="holdfast:edge.waf",
            value="waf",
            rule="AWS WAF cannot be put in front of an HTTP API; it takes REST APIs, load balancers and CloudFront",
            fix="write 'kind: rest', or remove waf",
        )
    if edge.kind == "rest" and edge.private_integration:
        yield Fault(
            path="holdfast:edge.private_integration",
            value=True,
            rule="the private integration is a VPC link of an HTTP API to a load balancer",
            fix="write 'kind: http', or remove private_integration: Lambda is reached without leaving AWS's network",
        )
    if edge.waf is not None and set(edge.waf.blocked_countries) & set(edge.waf.allowed_countries):
        both = sorted(set(edge.waf.blocked_countries) & set(edge.waf.allowed_countries))
        yield Fault(
            path="holdfast:edge.waf.blocked_countries",
            value=both,
            rule=f"{', '.join(both)} cannot be both allowed and blocked",
            fix="name each country once",
        )


def _regions(edge: EdgeSettings, parts: Mapping[str, Any]) -> Iterator[Fault]:
    regions = parts.get("regions")
    if regions is None:
        return
    names = [region.name for region in regions]
    if edge.observer in names:
        yield Fault(
            path="holdfast:edge.observer",
            value=edge.observer,
            rule="an observer serves nothing, or it fails together with what it looks at",
            fix=f"choose a region other than {', '.join(names)}",
        )
    if len(names) < 2:
        yield Fault(
            path="holdfast:regions",
            value=names,
            rule="holdfast:edge moves clients between regions and needs two of them",
            fix="add a region, or remove holdfast:edge",
        )
    for region in edge.weights:
        if region not in names:
            yield Fault(
                path=f"holdfast:edge.weights.{region}",
                value=region,
                rule=f"{region!r} is not a region of this stack; it has {', '.join(names)}",
                fix="choose one of those",
            )


def _needs(parts: Mapping[str, Any]) -> Iterator[Fault]:
    recovery = parts.get("recovery")
    if recovery is not None and recovery.dns is None:
        yield Fault(
            path="holdfast:recovery.dns",
            value=None,
            rule="is missing: the API of holdfast:edge has a name, and that a hosted zone and a certificate",
            fix="add 'dns: {zone: orders.example.com}' with a zone of yours",
        )
    if parts.get("compute") is not None:
        yield Fault(
            path="holdfast:edge",
            value=None,
            rule="the names of a stack lead either to the load balancers of holdfast:compute or to the API of "
            "holdfast:edge",
            fix="remove one of the two, or give each a stack of its own",
        )


def _concurrency(serverless: ServerlessSettings) -> Iterator[Fault]:
    ready = serverless.provisioned
    if ready is None:
        return
    if not ready.minimum <= ready.maximum <= serverless.reserved_concurrency:
        yield Fault(
            path="holdfast:serverless.provisioned",
            value=(ready.minimum, ready.maximum, serverless.reserved_concurrency),
            rule=f"minimum {ready.minimum}, maximum {ready.maximum} and reserved concurrency "
            f"{serverless.reserved_concurrency} must ascend: what is kept ready is taken from what is reserved",
            fix="write minimum <= maximum <= reserved_concurrency",
        )
