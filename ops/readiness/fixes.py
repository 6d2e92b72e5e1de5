"""What to do about a line that failed."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.readiness.finding import Finding

LAYERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "data": (
            "autoscaling", "backup-plan", "backup-retention", "capacity-mode", "ceilings", "cross-region-backup",
            "deletion-protection", "encryption-at-rest", "exports", "index-capacity", "indexes", "key-cardinality",
            "key-in-region", "point-in-time-recovery", "recovery-tags", "recovery-window", "replication",
            "restore-testing", "scaling-figures", "streams", "tags", "ttl", "vault-lock",
        ),
        "network": (
            "closed-default-group", "flow-logs", "gateway-per-zone", "log-retention", "network-acls",
            "private-services", "vpc-endpoints", "zones",
        ),
        "security": (
            "access-analyzer", "audit-retention", "audit-trail", "buckets", "change-audit", "item-access",
            "key-replicas", "key-rotation", "least-privilege", "secrets", "threat-detection",
        ),
        "cache": ("cache-figures", "cache-replicas", "dax-encryption", "redis-resilience"),
        "compute": (
            "client-settings", "cluster", "cluster-zones", "disruption-budget", "efficient-processors", "entrance",
            "images", "network-policy", "node-disks", "nodes", "pod-identity", "pod-scaling",
            "pod-security", "pod-zones", "probes",
        ),
        "serverless": ("functions", "releases", "warm-functions"),
        "edge": (
            "access-logs", "api-throttling", "api-validation", "canaries", "canary-rate", "firewall",
            "firewall-groups", "rate-rules", "transport",
        ),
        "monitoring": (
            "alarm-thresholds", "alarms", "backup-alarm", "dashboard-contents", "dashboards", "latency-monitoring",
            "region-alarm", "replication-latency", "service-alarms", "throttling-alerts", "topics",
            "tracing",
        ),
        "recovery": (
            "detection-time", "drill-reminder", "failover-plan", "failover-records", "health-checks", "routing",
            "stop-conditions",
        ),
        "cost": ("allocation-tags", "budget", "cost-anomalies"),
    }
)  # fmt: skip
"""Layer of the stack file → the lines that its deployment shows."""
OTHERWISE: Mapping[str, str] = MappingProxyType(
    {
        "recipients": "name somebody under holdfast:monitoring.subscriptions, then holdfast up",
        "capacity-report": "holdfast capacity --month, each month",
    }
)
"""Line → what helps where a deployment alone does not."""


def fix_of(finding: Finding) -> str:
    """What makes a failed finding pass.

    Raises:
        KeyError: the line is of no layer, and no evidence either.
    """
    line, subject = finding.line, finding.id.partition("/")[2]
    if line in OTHERWISE:
        return OTHERWISE[line]
    if line in ("evidence", "objectives"):
        if subject == "proof":
            return "holdfast prove"
        if subject == "restore":
            return "holdfast restore TABLE --verify"
        return f"holdfast drill run {subject.removeprefix('drill:') if line == 'evidence' else 'region-loss'}"
    for layer, lines in LAYERS.items():
        if line in lines:
            return f"deploy holdfast:{layer} as the stack file has it (holdfast up; docs/layers/{layer}.md)"
    raise KeyError(line)
