"""SELECT: one page of the items that a statement names."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.cloud.dynamodb import capacity, paths
from sandbox.cloud.dynamodb.errors import ServiceError, invalid, invalid_values
from sandbox.cloud.dynamodb.expressions import holds
from sandbox.cloud.dynamodb.expressions.nodes import Node
from sandbox.cloud.dynamodb.operations.reading import PAGE_BYTES, attributes
from sandbox.cloud.dynamodb.partiql.bind import joined
from sandbox.cloud.dynamodb.partiql.keys import reach
from sandbox.cloud.dynamodb.partiql.nodes import Select
from sandbox.cloud.dynamodb.values import Item, item_size

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.collection import Entry
    from sandbox.cloud.dynamodb.index import Index
    from sandbox.cloud.dynamodb.request import Params
    from sandbox.cloud.dynamodb.table import Table


class Reader:
    """One SELECT, ready to be read."""

    def __init__(self, table: Table, select: Select, where: Node | None, params: Params) -> None:
        """Find out what is walked over.

        Raises:
            ServiceError: the index is not there or does not show what is asked for, or the order cannot be had.
        """
        self._table = table
        self._select = select
        self._params = params
        self._consistent = bool(params.get("ConsistentRead"))
        self._index = self._named(select.source.index_name)
        self._schema = table.schema if self._index is None else self._index.schema
        self._reach = reach(self._schema, where)
        self._filter = joined(list(self._reach.rest))
        self._fetched = self._check_projection()
        self._refuse_unprojected_filter()
        self._forward = self._direction(where)
        self._mark = hashlib.sha256(repr((select, where)).encode()).hexdigest()[:16]

    def _named(self, name: str | None) -> Index | None:
        if name is None:
            return None
        index = self._table.indexes.get(name)
        if index is None:
            raise invalid(f"The table does not have the specified index: {name}")
        if index.is_global and self._consistent:
            raise invalid("Consistent reads are not supported on global secondary indexes")
        return index

    def _check_projection(self) -> bool:
        """Whether items are fetched from the table behind a local index that does not show all that is asked for."""
        if self._index is None:
            return False
        names = [str(column.path[0]) for column in self._select.columns]
        hidden = [name for name in names if not self._index.shows(name)]
        if hidden and self._index.is_global:
            raise invalid_values(
                f"Global secondary index {self._index.name} does not project [{', '.join(dict.fromkeys(hidden))}]"
            )
        return bool(hidden)

    def _refuse_unprojected_filter(self) -> None:
        if self._index is None or self._reach.partitions is None:
            return
        hidden = {name for node in self._reach.rest for name in attributes(node) if not self._index.shows(name)}
        if hidden:
            kind = "Global" if self._index.is_global else "Local"
            raise invalid_values(
                f"{kind} secondary index {self._index.name} does not project [{', '.join(sorted(hidden))}]"
            )

    def _direction(self, where: Node | None) -> bool:
        if not self._select.order:
            return True
        if where is None:
            raise invalid("Must have WHERE clause in the statement when using ORDER BY clause.")
        if self._reach.partitions is None:
            raise invalid(
                "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
            )
        down = False
        for name, descending in self._select.order:
            if name not in self._schema.names:
                raise invalid(f"Variable reference {name} in ORDER BY clause must be part of the primary key")
            if self._schema.sort is not None and name == self._schema.sort.name:
                down = descending
        return not down

    def page(self) -> dict[str, Any]:
        """Read a page: items, a token where more may follow, and what it cost."""
        limit = self._params.get("Limit")
        found: list[Item] = []
        last: Item | None = None
        scanned = total = 0
        more = False
        for entry in self._entries():
            shown = entry.item if self._index is None else self._index.project(entry.item)
            total += item_size(entry.item if self._fetched else shown)
            scanned += 1
            last = entry.item
            if self._filter is None or holds(self._filter, shown):
                found.append(self._columns(entry.item if self._fetched else shown))
            if (limit is not None and scanned >= limit) or total >= PAGE_BYTES:
                more = True
                break
        result: dict[str, Any] = {"Items": found}
        if more and last is not None:
            names = dict.fromkeys((*self._schema.names, *self._table.schema.names))
            result["LastEvaluatedKey"] = {name: last[name] for name in names}
            result["NextToken"] = self._token(result["LastEvaluatedKey"])
        consumed = self._capacity(total, scanned)
        if consumed is not None:
            result["ConsumedCapacity"] = consumed
        return result

    def _entries(self) -> Iterator[Entry]:
        collection = self._table.collection if self._index is None else self._index.collection
        start = self._start()
        if self._reach.partitions is None:
            yield from collection.scan(after=self._place(start) if start is not None else None)
            return
        for value in self._remaining(start):
            partition = value[self._schema.partition.type]
            after = None
            if start is not None and start[self._schema.partition.name] == value:
                after = self._place(start)[1]
            for entry in collection.walk(partition, after=after, forward=self._forward):
                if self._reach.admits(entry.item, self._schema.sort):
                    yield entry

    def _remaining(self, start: Item | None) -> list[Any]:
        partitions = list(self._reach.partitions or ())
        if start is None:
            return partitions
        return partitions[partitions.index(start[self._schema.partition.name]) :]

    def _place(self, key: Item) -> tuple[str, tuple[Any, ...]]:
        if self._index is not None:
            return self._index.place(key)
        return key[self._schema.partition.name][self._schema.partition.type], self._schema.sort_value(key)

    def _columns(self, item: Item) -> Item:
        if not self._select.columns:
            return item
        row: Item = {}
        for position, column in enumerate(self._select.columns, 1):
            value = paths.get(item, column.path)
            if value is not None:
                name = column.path[-1]
                row[name if isinstance(name, str) else f"_{position}"] = value
        return row

    def _capacity(self, total: int, scanned: int) -> dict[str, Any] | None:
        mode = self._params.get("ReturnConsumedCapacity")
        units = capacity.read_units(total, consistent=self._consistent)
        if self._index is None:
            return capacity.document(self._table, mode, units)
        fetched = scanned * capacity.read_units(1, consistent=self._consistent) if self._fetched else 0.0
        return capacity.document(self._table, mode, fetched, {self._index.name: units})

    # Tokens.

    def _token(self, key: Item) -> str:
        return base64.urlsafe_b64encode(orjson.dumps({"statement": self._mark, "key": key})).decode()

    def _start(self) -> Item | None:
        token = self._params.get("NextToken")
        if token is None:
            return None
        try:
            content = orjson.loads(base64.urlsafe_b64decode(token))
            mark, key = content["statement"], content["key"]
        except (binascii.Error, ValueError, TypeError, KeyError):
            raise _foreign() from None
        if mark != self._mark:
            raise _foreign()
        start: Item = key
        return start


def _foreign() -> ServiceError:
    return invalid("NextToken does not match request")
