"""`holdfast:edge`: the API in front of the service, its names, who watches it, and when a region is left."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings._base import Frozen, LogDays, RegionName, refuse
from settings.observer import CanarySettings, EvacuationSettings

ROUTING_CONTROL_MONTHLY_USD = 1_800
"""An ARC cluster costs $2.50 an hour whether used or not (ARC pricing page): 2.50 x 720 h."""


class RateSettings(Frozen):
    """Requests that are let through."""

    per_second: float = Field(gt=0)
    """Requests a second in the long run."""
    burst: int = Field(ge=1)
    """Requests at once."""


class ThrottleSettings(Frozen):
    """More than this is answered 429 before any code runs."""

    stage: RateSettings = RateSettings(per_second=1000, burst=500)
    """All routes together, each of them."""
    routes: dict[Annotated[str, Field(pattern=r"^(GET|POST|PATCH|DELETE) /.*$")], RateSettings] = Field(
        default_factory=lambda: {"POST /orders/process": RateSettings(per_second=200, burst=100)}
    )
    """Single routes, as `POST /orders`."""


class IamAuthorization(Frozen):
    """Requests are signed by an identity of AWS."""

    type: Literal["iam"]
    """Signature Version 4."""


class JwtAuthorization(Frozen):
    """Requests carry a token of an issuer, a Cognito user pool or any other.

    A user pool is regional: while its region is lost nobody logs in anew, but tokens that were given stay good, since
    every region knows the issuer's keys. An issuer outside the stack's regions has no such gap.
    """

    type: Literal["jwt"]
    """JSON Web Tokens."""
    issuer: str = Field(pattern=r"^https://[^/]+.*[^/]$")
    """Issuer, as it stands in the tokens; its keys are at `/.well-known/jwks.json` below it."""
    audience: tuple[str, ...] = Field(min_length=1)
    """Audiences of which a token names one."""
    tenant_claim: str = "tenant"
    """Claim that names the tenant whose orders the token may reach."""
    cache_seconds: int = Field(60, ge=0, le=3600)
    """How long API Gateway remembers that a token is good (`rest`)."""
    keys: str | None = None
    """The issuer's keys as a JSON Web Key Set, so that a region starts without asking the issuer; null asks it."""


Authorization = Annotated[IamAuthorization | JwtAuthorization, Field(discriminator="type")]


class WafSettings(Frozen):
    """AWS WAF in front of a REST API. It cannot be put in front of an HTTP API (WAF developer guide, "Resources")."""

    requests_per_five_minutes: int = Field(2_000, ge=10)
    """Requests of one address, and of one token, in five minutes (reference architecture: 2,000)."""
    blocked_countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    """Countries (ISO 3166) that are refused."""
    allowed_countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    """Countries that alone are served; empty serves all that are not blocked."""
    body_kib: int = Field(64, ge=8, le=64)
    """Largest body; WAF looks at no more than 64 KiB of a body at API Gateway."""
    managed_groups: tuple[str, ...] = (
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesAmazonIpReputationList",
    )
    """Rule groups that AWS keeps. The SQL group judges tables that this service does not have."""
    log_retention_days: LogDays = 90
    """How long requests that were refused or counted are kept."""


def _accepted(value: int) -> int:
    if value < ROUTING_CONTROL_MONTHLY_USD:
        refuse(
            f"routing controls cost about ${ROUTING_CONTROL_MONTHLY_USD:,} a month; {value} accepts less",
            f"write {ROUTING_CONTROL_MONTHLY_USD}, or remove routing_controls: health checks, the flag and Region "
            "switch move traffic without them",
        )
    return value


class RoutingControlSettings(Frozen):
    """ARC routing controls: switches with a data plane in five regions, and rules that forbid to switch all off."""

    accept_monthly_usd: Annotated[int, AfterValidator(_accepted)]
    """The price that is accepted, in US dollars a month (about 1,800)."""
    wait_seconds: int = Field(5, ge=0)
    """How long a safety rule looks before it lets a switch through."""


class EdgeSettings(Frozen):
    """One API a region, one name for all."""

    kind: Literal["rest", "http"] = "rest"
    """`rest`: $3.50 a million requests; takes WAF and checks requests against the OpenAPI document. `http`: $1.00 a
    million, 30 to 60 % less latency of its own, native JWT; neither WAF nor request validation, and private
    integration by a VPC link (API Gateway developer guide, "Choose between REST APIs and HTTP APIs")."""
    openapi: str = "services/orders/openapi.json"
    """The service's OpenAPI document: its routes become the API's, its schemas check the requests."""
    stage: str = Field("live", pattern=r"^[a-z][a-z0-9]*$")
    """Name of the stage, and of the function's alias behind it."""
    authorization: Authorization
    """Who may ask."""
    public_paths: tuple[str, ...] = ("/health", "/health/deep", "/ready", "/regions", "/openapi.json")
    """Paths that anybody may ask: health checks carry no token, and a client must learn which regions are in use."""
    throttle: ThrottleSettings = ThrottleSettings()
    """Limits of requests."""
    waf: WafSettings | None = None
    """Web application firewall; for `rest` only."""
    private_integration: bool = False
    """Whether requests go through a VPC link and an internal load balancer to the function; for `http` only. The load
    balancer takes part in zonal shift and its practice runs."""
    weights: dict[RegionName, Annotated[int, Field(ge=0, le=255)]] = Field(default_factory=dict)
    """Region → weight under `weighted.`; empty makes no such name."""
    shallow_path: str = Field("/health", pattern=r"^/")
    """Path that says whether the process answers; the deep one is `holdfast:recovery.health_checks.path`."""
    observer: RegionName
    """Region that serves nothing and looks at the others."""
    canaries: CanarySettings = CanarySettings()
    """Journeys of a made-up customer."""
    evacuation: EvacuationSettings = EvacuationSettings()
    """When a region is left."""
    routing_controls: RoutingControlSettings | None = None
    """ARC routing controls; absent, Region switch, health checks and the flag do it."""
    access_log_days: int = Field(90, ge=1)
    """How long access logs are kept."""
    own_account_settings: bool = True
    """Whether this stack owns the account's role by which API Gateway writes logs; one a region."""
