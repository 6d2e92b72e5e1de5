"""How long to wait before a retry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.resilience.policy import RetryPolicy


def ceiling(policy: RetryPolicy, retry: int) -> float:
    """The longest wait before retry number `retry` (the first is 0), in seconds."""
    # The exponent is bounded so that a large retry count cannot overflow a float.
    return min(policy.cap_seconds, policy.base_seconds * policy.multiplier ** min(retry, 64))


def full_jitter(policy: RetryPolicy, retry: int, random: Callable[[], float]) -> float:
    """A wait drawn evenly between nothing and the ceiling; `random` gives a number in [0, 1)."""
    return ceiling(policy, retry) * random()
