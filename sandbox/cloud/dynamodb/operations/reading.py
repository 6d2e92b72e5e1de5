"""Query and Scan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.cloud.dynamodb import capacity, legacy, paths
from sandbox.cloud.dynamodb.errors import invalid, invalid_values
from sandbox.cloud.dynamodb.expressions import Binder, Condition, holds
from sandbox.cloud.dynamodb.expressions.conditions import begins_with, compare
from sandbox.cloud.dynamodb.expressions.nodes import (
    Among,
    Attribute,
    Between,
    Call,
    Compare,
    Literal,
    Logic,
    Negation,
    Node,
)
from sandbox.cloud.dynamodb.keys import KeySchema, start_key
from sandbox.cloud.dynamodb.operations.items import projection_of
from sandbox.cloud.dynamodb.request import Params, binder, constraint, refuse_mixing
from sandbox.cloud.dynamodb.values import Item, Value, item_size, kind

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.collection import Collection, Entry
    from sandbox.cloud.dynamodb.database import Region
    from sandbox.cloud.dynamodb.index import Index

PAGE_BYTES = 2**20
_MAX_SEGMENTS = 1_000_000


class KeyCondition(NamedTuple):
    """What one attribute of the sort key must satisfy."""

    name: str
    operator: str
    operands: tuple[Value, ...]

    def admits(self, value: Value) -> bool:
        """Whether a value satisfies it."""
        if self.operator == "between":
            return compare(">=", value, self.operands[0]) and compare("<=", value, self.operands[1])
        if self.operator == "begins_with":
            return begins_with(value, self.operands[0])
        return compare(self.operator, value, self.operands[0])


class KeyRange(NamedTuple):
    """A key condition: the partition, and what the sort key must satisfy."""

    partition: Item
    conditions: tuple[KeyCondition, ...]

    def admits(self, item: Item) -> bool:
        """Whether an item's sort key satisfies the conditions."""
        return all(condition.admits(item[condition.name]) for condition in self.conditions)


def query(region: Region, params: Params) -> dict[str, Any]:
    """One page of the items of a partition."""
    refuse_mixing(
        params,
        ("KeyConditionExpression", "FilterExpression", "ProjectionExpression"),
        ("KeyConditions", "QueryFilter", "AttributesToGet", "ConditionalOperator"),
    )
    bound = binder(params, "ProjectionExpression", "FilterExpression", "KeyConditionExpression")
    _check_limit(params)
    if params.get("KeyConditionExpression") is not None:
        condition: Node | None = bound.condition("KeyConditionExpression", params["KeyConditionExpression"])
    elif params.get("KeyConditions"):
        condition = legacy.conditions(params["KeyConditions"], None)
    else:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    page = _Page(region, params, bound, "QueryFilter")
    key_range = _key_range(condition, page.schema, legacy_form="KeyConditions" in params)
    page.refuse_keys_in_filter()
    bound.finish()
    forward = params.get("ScanIndexForward", True) is not False
    partition = page.schema.partition_text(key_range.partition)
    after = None
    if params.get("ExclusiveStartKey") is not None:
        start = start_key(page.schema, page.table.schema, params["ExclusiveStartKey"])
        if page.schema.partition_text(start) != partition:
            raise invalid("The provided starting key is outside query boundaries based on provided conditions")
        if not key_range.admits(start):
            raise invalid("The provided starting key does not match the range key predicate")
        after = page.place(start)[1]
    entries = page.collection.walk(partition, after=after, forward=forward)
    if key_range.conditions:
        entries = (entry for entry in entries if key_range.admits(entry.item))
    return page.answer(entries)


def scan(region: Region, params: Params) -> dict[str, Any]:
    """One page of all items, or of one segment of them."""
    refuse_mixing(
        params,
        ("FilterExpression", "ProjectionExpression"),
        ("ScanFilter", "AttributesToGet", "ConditionalOperator"),
    )
    bound = binder(params, "ProjectionExpression", "FilterExpression")
    _check_limit(params)
    segment, segments = _segments(params)
    page = _Page(region, params, bound, "ScanFilter")
    bound.finish()
    after = None
    if params.get("ExclusiveStartKey") is not None:
        start = start_key(page.schema, page.table.schema, params["ExclusiveStartKey"])
        after = page.place(start)
    return page.answer(page.collection.scan(after=after, segment=segment, segments=segments))


