"""The firewall in front of a region's REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi

    from components.base.place import Place
    from settings.edge import WafSettings

_FIVE_MINUTES = 300
_KIB = 1024
_COUNTED_IN_COMMON = ("SizeRestrictions_BODY",)
"""Rules of the common group that are counted only: bodies above 8 KB are legal here, our own size rule judges them."""


class Firewall(Component):
    """Managed groups, rate, countries and size, in that order of cost; what is refused is logged without the token."""

    layer = "edge"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        waf: WafSettings,
        stage_arn: pulumi.Output[str],
        logs_key_arn: pulumi.Output[str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        region = place.region
        acl = aws.wafv2.WebAcl(
            f"{region}-acl",
            name=place.name("orders"),
            description=f"{place.stack}: requests to the API in {region}",
            scope="REGIONAL",
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            visibility_config=_visible("acl"),
            association_config=_inspecting(waf.body_kib),
            rules=rules(waf),
            opts=self.child(),
        )
        aws.wafv2.WebAclAssociation(
            f"{region}-acl-stage", resource_arn=stage_arn, web_acl_arn=acl.arn, opts=self.child()
        )
        # WAF takes log groups of this prefix only (WAF developer guide, "Logging").
        logs = aws.cloudwatch.LogGroup(
            f"{region}-acl-logs",
            name=f"aws-waf-logs-{place.name('orders')}",
            retention_in_days=waf.log_retention_days,
            kms_key_id=logs_key_arn,
            opts=self.child(),
        )
        aws.wafv2.WebAclLoggingConfiguration(
            f"{region}-acl-logging",
            resource_arn=acl.arn,
            log_destination_configs=[logs.arn],
            redacted_fields=[{"single_header": {"name": "authorization"}}],
            logging_filter={
                "default_behavior": "DROP",
                "filters": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "conditions": [
                            {"action_condition": {"action": "BLOCK"}},
                            {"action_condition": {"action": "COUNT"}},
                        ],
                    }
                ],
            },
            opts=self.child(),
        )
        self.done()


def rules(waf: WafSettings) -> list[Any]:
    """The rules in the order in which they are judged: the cheapest refusals first."""
    limit = waf.requests_per_five_minutes
    found: list[tuple[str, Mapping[str, Any]]] = []
    if waf.blocked_countries:
        found.append(("countries-blocked", {"geo_match_statement": {"country_codes": list(waf.blocked_countries)}}))
    if waf.allowed_countries:
        allowed = {"geo_match_statement": {"country_codes": list(waf.allowed_countries)}}
        found.append(("countries-allowed", {"not_statement": {"statements": [allowed]}}))
    found.append(("rate-address", {"rate_based_statement": _rate(limit, "IP")}))
    token = {"header": {"name": "authorization", "text_transformations": [{"priority": 0, "type": "NONE"}]}}
    found.append(("rate-token", {"rate_based_statement": _rate(limit, "CUSTOM_KEYS", [token])}))
    found.append(("size", {"size_constraint_statement": _larger_than(waf.body_kib * _KIB)}))
    own = [
        {
            "name": name,
            "priority": number,
            "action": {"block": {}},
            "statement": statement,
            "visibility_config": _visible(name),
        }
        for number, (name, statement) in enumerate(found)
    ]
    return [*own, *(_managed(group, len(own) + number) for number, group in enumerate(waf.managed_groups))]


def _rate(limit: int, by: str, keys: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    statement: dict[str, Any] = {"limit": limit, "aggregate_key_type": by, "evaluation_window_sec": _FIVE_MINUTES}
    if keys:
        statement["custom_keys"] = list(keys)
    return statement


def _larger_than(size: int) -> dict[str, Any]:
    return {
        "comparison_operator": "GT",
        "size": size,
        # A body beyond what is inspected is larger than what is allowed.
        "field_to_match": {"body": {"oversize_handling": "MATCH"}},
        "text_transformations": [{"priority": 0, "type": "NONE"}],
    }


def _managed(group: str, priority: int) -> dict[str, Any]:
    counted = _COUNTED_IN_COMMON if group == "AWSManagedRulesCommonRuleSet" else ()
    return {
        "name": group,
        "priority": priority,
        "override_action": {"none": {}},
        "statement": {
            "managed_rule_group_statement": {
                "vendor_name": "AWS",
                "name": group,
                "rule_action_overrides": [{"name": rule, "action_to_use": {"count": {}}} for rule in counted],
            }
        },
        "visibility_config": _visible(group),
    }


def _inspecting(kib: int) -> Any:
    return {"request_bodies": [{"api_gateway": {"default_size_inspection_limit": f"KB_{_inspected(kib)}"}}]}


def _visible(name: str) -> Any:
    return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": True}


def _inspected(kib: int) -> int:
    """The smallest limit of inspection of WAF that holds a body of the wanted size: 16, 32, 48 or 64 KB."""
    return next(size for size in (16, 32, 48, 64) if kib <= size)
