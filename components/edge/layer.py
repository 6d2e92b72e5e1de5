"""The edge layer of one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.certificate import Certificate
from components.base.layer import Component
from components.edge import definition
from components.edge.api import ApiProps
from components.edge.http import HttpApi
from components.edge.outputs import EdgeOutputs
from components.edge.rest import RestApi
from components.edge.waf import Firewall
from settings.edge import JwtAuthorization

if TYPE_CHECKING:
    from collections.abc import Container

    import pulumi

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from components.security.outputs import SecurityOutputs
    from components.serverless.outputs import ServerlessOutputs
    from settings.edge import EdgeSettings

_MARGIN_SECONDS = 1
"""API Gateway waits a little longer than the function's own limit, so that the function's answer is the one given."""


class EdgeLayer(Component):
    """The certificate, the API and the firewall of a region. One domain takes every name below the zone."""

    layer = "edge"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        edge: EdgeSettings,
        serverless: ServerlessOutputs,
        function_timeout_seconds: int,
        network: NetworkOutputs,
        security: SecurityOutputs,
        zone_name: str,
        zone_id: pulumi.Output[str],
        homed: Container[str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        region = place.region
        certificate = Certificate(
            f"{region}-certificate", self.child(), layer="edge", zone_name=zone_name, zone_id=zone_id, place=place
        )
        api = ApiProps(
            edge=edge,
            openapi=definition.read(edge.openapi, homed),
            authorizing=authorizing_of(edge, serverless),
            serverless=serverless,
            timeout_seconds=min(function_timeout_seconds + _MARGIN_SECONDS, 29),
            domain=f"*.{zone_name}",
            certificate_arn=certificate.arn,
            logs_key_arn=security.keys.logs,
            place=place,
        )
        if edge.kind == "rest":
            rest = RestApi(f"{region}-rest", self.child(), api=api)
            if edge.waf is not None:
                Firewall(
                    f"{region}-firewall",
                    self.child(),
                    waf=edge.waf,
                    stage_arn=rest.stage.arn,
                    logs_key_arn=security.keys.logs,
                    place=place,
                )
            names = rest.domain.regional_domain_name, rest.domain.regional_zone_id
            self.outputs = EdgeOutputs(
                kind=edge.kind,
                api_name=rest.api_name,
                api_id=rest.api.id,
                stage=edge.stage,
                dns_name=names[0],
                zone_id=names[1],
            )
        else:
            http = HttpApi(
                f"{region}-http",
                self.child(),
                api=api,
                network=network,
                alarm_arn=place.arn("cloudwatch", f"alarm:{place.name('region')}"),
            )
            target = http.domain.domain_name_configuration
            self.outputs = EdgeOutputs(
                kind=edge.kind,
                api_name=http.api_name,
                api_id=http.api.id,
                stage=edge.stage,
                dns_name=target.apply(lambda known: known.target_domain_name or ""),
                zone_id=target.apply(lambda known: known.hosted_zone_id or ""),
            )
        self.done()


def authorizing_of(edge: EdgeSettings, serverless: ServerlessOutputs) -> definition.Authorizing:
    """How requests of this API are authorised."""
    wanted = edge.authorization
    if not isinstance(wanted, JwtAuthorization):
        return definition.signed_requests()
    if serverless.authorizer is not None:
        return definition.tokens_checked_by(serverless.authorizer.invoke_arn, wanted.cache_seconds)
    return definition.tokens_of(wanted.issuer, wanted.audience)
