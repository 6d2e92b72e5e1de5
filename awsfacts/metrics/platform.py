"""Route 53, KMS, usage against quotas and GuardDuty, from each service's "metrics" page, as of November 2026.

AWS/Usage also has series for other services and resources; the dimensions are the same for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsfacts.metrics.series import Series

PUBLISHED: Mapping[str, Series] = {
    "AWS/Route53": (
        (
            ("HealthCheckId", "HealthCheckId Region"),
            "HealthCheckStatus HealthCheckPercentageHealthy ConnectionTime SSLHandshakeTime TimeToFirstByte",
        ),
        (("HealthCheckId",), "ChildHealthCheckHealthyCount"),
        (("HostedZoneId",), "DNSQueries DNSSECInternalFailure DNSSECKeySigningKeysNeedingAction"),
    ),
    "AWS/KMS": ((("KeyId",), "SecondsUntilKeyMaterialExpiration"),),
    "AWS/Usage": ((("Service Type Resource Class",), "CallCount ResourceCount ThrottleCount"),),
    "AWS/Billing": ((("Currency", "ServiceName Currency", "LinkedAccount Currency"), "EstimatedCharges"),),
}
"""Namespace → series. Route 53 publishes in us-east-1 only."""
