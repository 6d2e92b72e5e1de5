"""The checks that an operator may go on without."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

CHECKS = (
    "already-evacuated",
    "capacity",
    "client-order",
    "control-plane-alone",
    "key-not-enabled",
    "lag",
    "no-recovery",
    "not-evacuated",
    "operation-running",
    "quota",
    "service-unhealthy",
    "stale-flag",
    "table-missing",
    "table-not-active",
    "target-evacuated",
    "target-unreachable",
    "warm-throughput",
    "wrong-health-check",
)
"""What the plan checks, by the names that it says them with."""


def require_checks(names: Sequence[str]) -> None:
    """Stop where one of the names is no check: a word that accepts nothing must not pass for one that does.

    Raises:
        OpsError: naming those that are.
    """
    for name in names:
        if name not in CHECKS:
            near = difflib.get_close_matches(name, CHECKS, n=1)
            raise OpsError(
                f"--accept {name!r}: there is no such check",
                why=f"checks: {', '.join(CHECKS)}",
                fix=f"did you mean --accept {near[0]}?"
                if near
                else "write one of them; --plan shows which do not hold",
                code=Exit.USAGE,
            )
