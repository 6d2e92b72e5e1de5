"""Secondary indexes: which items they hold, and what they show of them."""

from __future__ import annotations

from typing import Any

from sandbox.cloud.dynamodb.collection import Collection, Sort
from sandbox.cloud.dynamodb.keys import KeySchema
from sandbox.cloud.dynamodb.values import Item, item_size, kind


class Index:
    """A global or local secondary index of a table."""

    def __init__(
        self, name: str, schema: KeySchema, table: KeySchema, projection: dict[str, Any], *, is_global: bool
    ) -> None:
        self.name = name
        self.schema = schema
        self.projection = projection
        self.is_global = is_global
        self.throughput: dict[str, Any] | None = None
        self.on_demand: dict[str, Any] | None = None
        self.warm: dict[str, Any] | None = None
        self.status = "ACTIVE"
        self.collection = Collection()
        self._table = table
        self._shown: frozenset[str] | None = None
        if projection["ProjectionType"] != "ALL":
            extra = projection.get("NonKeyAttributes", ()) if projection["ProjectionType"] == "INCLUDE" else ()
            self._shown = frozenset({*table.names, *schema.names, *extra})

    @property
    def shows_all(self) -> bool:
        """Whether every attribute is projected."""
        return self._shown is None

    def shows(self, attribute: str) -> bool:
        """Whether an attribute is projected."""
        return self._shown is None or attribute in self._shown

    def project(self, item: Item) -> Item:
        """What the index shows of an item."""
        if self._shown is None:
            return item
        return {name: value for name, value in item.items() if name in self._shown}

    def holds(self, item: Item) -> bool:
        """Whether an item is in the index: it has the index's key attributes."""
        return all(
            attribute.name in item and kind(item[attribute.name]) == attribute.type
            for attribute in self.schema.attributes
        )

    def place(self, item: Item) -> tuple[str, Sort]:
        """Where an item that the index holds stands in it."""
        partition = self.schema.partition_text(item)
        tie = self._table.token(item)
        return partition, (*self.schema.sort_value(item), *tie[:1], *self._table.sort_value(item))

    def update(self, old: Item | None, new: Item | None) -> bool:
        """Follow a change of the table; says whether the index changed."""
        was = old is not None and self.holds(old)
        is_now = new is not None and self.holds(new)
        place = self.place(new) if is_now and new is not None else None
        if was and old is not None:
            before = self.place(old)
            if place != before:
                self.collection.remove(*before)
        if place is not None and new is not None:
            self.collection.put(*place, new)
        return (was or is_now) and not (
            was and is_now and old is not None and new is not None and self.project(old) == self.project(new)
        )

    def bytes(self) -> int:
        """Bytes of what it shows."""
        return sum(item_size(self.project(item)) for item in self.collection)
