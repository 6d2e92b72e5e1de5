"""The tables of one region in memory, with the service's semantics for item operations.

Conditions, updates, projections, transactions, tokens, pages and replication by the last write. Not here:
throughput, limits of size, TTL deletion, PartiQL.
"""

from __future__ import annotations

import copy
import re
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from holdfast import errors
from holdfast.resilience import evaluate
from holdfast.resilience.evaluate import Item, canonical_item, order_key
from holdfast.values import decode_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from holdfast.topology import Index, Table

TOKEN_SECONDS = 600.0
"""How long the token of a transaction is remembered (DynamoDB's ten minutes)."""
PAGE_ITEMS = 1_000
"""Items on a page when no limit is given; the service stops at 1 MB."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a replica holds under a key: an item or, after a deletion, none; and which write it came from."""

    item: Item | None
    stamp: float
    """Time of the write on the clock of the region that took it; the later of two wins."""
    origin: str
    """The region that took it; decides between equal stamps."""

    def after(self, other: Version | None) -> bool:
        """Whether this one wins."""
        return other is None or (self.stamp, self.origin) > (other.stamp, other.origin)


@dataclass(slots=True)
class _Table:
    schema: Table
    versions: dict[bytes, Version] = field(default_factory=dict)
    key_names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        keys = (self.schema.partition_key, self.schema.sort_key)
        self.key_names = [key.name for key in keys if key is not None]


Written = "Callable[[str, bytes, Version], None]"


