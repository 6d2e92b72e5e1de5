"""What happens by itself: replication when it is due, expiry, forgetting tombstones."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal, InvalidOperation

from sandbox.cloud.dynamodb.database import Database
from sandbox.cloud.dynamodb.keys import Token
from sandbox.cloud.dynamodb.table import TTL_IDENTITY, Table

EXPIRY_SECONDS = 1.0
"""How often expired items are looked for. DynamoDB promises days; a test waits for seconds."""

_MAX_AGE_SECONDS = 5 * 365 * 86400
"""An expiry further back than five years is ignored, as DynamoDB does."""

_PRUNE_SECONDS = 60.0
_TOMBSTONE_NS = 60 * 10**9


class Upkeep:
    """Runs in the server's event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        database.wake = self.wake
        self._loop.call_later(EXPIRY_SECONDS, self._expire)
        self._loop.call_later(_PRUNE_SECONDS, self._prune)

    def wake(self) -> None:
        """Something was written, or a way has opened: deliver what is due, and set the timer for what is not."""
        if self._timer is not None:
            if self._timer.when() <= self._loop.time():
                return  # it is about to run
            self._timer.cancel()
            self._timer = None
        due = [
            time for time in (group.group.next_due() for group in self._database.globals.values()) if time is not None
        ]
        if due:
            delay = max(0.0, min(due) - self._database.clock())
            self._timer = self._loop.call_later(delay, self._deliver)

    def _deliver(self) -> None:
        self._timer = None
        now, now_ns = self._database.clock(), time.time_ns()
        for group in self._database.globals.values():
            group.deliver(now, now_ns)
        self.wake()

    def _expire(self) -> None:
        now = time.time()
        for table in list(self._database.tables()):
            group = self._database.globals.get(table.name)
            # One replica deletes, the others hear of it.
            if table.ttl_attribute is not None and (group is None or table.region == group.home):
                tokens = expired(table, now)
                if self._database.expire is not None and tokens:
                    self._database.expire(table, tokens)
                else:
                    for token in tokens:
                        table.write(token, None, identity=TTL_IDENTITY)
        self._loop.call_later(EXPIRY_SECONDS, self._expire)

    def _prune(self) -> None:
        for group in self._database.globals.values():
            group.group.prune(time.time_ns(), _TOMBSTONE_NS)
        for table in self._database.tables():
            if table.name not in self._database.globals:
                table.register.prune(time.time_ns() - _TOMBSTONE_NS)
        self._loop.call_later(_PRUNE_SECONDS, self._prune)


def expired(table: Table, now: float) -> list[Token]:
    """The keys of what has expired by a time in seconds since the epoch."""
    name = table.ttl_attribute
    if name is None:
        return []
    gone = []
    for token, item in table.items.items():
        value = item.get(name, {}).get("N")
        if value is None:
            continue
        try:
            seconds = float(Decimal(value))
        except (InvalidOperation, OverflowError):
            continue
        if now - _MAX_AGE_SECONDS < seconds < now:
            gone.append(token)
    return gone
