"""The retry quota: retries are paid for, so that they never multiply an outage."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.resilience.policy import RetryPolicy


class RetryQuota:
    """A token bucket that only success refills.

    While calls succeed the bucket is full. When everything fails, a client sends at most
    `quota_tokens / retry_cost` retries more than its calls, and then one send per call.
    """

    __slots__ = ("_capacity", "_lock", "_policy", "_tokens")

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._capacity = policy.quota_tokens
        self._tokens = policy.quota_tokens
        self._lock = threading.Lock()

    @property
    def tokens(self) -> int:
        """What is left."""
        return self._tokens

    def acquire(self, *, timed_out: bool) -> int:
        """Pay for a retry. Returns what was paid, 0 when the bucket has not enough."""
        cost = self._policy.timeout_cost if timed_out else self._policy.retry_cost
        with self._lock:
            if self._tokens < cost:
                return 0
            self._tokens -= cost
        return cost

    def release(self, paid: int) -> None:
        """A call succeeded: give back what its last retry cost, or the refund when it needed none."""
        if self._tokens >= self._capacity:
            return
        with self._lock:
            self._tokens = min(self._capacity, self._tokens + (paid or self._policy.refund))