class Store:
    """The replica of one region.

    Args:
        region: its name.
        tables: the schemas of its tables.
        clock: seconds, as this region's own clock shows them.
        written: told of every write that this region took, for replication.
    """

    def __init__(
        self,
        region: str,
        tables: Iterable[Table],
        *,
        clock: Callable[[], float] = time.time,
        written: Callable[[str, bytes, Version], None] | None = None,
    ) -> None:
        self.region = region
        self.clock = clock
        self.written = written
        self._tables = {table.name: _Table(table) for table in tables}
        self._tokens: dict[str, tuple[float, bytes, dict[str, Any]]] = {}
        self._last_stamp = 0.0

    # What a test looks at.

    def items(self, table: str) -> list[Item]:
        """Every item of a table."""
        return [v.item for v in self._table(table).versions.values() if v.item is not None]

    def version(self, table: str, key: bytes) -> Version | None:
        """What is held under a key, deletions included."""
        return self._table(table).versions.get(key)

    def versions(self, table: str) -> Mapping[bytes, Version]:
        """Everything that is held."""
        return self._table(table).versions

    def receive(self, table: str, key: bytes, version: Version) -> bool:
        """Take a replicated write; the later one stays. Receiving it twice changes nothing."""
        versions = self._table(table).versions
        if not version.after(versions.get(key)):
            return False
        versions[key] = version
        return True

    # Operations.

    def apply(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Perform one operation; the answer's document.

        Raises:
            ServiceError: as the service would refuse.
        """
        try:
            if "ExpressionAttributeNames" in request or "ExpressionAttributeValues" in request:
                _check_placeholders(request)
            if "TransactItems" in request:
                for action in request["TransactItems"]:
                    for part in action.values():
                        _check_placeholders(part)
            return getattr(self, _HANDLERS.get(operation, "_missing"))(request)  # type: ignore[no-any-return]
        except evaluate.ExpressionError as error:
            raise self._invalid(str(error)) from None

    def _missing(self, _: Mapping[str, Any]) -> dict[str, Any]:
        raise self._invalid("the in-memory table does not have this operation")

    def _invalid(self, message: str) -> errors.InvalidRequestError:
        return errors.InvalidRequestError(message, code="ValidationException", status=400, region=self.region)

    def _table(self, name: str) -> _Table:
        try:
            return self._tables[name]
        except KeyError:
            raise errors.ResourceNotFoundError(
                f"no table {name!r}", code="ResourceNotFoundException", status=400, region=self.region
            ) from None

    def key_of(self, table: str, attributes: Mapping[str, Any]) -> bytes:
        """The canonical key of an item or key."""
        names = self._table(table).key_names
        if len(names) == 1:
            value = attributes.get(names[0])
            if isinstance(value, dict) and "S" in value:
                return _text_key(names[0], value["S"])
        try:
            return orjson.dumps(canonical_item({name: attributes[name] for name in names}))
        except KeyError as error:
            raise self._invalid(f"the key attribute {error} is missing") from None

    def _get_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = request["TableName"]
        version = self._table(name).versions.get(self.key_of(name, request["Key"]))
        if version is None or version.item is None:
            return {}
        names = request.get("ExpressionAttributeNames")
        return {"Item": evaluate.projected(request.get("ProjectionExpression"), version.item, names)}

    def _write(self, table: str, key: bytes, item: Item | None) -> None:
        now = self.clock()
        # A region never stamps two writes alike, and never one before another that it has already taken.
        held = self._table(table).versions.get(key)
        stamp = max(now, self._last_stamp + 1e-6, held.stamp + 1e-6 if held else 0.0)
        self._last_stamp = max(self._last_stamp, now)
        version = Version(item, stamp, self.region)
        self._table(table).versions[key] = version
        if self.written is not None:
            self.written(table, key, version)

    def _planned(self, operation: str, request: Mapping[str, Any]) -> tuple[bytes, Item | None, Item | None]:
        """Key, old and new item of a write whose condition holds."""
        name = request["TableName"]
        attributes = request.get("Item") or request["Key"]
        key = self.key_of(name, attributes)
        held = self._table(name).versions.get(key)
        old = held.item if held else None
        names = request.get("ExpressionAttributeNames")
        values = canonical_item(request.get("ExpressionAttributeValues") or {})
        if not evaluate.holds(request.get("ConditionExpression"), old, names, values):
            wants_item = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            raise errors.ConditionalCheckFailedError(
                "The conditional request failed",
                code="ConditionalCheckFailedException",
                status=400,
                item=decode_item(old) if wants_item and old is not None else None,
                region=self.region,
            )
        if operation == "PutItem":
            return key, old, canonical_item(request["Item"])
        if operation == "UpdateItem":
            base = old if old is not None else canonical_item(request["Key"])
            update = request.get("UpdateExpression")
            return key, old, evaluate.updated(update, base, names, values) if update else base
        return key, old, None if operation == "DeleteItem" else old

    def _single(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        key, old, new = self._planned(operation, request)
        self._write(request["TableName"], key, new)
        wanted = request.get("ReturnValues", "NONE")
        source = old if wanted.endswith("OLD") else new
        if wanted == "NONE" or not source:
            return {}
        if wanted.startswith("UPDATED"):
            touched = evaluate.targets(request["UpdateExpression"], request.get("ExpressionAttributeNames"))
            source = {name: source[name] for name in touched if name in source}
        return {"Attributes": source}

    def _put_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._single("PutItem", request)

    def _delete_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._single("DeleteItem", request)

    def _update_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._single("UpdateItem", request)

    def _batch_get_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        answers: dict[str, list[Item]] = {}
        for name, part in request["RequestItems"].items():
            held = self._table(name).versions
            wanted, names = part.get("ProjectionExpression"), part.get("ExpressionAttributeNames")
            found = [held.get(self.key_of(name, key)) for key in part["Keys"]]
            answers[name] = [
                evaluate.projected(wanted, version.item, names) for version in found if version and version.item
            ]
        return {"Responses": answers, "UnprocessedKeys": {}}

    def _batch_write_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        for name, actions in request["RequestItems"].items():
            for action in actions:
                ((kind, body),) = action.items()
                self._single("PutItem" if kind == "PutRequest" else "DeleteItem", {"TableName": name, **body})
        return {"UnprocessedItems": {}}

    def _transact_get_items(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return {"Responses": [self._get_item(action["Get"]) for action in request["TransactItems"]]}

    def _transact_write_items(self, request: Mapping[str, Any]) -> dict[str, Any]:
        token = request.get("ClientRequestToken")
        body = b""
        if token:
            body = orjson.dumps(request["TransactItems"], default=evaluate.canonical, option=orjson.OPT_SORT_KEYS)
            known = self._tokens.get(token)
            if known is not None and self.clock() < known[0]:
                if known[1] != body:
                    raise errors.IdempotentParameterMismatchError(
                        "the token was used with other parameters",
                        code="IdempotentParameterMismatchException",
                        status=400,
                        region=self.region,
                    )
                return known[2]
        plans: list[tuple[str, bytes, Item | None, bool]] = []
        reasons: list[errors.CancellationReason] = []
        for action in request["TransactItems"]:
            ((kind, part),) = action.items()
            try:
                key, _, new = self._planned(_KINDS[kind], part)
            except errors.ConditionalCheckFailedError as error:
                reasons.append(errors.CancellationReason("ConditionalCheckFailed", error.message, error.item))
            else:
                reasons.append(errors.CancellationReason("None"))
                plans.append((part["TableName"], key, new, kind == "ConditionCheck"))
        if any(reason.code != "None" for reason in reasons):
            raise errors.TransactionCanceledError(
                "Transaction cancelled", code="TransactionCanceledException", status=400, reasons=reasons,
                region=self.region,
            )  # fmt: skip
        if len({(table, key) for table, key, _, _ in plans}) < len(plans):
            raise self._invalid("Transaction request cannot include multiple operations on one item")
        for table, key, new, check_only in plans:
            if not check_only:
                self._write(table, key, new)
        if token:
            self._tokens[token] = (self.clock() + TOKEN_SECONDS, body, {})
        return {}

    # Reading many.

    def _query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._select(request, request["KeyConditionExpression"], forward=request.get("ScanIndexForward", True))

    def _scan(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._select(request, None, forward=True)

    def _index(self, table: _Table, name: str | None) -> Index | None:
        if name is None:
            return None
        for index in table.schema.indexes:
            if index.name == name:
                return index
        raise self._invalid(f"The table does not have the specified index: {name}")

    def _select(self, request: Mapping[str, Any], condition: str | None, *, forward: bool) -> dict[str, Any]:
        table = self._table(request["TableName"])
        index = self._index(table, request.get("IndexName"))
        keys = [index.partition_key, index.sort_key] if index else [table.schema.partition_key, table.schema.sort_key]
        sort_names = [key.name for key in keys[1:] if key is not None] + table.key_names
        names = request.get("ExpressionAttributeNames")
        values = canonical_item(request.get("ExpressionAttributeValues") or {})
        indexed = [key.name for key in keys if key is not None]
        rows = [
            version.item
            for version in table.versions.values()
            if version.item is not None
            and all(name in version.item for name in indexed)
            and evaluate.holds(condition, version.item, names, values)
        ]

        def place(item: Item) -> list[Any]:
            return [_sortable(item[name]) for name in sort_names if name in item]

        rows.sort(key=place, reverse=not forward)
        start = request.get("ExclusiveStartKey")
        if start:
            after = place(canonical_item(start))
            rows = [row for row in rows if (place(row) > after if forward else place(row) < after)]
        limit = request.get("Limit") or PAGE_ITEMS
        page, more = rows[:limit], len(rows) > limit
        kept = [row for row in page if evaluate.holds(request.get("FilterExpression"), row, names, values)]
        shown = set(indexed + table.key_names) if index and index.projection == "KEYS_ONLY" else None
        found = [evaluate.projected(request.get("ProjectionExpression"), _only(row, shown), names) for row in kept]
        answer: dict[str, Any] = {"Count": len(found), "ScannedCount": len(page)}
        if request.get("Select") != "COUNT":
            answer["Items"] = found
        if more:
            answer["LastEvaluatedKey"] = {name: page[-1][name] for name in {*indexed, *table.key_names}}
        return answer

    def snapshot(self) -> dict[str, dict[bytes, Version]]:
        """A copy of everything, for a crash that loses nothing and a test that compares."""
        return {name: copy.copy(table.versions) for name, table in self._tables.items()}


_KINDS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheck"}
_HANDLERS = {
    "GetItem": "_get_item",
    "PutItem": "_put_item",
    "DeleteItem": "_delete_item",
    "UpdateItem": "_update_item",
    "Query": "_query",
    "Scan": "_scan",
    "BatchGetItem": "_batch_get_item",
    "BatchWriteItem": "_batch_write_item",
    "TransactWriteItems": "_transact_write_items",
    "TransactGetItems": "_transact_get_items",
}


_EXPRESSIONS = (
    "ConditionExpression", "UpdateExpression", "KeyConditionExpression", "FilterExpression", "ProjectionExpression",
)  # fmt: skip
_PLACEHOLDER = re.compile(r"[#:][A-Za-z0-9_]+")


def _check_placeholders(request: Mapping[str, Any]) -> None:
    """The service refuses names and values that no expression uses."""
    names, values = request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues")
    if not names and not values:
        return
    texts = " ".join(request[part] for part in _EXPRESSIONS if part in request)
    unused = sorted({*(names or ()), *(values or ())} - _placeholders(texts))
    if unused:
        raise evaluate.ExpressionError(f"unused in expressions: {', '.join(unused)}")


@lru_cache(maxsize=512)
def _placeholders(texts: str) -> frozenset[str]:
    return frozenset(_PLACEHOLDER.findall(texts))


@lru_cache(maxsize=4_096)
def _text_key(name: str, text: str) -> bytes:
    """The canonical key of an item with a partition key alone, which is text: most are, and are asked for often."""
    return orjson.dumps({name: {"S": text}})


def _sortable(value: dict[str, Any]) -> Any:
    return order_key(value)


def _only(item: Item, names: set[str] | None) -> Item:
    return item if names is None else {name: value for name, value in item.items() if name in names}
