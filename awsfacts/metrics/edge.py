"""API Gateway, WAF and Synthetics, from each service's "metrics" page, as of November 2026."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsfacts.metrics.series import Series

PUBLISHED: Mapping[str, Series] = {
    "AWS/ApiGateway": (
        # REST APIs; by method with detailed metrics only.
        (
            ("ApiName", "ApiName Stage", "ApiName Stage Method Resource"),
            "4XXError 5XXError CacheHitCount CacheMissCount Count IntegrationLatency Latency",
        ),
        # HTTP APIs.
        (
            ("ApiId", "ApiId Stage", "ApiId Stage Method Resource"),
            "4xx 5xx Count DataProcessed IntegrationLatency Latency",
        ),
    ),
    "AWS/WAFV2": (
        (
            ("WebACL Region Rule", "WebACL Region Rule RuleGroup"),
            "AllowedRequests BlockedRequests CountedRequests PassedRequests",
        ),
    ),
    "CloudWatchSynthetics": (
        (("CanaryName",), "Duration Failed SuccessPercent 2xx 4xx 5xx"),
        (("CanaryName StepName",), "Duration SuccessPercent"),
    ),
}
"""Namespace → series."""
