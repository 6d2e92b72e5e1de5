"""Planted faults for the comparison, each written twice: as CloudFormation and as what Pulumi registers.

A case is a small sound program and the same with one fault. The faults are those that reviews of DynamoDB applications
look for: the controls of AWS's foundational best practices for these services, and mistakes that are known to hurt
global tables, IAM policies and alarms. None is taken from a tool's own examples.
"""

from __future__ import annotations

from benchmarks.comparison.cases.access import ACCESS
from benchmarks.comparison.cases.model import Case, Part
from benchmarks.comparison.cases.network import NETWORK
from benchmarks.comparison.cases.operations import OPERATIONS
from benchmarks.comparison.cases.stores import STORES

CASES: tuple[Case, ...] = (*STORES, *ACCESS, *NETWORK, *OPERATIONS)
"""All of them, by subject."""

__all__ = ["CASES", "Case", "Part"]
