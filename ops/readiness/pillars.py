"""The six pillars of the Well-Architected Framework, and the lines that belong to each."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PILLARS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "operational excellence": (
            "alarms", "latency-monitoring", "dashboards", "tracing", "topics", "region-alarm", "canaries", "evidence",
            "stop-conditions", "cluster", "access-logs", "releases", "tags", "delivery", "people", "alarm-thresholds",
            "service-alarms", "dashboard-contents", "recipients", "drill-reminder", "canary-rate", "images",
            "cluster-tools",
        ),
        "security": (
            "encryption-at-rest", "least-privilege", "vpc-endpoints", "key-rotation", "key-replicas", "audit-trail",
            "change-audit", "threat-detection", "flow-logs", "closed-default-group", "dax-encryption", "firewall",
            "api-validation", "log-retention", "key-in-region", "buckets", "transport", "rate-rules", "identity",
            "residency", "network-acls", "private-services", "item-access", "secrets", "audit-retention",
            "access-analyzer", "network-policy", "pod-security", "pod-identity", "node-disks", "entrance",
            "firewall-groups", "account",
        ),
        "reliability": (
            "point-in-time-recovery", "backup-plan", "cross-region-backup", "replication", "replication-latency",
            "deletion-protection", "health-checks", "failover-records", "detection-time", "failover-plan", "vault-lock",
            "restore-testing", "exports", "redis-resilience", "objectives", "zones", "gateway-per-zone",
            "backup-retention", "recovery-window", "cache-replicas", "cluster-zones", "recovery-tags",
            "relational", "search", "streaming", "messaging", "files", "instances", "routing", "backup-alarm", "probes",
            "pod-zones", "disruption-budget", "nodes", "client-settings", "streams",
        ),
        "performance efficiency": (
            "capacity-mode", "autoscaling", "throttling-alerts", "key-cardinality", "index-capacity", "functions",
            "api-throttling", "warm-functions", "content-delivery", "scaling-figures", "pod-scaling",
            "indexes", "cache-figures",
        ),
        "cost optimization": ("budget", "cost-anomalies", "allocation-tags", "ceilings", "capacity-report"),
        "sustainability": ("ttl", "efficient-processors"),
    }
)  # fmt: skip
"""Pillar → lines. What expires is not stored, and Arm takes less energy for the same work."""


def pillar_of(line: str) -> str:
    """The pillar of a line; every line has one.

    Raises:
        KeyError: the line is of no pillar.
    """
    for pillar, lines in PILLARS.items():
        if line in lines:
            return pillar
    raise KeyError(line)
