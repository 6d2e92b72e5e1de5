"""Reports of what the packs say: SARIF for code scanning, JUnit for CI, JSON for programs, a table for people."""

from __future__ import annotations

from holdfast_policies.reports.data import as_json, document
from holdfast_policies.reports.junit import junit
from holdfast_policies.reports.sarif import sarif
from holdfast_policies.reports.table import table

__all__ = ["as_json", "document", "junit", "sarif", "table"]