def _segments(params: Params) -> tuple[int, int]:
    segment, total = params.get("Segment"), params.get("TotalSegments")
    if segment is None and total is None:
        return 0, 1
    if total is None:
        raise invalid(
            "The TotalSegments parameter is required but was not present in the request when "
            "Segment parameter is present"
        )
    if segment is None:
        raise invalid(
            "The Segment parameter is required but was not present in the request when "
            "parameter TotalSegments is present"
        )
    if total < 1:
        raise constraint(total, "totalSegments", "Member must have value greater than or equal to 1")
    if total > _MAX_SEGMENTS:
        raise constraint(total, "totalSegments", f"Member must have value less than or equal to {_MAX_SEGMENTS}")
    if segment < 0:
        raise constraint(segment, "segment", "Member must have value greater than or equal to 0")
    if segment >= total:
        raise invalid(
            f"The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: {segment} "
            f"is not less than TotalSegments: {total}"
        )
    return segment, total


def _check_limit(params: Params) -> None:
    limit = params.get("Limit")
    if limit is not None and limit < 1:
        raise constraint(limit, "limit", "Member must have value greater than or equal to 1")


class _Page:
    """What a page is read from, and how it is shown."""

    def __init__(self, region: Region, params: Params, bound: Binder, legacy_filter: str) -> None:
        self._params = params
        consistent = bool(params.get("ConsistentRead"))
        source = params.get("FilterExpression")
        self._filter: Condition | None = None
        self._filter_label = "FilterExpression"
        if source is not None:
            self._filter = bound.condition("FilterExpression", source)
        elif params.get(legacy_filter):
            self._filter_label = legacy_filter
            self._filter = legacy.conditions(params[legacy_filter], params.get("ConditionalOperator"))
        self._projection = projection_of(params, bound)
        self.table = region.readable(params, consistent=consistent)
        self.index = self._index(params.get("IndexName"))
        self._consistent = consistent
        if self.index is not None and self.index.is_global and consistent:
            raise invalid("Consistent reads are not supported on global secondary indexes")
        self._select = self._checked_select()

    def _index(self, name: str | None) -> Index | None:
        if name is None:
            return None
        index = self.table.indexes.get(name)
        if index is None:
            raise invalid(f"The table does not have the specified index: {name}")
        return index

    def _checked_select(self) -> str:
        select = self._params.get("Select")
        specified = self._projection is not None
        if select is None:
            if specified:
                return "SPECIFIC_ATTRIBUTES"
            return "ALL_ATTRIBUTES" if self.index is None else "ALL_PROJECTED_ATTRIBUTES"
        if specified and select != "SPECIFIC_ATTRIBUTES":
            kind_of = "ProjectionExpression" if self._params.get("ProjectionExpression") else "AttributesToGet"
            raise invalid(
                f"Cannot specify the {kind_of} when choosing to get {select if select != 'COUNT' else 'only the Count'}"
            )
        if select == "SPECIFIC_ATTRIBUTES" and not specified:
            raise invalid(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
            )
        if select == "ALL_PROJECTED_ATTRIBUTES" and self.index is None:
            raise invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
        if select == "ALL_ATTRIBUTES" and self.index is not None and self.index.is_global and not self.index.shows_all:
            raise invalid_values(
                "Select type ALL_ATTRIBUTES is not supported for global secondary index "
                f"{self.index.name} because its projection type is not ALL"
            )
        return str(select)

    @property
    def schema(self) -> KeySchema:
        """The key schema of what is read."""
        return self.table.schema if self.index is None else self.index.schema

    @property
    def collection(self) -> Collection:
        """What is read."""
        return self.table.collection if self.index is None else self.index.collection

    def place(self, key: Item) -> tuple[str, tuple[Any, ...]]:
        """Where a start key stands."""
        if self.index is not None:
            return self.index.place(key)
        return key[self.schema.partition.name][self.schema.partition.type], self.schema.sort_value(key)

    def refuse_keys_in_filter(self) -> None:
        """A query's filter must leave the key alone.

        Raises:
            ServiceError: it does not.
        """
        if self._filter is None:
            return
        for name in attributes(self._filter):
            if name in self.schema.names:
                if self._filter_label == "FilterExpression":
                    raise invalid(
                        f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}"
                    )
                raise invalid(f"QueryFilter can only contain non-primary key attributes: Primary key attribute: {name}")

    def _full(self) -> bool:
        """Whether items are fetched from the table behind an index that does not show all that is asked for."""
        if self.index is None or self.index.is_global:
            return self.index is None
        if self._select == "ALL_ATTRIBUTES":
            return True
        return self._projection is not None and any(not self.index.shows(str(path[0])) for path in self._projection)

    def answer(self, entries: Iterator[Entry]) -> dict[str, Any]:
        """Read a page."""
        limit = self._params.get("Limit")
        full = self._full()
        found: list[Item] = []
        last: Item | None = None
        scanned = count = total = 0
        more = False
        for entry in entries:
            shown = entry.item if full or self.index is None else self.index.project(entry.item)
            total += item_size(shown)
            scanned += 1
            last = entry.item
            if self._filter is None or holds(self._filter, shown):
                count += 1
                if self._select != "COUNT":
                    found.append(shown if self._projection is None else paths.project(shown, self._projection))
            if (limit is not None and scanned >= limit) or total >= PAGE_BYTES:
                more = True
                break
        result: dict[str, Any] = {"Count": count, "ScannedCount": scanned}
        if self._select != "COUNT":
            result["Items"] = found
        if more and last is not None:
            result["LastEvaluatedKey"] = self._last(last)
        self._add_capacity(result, total, scanned)
        return result

    def _last(self, item: Item) -> Item:
        names = dict.fromkeys((*self.schema.names, *self.table.schema.names))
        return {name: item[name] for name in names}

    def _add_capacity(self, result: dict[str, Any], total: int, scanned: int) -> None:
        mode = self._params.get("ReturnConsumedCapacity")
        units = capacity.read_units(total, consistent=self._consistent)
        if self.index is None:
            consumed = capacity.document(self.table, mode, units)
        elif self._full():
            fetched = scanned * capacity.read_units(1, consistent=self._consistent)
            consumed = capacity.document(self.table, mode, fetched, {self.index.name: units})
        else:
            consumed = capacity.document(self.table, mode, 0.0, {self.index.name: units})
        if consumed is not None:
            result["ConsumedCapacity"] = consumed


