"""What the nodes of a cluster share: caches, attribute lists, and the tables behind them."""

from __future__ import annotations

import json
from typing import Any

from sandbox.cloud.dax.cache import ABSENT, Cache
from sandbox.cloud.dax.tables import AttributeLists, Tables
from sandbox.cloud.dax.wire import Item

_BATCH = 25


class Cluster:
    """One cluster. Reads that need not be consistent are cached; writes go through to DynamoDB first."""

    def __init__(self, tables: Tables, ports: list[int], *, record_ttl: float, query_ttl: float) -> None:
        self.tables = tables
        self.lists = AttributeLists()
        self.items = Cache(record_ttl)
        self.queries = Cache(query_ttl)
        self._ports = ports
        self._gone: set[int] = set()

    def nodes(self) -> list[tuple[int, int]]:
        """Number and port of every node that lives; the first leads."""
        return [(number, port) for number, port in enumerate(self._ports) if number not in self._gone]

    def remove(self, number: int) -> None:
        """A node is gone: discovery no longer names it."""
        self._gone.add(number)

    def _place(self, table: str, key: Item) -> tuple[str, str]:
        names = [name for name, _ in self.tables.schema(table)]
        return table, json.dumps([key[name] for name in names])

    def get_item(self, table: str, key: Item, params: dict[str, Any]) -> tuple[Item | None, dict[str, Any] | None]:
        """An item, whole, and the capacity that it took (None from the cache, where nobody asked)."""
        place = self._place(table, key)
        if not params.get("ConsistentRead"):
            cached = self.items.get(place)
            if cached is not ABSENT:
                mode = params.get("ReturnConsumedCapacity", "NONE")
                return cached, None if mode == "NONE" else {"TableName": table, "CapacityUnits": 0}
        request: dict[str, Any] = {"TableName": table, "Key": key}
        for name in ("ConsistentRead", "ReturnConsumedCapacity"):
            if name in params:
                request[name] = params[name]
        result = self.tables.ask("GetItem", request)
        item = result.get("Item")
        if not params.get("ConsistentRead"):
            self.items.put(place, item)
        return item, result.get("ConsumedCapacity")

    def put_item(self, table: str, item: Item, params: dict[str, Any]) -> dict[str, Any]:
        """Put an item into DynamoDB, then into the cache."""
        result = self.tables.ask("PutItem", {"TableName": table, "Item": item, **params})
        self.items.put(self._place(table, item), item)
        return result

    def update_item(self, table: str, key: Item, params: dict[str, Any]) -> dict[str, Any]:
        """Update an item in DynamoDB; the cached one is forgotten."""
        result = self.tables.ask("UpdateItem", {"TableName": table, "Key": key, **params})
        self.items.drop(self._place(table, key))
        return result

    def delete_item(self, table: str, key: Item, params: dict[str, Any]) -> dict[str, Any]:
        """Delete an item from DynamoDB; the cache knows that it is gone."""
        result = self.tables.ask("DeleteItem", {"TableName": table, "Key": key, **params})
        self.items.put(self._place(table, key), None)
        return result

    def batch_get(self, table: str, keys: list[Item], params: dict[str, Any]) -> list[Item]:
        """Items by their keys, whole; those that are not cached from DynamoDB."""
        found: list[Item] = []
        missing = []
        for key in keys:
            cached = ABSENT if params.get("ConsistentRead") else self.items.get(self._place(table, key))
            if cached is ABSENT:
                missing.append(key)
            elif cached is not None:
                found.append(cached)
        while missing:
            request = {table: {"Keys": missing, "ConsistentRead": bool(params.get("ConsistentRead"))}}
            result = self.tables.ask("BatchGetItem", {"RequestItems": request})
            got: list[Item] = result["Responses"].get(table, [])
            unprocessed = result.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            if not params.get("ConsistentRead"):
                for key in missing:
                    if key not in unprocessed:
                        self.items.put(self._place(table, key), None)
                for item in got:
                    self.items.put(self._place(table, item), item)
            found += got
            missing = unprocessed
        return found

    def batch_write(self, writes: dict[str, list[tuple[Item, Item | None]]]) -> None:
        """Put and delete items, in DynamoDB and then in the cache."""
        request = {
            table: [
                {"DeleteRequest": {"Key": key}} if item is None else {"PutRequest": {"Item": item}}
                for key, item in entries
            ]
            for table, entries in writes.items()
        }
        self.tables.ask("BatchWriteItem", {"RequestItems": request})
        for table, entries in writes.items():
            for key, item in entries:
                self.items.put(self._place(table, key), item)

    def search(self, operation: str, table: str, params: dict[str, Any]) -> dict[str, Any]:
        """A query or scan, whole items; the same request within the query cache's time has the same answer."""
        request = {"TableName": table, **params}
        place = (operation, json.dumps(request, sort_keys=True))
        cached = ABSENT if params.get("ConsistentRead") else self.queries.get(place)
        if cached is not ABSENT:
            answer: dict[str, Any] = cached
            return answer
        result = self.tables.ask(operation, request)
        if not params.get("ConsistentRead"):
            self.queries.put(place, result)
        return result
