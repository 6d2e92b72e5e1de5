"""The rules, one file per subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from holdfast_policies.rules.encryption import encryption
from holdfast_policies.rules.least_privilege import least_privilege
from holdfast_policies.rules.recovery import recovery

if TYPE_CHECKING:
    from holdfast_policies.rule import Subject

SUBJECTS: Final[tuple[Subject, ...]] = (encryption, recovery, least_privilege)
"""Every subject, in the order of the catalogue."""