def attributes(node: Node) -> Iterator[str]:
    """The attributes that a bound condition looks at."""
    if isinstance(node, Attribute):
        yield str(node.path[0])
    elif isinstance(node, Call):
        for operand in node.operands:
            yield from attributes(operand)
    elif isinstance(node, Logic | Compare):
        yield from attributes(node.left)
        yield from attributes(node.right)
    elif isinstance(node, Negation):
        yield from attributes(node.operand)
    elif isinstance(node, Between):
        for part in node:
            yield from attributes(part)
    elif isinstance(node, Among):
        yield from attributes(node.operand)
        for choice in node.choices:
            yield from attributes(choice)


def _key_range(node: Node | None, schema: KeySchema, *, legacy_form: bool) -> KeyRange:
    """Read a bound key condition.

    Raises:
        ServiceError: it is not one.
    """
    parts = [_key_part(part) for part in _conjuncts(node)]
    seen = [name for name, _, _ in parts]
    if len(set(seen)) != len(seen):
        raise invalid("Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key")
    if len(parts) > 2 and not schema.partitions and not schema.sorts:
        raise invalid("Conditions can be of length 1 or 2 only")
    partition: Item = {}
    conditions: dict[str, KeyCondition] = {}
    hashes = {attribute.name: attribute for attribute in schema.all_partitions}
    ranges = {attribute.name: attribute for attribute in schema.all_sorts}
    for name, operator, values in parts:
        if name in hashes:
            if operator != "=":
                raise invalid("Query key condition not supported")
            _require_type(hashes[name].type, values, name, legacy_form=legacy_form)
            partition[name] = values[0]
        elif name in ranges:
            if operator in ("<>", "in"):
                raise invalid("Query key condition not supported")
            _require_type(ranges[name].type, values, name, legacy_form=legacy_form)
            conditions[name] = KeyCondition(name, operator, values)
        else:
            missing = next((one for one in (*hashes, *ranges) if one not in seen), None)
            if missing is None:
                raise invalid("Query key condition not supported")
            raise invalid(f"Query condition missed key schema element: {missing}")
    for name in hashes:
        if name not in partition:
            raise invalid(f"Query condition missed key schema element: {name}")
    _refuse_gaps(list(ranges), conditions)
    return KeyRange(partition, tuple(conditions.values()))


