"""The cases of every rule, one file per subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from holdfast_policies.testing.tables import (
    audit,
    compute,
    cost,
    edge,
    encryption,
    least_privilege,
    network,
    recovery,
    residency,
    resilience,
    tagging,
)

if TYPE_CHECKING:
    from holdfast_policies.testing.cases import Cases

ALL: Final[tuple[Cases, ...]] = (
    *encryption.CASES,
    *recovery.CASES,
    *least_privilege.CASES,
    *network.CASES,
    *edge.CASES,
    *audit.CASES,
    *resilience.CASES,
    *residency.CASES,
    *cost.CASES,
    *tagging.CASES,
    *compute.CASES,
)
"""Every table."""
