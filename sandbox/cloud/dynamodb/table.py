"""One table of one region: its items, indexes, stream and change log."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from sandbox.cloud.dynamodb.changelog import ChangeLog
from sandbox.cloud.dynamodb.collection import Collection
from sandbox.cloud.dynamodb.errors import invalid
from sandbox.cloud.dynamodb.index import Index
from sandbox.cloud.dynamodb.keys import KeySchema, Token, check_index_keys
from sandbox.cloud.dynamodb.stream import Stream
from sandbox.cloud.dynamodb.values import MAX_ITEM_BYTES, Item, item_size
from sandbox.cloud.replication import Change, Register, Version

TTL_IDENTITY = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
"""Who deletes expired items, as stream records name it."""


class Table:
    """A table. Items are never changed in place: a write puts a new one."""

    def __init__(self, *, name: str, region: str, account: str, schema: KeySchema, definitions: dict[str, str]) -> None:
        self.name = name
        self.region = region
        self.account = account
        self.schema = schema
        self.definitions = definitions
        self.arn = f"arn:aws:dynamodb:{region}:{account}:table/{name}"
        self.id = str(uuid.uuid4())
        self.created = time.time()
        self.status = "ACTIVE"
        self.items: dict[Token, Item] = {}
        self.collection = Collection()
        self.indexes: dict[str, Index] = {}
        self.register = Register(region)
        self.stream: Stream | None = None
        self.old_streams: list[Stream] = []
        self.changes = ChangeLog()
        self.before_local_write: Callable[[Table, Token], None] | None = None
        """Refuses a write that another region is making (strong tables)."""
        self.on_local_write: Callable[[Table, Change], None] | None = None
        # What is recorded of it and read back.
        self.billing_mode = "PROVISIONED"
        self.throughput: dict[str, Any] = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
        self.on_demand: dict[str, Any] | None = None
        self.warm: dict[str, Any] | None = None
        self.billing_changed: float | None = None
        self.table_class: str | None = None
        self.sse: dict[str, Any] | None = None
        self.key_disabled = False
        self.deletion_protection = False
        self.tags: dict[str, str] = {}
        self.ttl_attribute: str | None = None
        self.pitr_days: int | None = None
        self.pitr_since = 0.0
        self.policy: str | None = None
        self.policy_revision = ""
        self.insights: dict[str | None, dict[str, Any]] = {}
        self.kinesis: dict[str, dict[str, Any]] = {}
        self.restore: dict[str, Any] | None = None

    @property
    def local_indexes(self) -> list[Index]:
        """The local secondary indexes."""
        return [index for index in self.indexes.values() if not index.is_global]

    @property
    def global_indexes(self) -> list[Index]:
        """The global secondary indexes."""
        return [index for index in self.indexes.values() if index.is_global]

    def get(self, key: Item) -> Item | None:
        """The item of a checked key."""
        return self.items.get(self.schema.token(key))

    def check(self, item: Item, *, updated: bool = False) -> None:
        """Refuse an item that is too large, or whose index keys do not fit.

        Raises:
            ServiceError: it is.
        """
        for index in self.indexes.values():
            check_index_keys(index.name, index.schema, item, self.schema.names)
        if item_size(item) > MAX_ITEM_BYTES:
            if updated:
                raise invalid("Item size to update has exceeded the maximum allowed size")
            raise invalid("Item size has exceeded the maximum allowed size")

    def write(self, token: Token, new: Item | None, *, identity: dict[str, str] | None = None) -> list[Index]:
        """Put or delete (None) an item here and now; says which indexes changed.

        Deleting what is not there is no write.

        Raises:
            ServiceError: another region is writing the same item (strong tables).
        """
        old = self.items.get(token)
        if old is None and new is None:
            return []
        if self.before_local_write is not None:
            self.before_local_write(self, token)
        now_ns = time.time_ns()
        version = self.register.stamp(token, now_ns, deleted=new is None)
        touched = self._store(token, old, new, version.time_ns, identity)
        if self.on_local_write is not None:
            self.on_local_write(self, Change(token, new, version))
        return touched

    def receive(self, change: Change) -> None:
        """Store a change from another replica, which the register has accepted."""
        token: Token = change.key  # type: ignore[assignment]  # a table's keys are tokens
        old = self.items.get(token)
        if old is not None or change.item is not None:
            self._store(token, old, change.item, time.time_ns(), None)

    def load(self, items: list[Item]) -> None:
        """Fill a new table (restore, import): no stream records."""
        for item in items:
            token = self.schema.token(item)
            version = self.register.stamp(token, time.time_ns(), deleted=False)
            self._place(token, self.items.get(token), item)
            self.changes.add(version.time_ns, token, item)

    def _store(
        self, token: Token, old: Item | None, new: Item | None, time_ns: int, identity: dict[str, str] | None
    ) -> list[Index]:
        touched = self._place(token, old, new)
        if self.pitr_days is not None:
            self.changes.add(time_ns, token, new)
        if self.stream is not None and self.stream.enabled and old != new:
            keys = self.schema.of(new if new is not None else old or {})
            self.stream.add(keys, old, new, time_ns, identity)
        return touched

    def _place(self, token: Token, old: Item | None, new: Item | None) -> list[Index]:
        touched = [index for index in self.indexes.values() if index.update(old, new)]
        if new is None:
            if old is not None:
                del self.items[token]
                self.collection.remove(token[0], self.schema.sort_value(old))
        else:
            self.items[token] = new
            self.collection.put(token[0], self.schema.sort_value(new), new)
        return touched

    def add_index(self, index: Index) -> None:
        """Add an index, filled from the items."""
        self.indexes[index.name] = index
        for item in self.items.values():
            index.update(None, item)

    def version_of(self, token: Token) -> Version | None:
        """The version of an item or of its tombstone."""
        return self.register.versions.get(token)

    def bytes(self) -> int:
        """Bytes of all items."""
        return sum(item_size(item) for item in self.items.values())

    def enable_stream(self, view: str) -> None:
        """Begin a new stream."""
        self.stream = Stream(self.arn, self.name, self.region, view, self.schema)

    def disable_stream(self) -> None:
        """End the stream; its records stay readable."""
        if self.stream is not None:
            self.stream.close()
            self.old_streams.append(self.stream)
            self.stream = None

    def enable_recovery(self, days: int) -> None:
        """Begin to log changes for restores to a point in time."""
        if self.pitr_days is None:
            self.pitr_since = time.time()
            self.changes.start(dict(self.items), time.time_ns())
        self.pitr_days = days

    def disable_recovery(self) -> None:
        """Throw the change log away."""
        self.pitr_days = None
        self.changes = ChangeLog()
