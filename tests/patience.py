"""What tests use where a busy machine may stand still for seconds, and nothing is wrong with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from holdfast.resilience import TimeoutPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENT = TimeoutPolicy(minimum_seconds=60, attempt_seconds=60, scan_seconds=60, call_seconds=120)
"""Gives no attempt up that will be answered; what timeouts do is tested where they are short."""


def until(holds: Callable[[], object], what: str = "what is waited for", *, seconds: float = 60.0) -> None:
    """Return when `holds` does; it is asked again and again.

    Raises:
        AssertionError: it did not within that many seconds.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.02)
