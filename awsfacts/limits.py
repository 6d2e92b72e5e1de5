"""Limits that AWS publishes for its services, as of November 2026."""

from __future__ import annotations

PITR_DAYS = (1, 35)
"""Shortest and longest recovery window of a DynamoDB table (DynamoDB developer guide, "Point-in-time recovery")."""

KEY_ATTRIBUTE_NAME_LENGTH = 255
"""Longest name of a key attribute in bytes (DynamoDB developer guide, "Quotas: Attribute names")."""

TABLE_INDEXES = 20
"""Global secondary indexes of a table (DynamoDB developer guide, "Quotas", default)."""