def _refuse_gaps(names: list[str], conditions: dict[str, KeyCondition]) -> None:
    """Of a sort key of several attributes all before the last that is named must be equal to something."""
    named = [index for index, name in enumerate(names) if name in conditions]
    if not named:
        return
    last = names[named[-1]]
    loose = [name for name in names[: named[-1]] if name not in conditions or conditions[name].operator != "="]
    if loose:
        raise invalid(
            f"RANGE key attributes {', '.join(loose)} must have equality conditions specified in the query because a "
            f"condition is present on key attribute {last}"
        )


def _conjuncts(node: Node | None) -> Iterator[Node]:
    if isinstance(node, Logic):
        if node.operator != "AND":
            raise invalid("Invalid operator used in KeyConditionExpression: OR")
        yield from _conjuncts(node.left)
        yield from _conjuncts(node.right)
    elif node is not None:
        yield node


_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=", "<>": "<>"}


def _key_part(node: Node) -> tuple[str, str, tuple[Value, ...]]:
    if isinstance(node, Compare):
        if node.operator == "<>":
            raise invalid("Invalid operator used in KeyConditionExpression: <>")
        if isinstance(node.left, Attribute) and isinstance(node.right, Literal):
            return _key_name(node.left), node.operator, (node.right.value,)
        if isinstance(node.right, Attribute) and isinstance(node.left, Literal):
            return _key_name(node.right), _FLIPPED[node.operator], (node.left.value,)
    if (
        isinstance(node, Between)
        and isinstance(node.operand, Attribute)
        and isinstance(node.low, Literal)
        and isinstance(node.high, Literal)
    ):
        return _key_name(node.operand), "between", (node.low.value, node.high.value)
    if isinstance(node, Call):
        if node.function == "begins_with":
            first, second = node.operands
            if isinstance(first, Attribute) and isinstance(second, Literal):
                return _key_name(first), "begins_with", (second.value,)
        else:
            raise invalid(f"Invalid operator used in KeyConditionExpression: {node.function}")
    if isinstance(node, Negation):
        raise invalid("Invalid operator used in KeyConditionExpression: NOT")
    if isinstance(node, Among):
        raise invalid("Invalid operator used in KeyConditionExpression: IN")
    raise invalid("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")


def _key_name(node: Attribute) -> str:
    if len(node.path) > 1:
        raise invalid(
            "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes"
        )
    return str(node.path[0])


def _require_type(wanted: str, values: tuple[Value, ...], name: str, *, legacy_form: bool) -> None:
    del legacy_form
    for value in values:
        if kind(value) != wanted:
            raise invalid_values("Condition parameter type does not match schema type")
        if wanted != "N" and not value[wanted]:
            what = "string" if wanted == "S" else "binary"
            raise invalid_values(
                f"The AttributeValue for a key attribute cannot contain an empty {what} value. Key: {name}"
            )
