"""The parameters that expressions replaced (Expected, AttributeUpdates, KeyConditions, filters), as expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.cloud.dynamodb.errors import invalid, invalid_values
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
from sandbox.cloud.dynamodb.expressions.updates import add, legacy_delete
from sandbox.cloud.dynamodb.values import TYPE_NAMES, Item, check, kind, order

_COMPARISONS = {"EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
_COUNTS = {
    **dict.fromkeys(_COMPARISONS, (1, 1)),
    "NULL": (0, 0),
    "NOT_NULL": (0, 0),
    "CONTAINS": (1, 1),
    "NOT_CONTAINS": (1, 1),
    "BEGINS_WITH": (1, 1),
    "BETWEEN": (2, 2),
    "IN": (1, 100),
}


def conditions(filters: Mapping[str, Any], operator: str | None) -> Node | None:
    """KeyConditions, QueryFilter or ScanFilter as one condition; `operator` is ConditionalOperator."""
    nodes = [
        _comparison(name, entry.get("ComparisonOperator"), entry.get("AttributeValueList") or [])
        for name, entry in filters.items()
    ]
    return _join(nodes, operator)


def expected(document: Mapping[str, Any], operator: str | None) -> Node | None:
    """Expected as one condition."""
    nodes: list[Node] = []
    for name, entry in document.items():
        if "ComparisonOperator" in entry:
            if "Exists" in entry:
                raise invalid_values("Exists and ComparisonOperator cannot be used together for Attribute: " + name)
            values = entry.get("AttributeValueList")
            if values is None:
                values = [entry["Value"]] if "Value" in entry else []
            nodes.append(_comparison(name, entry["ComparisonOperator"], values))
        elif entry.get("Exists") is False:
            if "Value" in entry:
                raise invalid_values(f"Value cannot be used when Exists is false for Attribute: {name}")
            nodes.append(Call("attribute_not_exists", (Attribute((name,)),)))
        elif "Value" in entry:
            nodes.append(Compare("=", Attribute((name,)), Literal(check(entry["Value"]))))
        else:
            shown = str(entry.get("Exists", True)).lower() if "Exists" in entry else "null"
            raise invalid_values(f"Value must be provided when Exists is {shown} for Attribute: {name}")
    return _join(nodes, operator)


def _join(nodes: list[Node], operator: str | None) -> Node | None:
    result: Node | None = None
    for node in nodes:
        result = node if result is None else Logic(operator or "AND", result, node)
    return result


def _comparison(name: str, operator: str | None, raw: list[Any]) -> Node:
    if operator is None or operator not in _COUNTS:
        raise invalid(f"Unsupported operator {operator}")
    values = [check(value) for value in raw]
    low, high = _COUNTS[operator]
    if not low <= len(values) <= high:
        raise invalid_values(f"Invalid number of argument(s) for the {operator} ComparisonOperator")
    path = Attribute((name,))
    literals = [Literal(value) for value in values]
    if operator in ("LT", "LE", "GT", "GE", "BETWEEN", "BEGINS_WITH"):
        for value in values:
            allowed = ("S", "B") if operator == "BEGINS_WITH" else ("S", "N", "B")
            if kind(value) not in allowed:
                raise invalid_values(
                    f"ComparisonOperator {operator} is not valid for {kind(value)} AttributeValue type"
                )
    if operator in _COMPARISONS:
        return Compare(_COMPARISONS[operator], path, literals[0])
    if operator == "NULL":
        return Call("attribute_not_exists", (path,))
    if operator == "NOT_NULL":
        return Call("attribute_exists", (path,))
    if operator == "CONTAINS":
        return Call("contains", (path, literals[0]))
    if operator == "NOT_CONTAINS":
        return Logic("AND", Call("attribute_exists", (path,)), Negation(Call("contains", (path, literals[0]))))
    if operator == "BEGINS_WITH":
        return Call("begins_with", (path, literals[0]))
    if operator == "BETWEEN":
        if kind(values[0]) == kind(values[1]) and order(values[0]) > order(values[1]):
            raise invalid(
                "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"
            )
        return Between(path, literals[0], literals[1])
    return Among(path, tuple(literals))


def update(updates: Mapping[str, Any], old: Item, key_names: tuple[str, ...]) -> Item:
    """The item after AttributeUpdates.

    Raises:
        ServiceError: a key is among them, or an action does not fit its value.
    """
    item = dict(old)
    for name, entry in updates.items():
        action = entry.get("Action", "PUT")
        if name in key_names:
            raise invalid_values(f"Cannot update attribute {name}. This attribute is part of the key")
        if "Value" not in entry:
            if action != "DELETE":
                raise invalid_values("Only DELETE action is allowed when no attribute value is specified")
            item.pop(name, None)
            continue
        value = check(entry["Value"])
        if action == "PUT":
            item[name] = value
        elif action == "ADD":
            if kind(value) not in ("N", "SS", "NS", "BS", "L"):
                raise invalid_values(f"ADD action is not supported for the type {TYPE_NAMES[kind(value)]}")
            if name in item and kind(item[name]) != kind(value):
                raise invalid("Type mismatch for attribute to update")
            item[name] = add(item.get(name), value)
        elif action == "DELETE":
            if kind(value) not in ("SS", "NS", "BS"):
                raise invalid_values(
                    f"DELETE action with value is not supported for the type {TYPE_NAMES[kind(value)]}"
                )
            if name in item:
                left = legacy_delete(item[name], value)
                if left is None:
                    del item[name]
                else:
                    item[name] = left
    return item
