"""Business metrics: orders per second, active users, transaction success rate."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

from holdfast.telemetry.observer import CallObserver, CallRecord

if TYPE_CHECKING:
    from collections.abc import Callable

ACTIVE_SECONDS = 300.0
"""A user who was seen within five minutes is active."""
RATE_SECONDS = 60.0
"""Over which orders per second and the success rate are taken."""
NAMESPACE = "Application/Orders"
"""Of the metrics below, in CloudWatch."""
COUNTS = {
    "OrdersCreated": "Count",
    "TransactionsAttempted": "Count",
    "TransactionsCommitted": "Count",
    "ActiveUsers": "Count",
}
"""Names and units of `BusinessMetrics.counts()`: what processes and regions can add up, and the active users of one."""
TRANSACTIONS = frozenset({"TransactWriteItems", "ExecuteTransaction"})


class BusinessMetrics(CallObserver):
    """Counts what a business looks at.

    Active users are distinct principals in five minutes; the success rate is committed over attempted
    transactions. Both are taken from the calls themselves; orders are told with `order()`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._orders: deque[float] = deque()
        self._users: OrderedDict[str, float] = OrderedDict()
        self._transactions: deque[tuple[float, bool]] = deque()
        self._totals = {"OrdersCreated": 0, "TransactionsAttempted": 0, "TransactionsCommitted": 0}
        self._told = dict(self._totals)

    def call(self, record: CallRecord) -> None:
        """A call has ended."""
        if record.principal is not None:
            self.user(record.principal)
        if record.operation in TRANSACTIONS:
            with self._lock:
                self._totals["TransactionsAttempted"] += 1
                self._totals["TransactionsCommitted"] += record.error is None
                self._transactions.append((self._clock(), record.error is None))
                _forget(self._transactions, self._clock() - RATE_SECONDS, lambda entry: entry[0])

    def order(self) -> None:
        """An order has been made."""
        with self._lock:
            self._totals["OrdersCreated"] += 1
            self._orders.append(self._clock())
            _forget(self._orders, self._clock() - RATE_SECONDS, lambda entry: entry)

    def user(self, principal: str) -> None:
        """A user was seen."""
        with self._lock:
            now = self._clock()
            self._users[principal] = now
            self._users.move_to_end(principal)
            while self._users and next(iter(self._users.values())) < now - ACTIVE_SECONDS:
                self._users.popitem(last=False)

    def counts(self) -> dict[str, float]:
        """What has happened since this was last asked, and the active users now: by the names of `COUNTS`."""
        with self._lock:
            since = {name: float(total - self._told[name]) for name, total in self._totals.items()}
            self._told = dict(self._totals)
            now = self._clock()
            active = sum(seen >= now - ACTIVE_SECONDS for seen in self._users.values())
        return {**since, "ActiveUsers": float(active)}

    def values(self) -> dict[str, float]:
        """`OrdersPerSecond`, `ActiveUsers`, `TransactionSuccessRate` (0 to 1; 1 when there were none)."""
        with self._lock:
            now = self._clock()
            _forget(self._orders, now - RATE_SECONDS, lambda entry: entry)
            _forget(self._transactions, now - RATE_SECONDS, lambda entry: entry[0])
            active = sum(seen >= now - ACTIVE_SECONDS for seen in self._users.values())
            tried = len(self._transactions)
            committed = sum(done for _, done in self._transactions)
        return {
            "OrdersPerSecond": len(self._orders) / RATE_SECONDS,
            "ActiveUsers": float(active),
            "TransactionSuccessRate": committed / tried if tried else 1.0,
        }

    def metrics(self) -> list[dict[str, Any]]:
        """The values as PutMetricData takes them."""
        units = {"OrdersPerSecond": "Count/Second", "ActiveUsers": "Count", "TransactionSuccessRate": "None"}
        return [{"MetricName": name, "Value": value, "Unit": units[name]} for name, value in self.values().items()]


def _forget(entries: deque[Any], before: float, when: Callable[[Any], float]) -> None:
    while entries and when(entries[0]) < before:
        entries.popleft()
