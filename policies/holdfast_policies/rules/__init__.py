"""The rules, one file per subject (a folder for the largest)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from holdfast_policies.rules.audit import audit
from holdfast_policies.rules.compute import compute
from holdfast_policies.rules.cost import cost
from holdfast_policies.rules.edge import edge, edge_audit
from holdfast_policies.rules.encryption import encryption
from holdfast_policies.rules.least_privilege import least_privilege
from holdfast_policies.rules.network import network
from holdfast_policies.rules.recovery import recovery
from holdfast_policies.rules.residency import residency
from holdfast_policies.rules.resilience import resilience
from holdfast_policies.rules.tagging import tagging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.rule import Rule, Subject

SUBJECTS: Final[tuple[Subject, ...]] = (
    encryption, recovery, least_privilege, network, edge, audit, edge_audit, resilience, residency, cost, tagging,
    compute,
)  # fmt: skip
"""Every subject, in the order of the catalogue."""


def catalogue() -> Iterator[Rule]:
    """Every rule there is."""
    for subject in SUBJECTS:
        yield from subject.rules
