"""Limits that AWS publishes for its services, as of November 2026."""

from __future__ import annotations

PITR_DAYS = (1, 35)
"""Shortest and longest recovery window of a DynamoDB table (DynamoDB developer guide, "Point-in-time recovery")."""

KEY_ATTRIBUTE_NAME_LENGTH = 255
"""Longest name of a key attribute in bytes (DynamoDB developer guide, "Quotas: Attribute names")."""

WARM_READ_UNITS = 12_000
"""Read units a second that every on-demand table takes at once (DynamoDB developer guide, "Warm throughput")."""

WARM_WRITE_UNITS = 4_000
"""Write units a second that every on-demand table takes at once (DynamoDB developer guide, "Warm throughput")."""

TABLE_THROUGHPUT_QUOTA = 40_000
"""Read and write units a second of a table by default; a replica hangs where it is below the warm throughput."""

STRONG_REPLICAS = 3
"""Replicas, or replicas and a witness, of a strongly consistent global table."""

TABLE_INDEXES = 20
"""Global secondary indexes of a table (DynamoDB developer guide, "Quotas", default)."""

COLD_STORAGE_DAYS = 90
"""Days that a recovery point stays in cold storage at least (AWS Backup developer guide, "Backup plan options")."""

LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Days that CloudWatch Logs can keep what is written (API reference, "PutRetentionPolicy")."""

ROLE_POLICY_CHARACTERS = 10_240
"""Characters of a role's inline policies together, without blanks (IAM user guide, "IAM and AWS STS quotas")."""
