"""Whether a condition holds for an item."""

from __future__ import annotations

from typing import Any

from sandbox.cloud.dynamodb import paths
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
from sandbox.cloud.dynamodb.values import Item, Value, equal, kind, order, size

Condition = Node


def holds(node: Node, item: Item) -> bool:
    """Whether a bound condition holds; an absent item is an empty one."""
    if isinstance(node, Logic):
        if node.operator == "AND":
            return holds(node.left, item) and holds(node.right, item)
        return holds(node.left, item) or holds(node.right, item)
    if isinstance(node, Negation):
        return not holds(node.operand, item)
    if isinstance(node, Compare):
        return compare(node.operator, _value(node.left, item), _value(node.right, item))
    if isinstance(node, Between):
        value = _value(node.operand, item)
        return compare(">=", value, _value(node.low, item)) and compare("<=", value, _value(node.high, item))
    if isinstance(node, Among):
        value = _value(node.operand, item)
        return any(compare("=", value, _value(choice, item)) for choice in node.choices)
    if isinstance(node, Call):
        return _call(node, item)
    raise TypeError(node)


def compare(operator: str, left: Value | None, right: Value | None) -> bool:
    """One comparison; an absent operand makes all but `<>` false."""
    if left is None or right is None:
        return operator == "<>" and left is not right
    if operator == "=":
        return equal(left, right)
    if operator == "<>":
        return not equal(left, right)
    if kind(left) != kind(right) or kind(left) not in ("S", "N", "B"):
        return False
    one: Any = order(left)
    two: Any = order(right)
    if operator == "<":
        return bool(one < two)
    if operator == "<=":
        return bool(one <= two)
    if operator == ">":
        return bool(one > two)
    return bool(one >= two)


def _value(node: Node, item: Item) -> Value | None:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Attribute):
        return paths.get(item, node.path)
    if isinstance(node, Call) and node.function == "size":
        return _size(_value(node.operands[0], item))
    raise TypeError(node)


def _size(value: Value | None) -> Value | None:
    if value is None:
        return None
    tag = kind(value)
    if tag in ("S", "B"):
        return {"N": str(size(value))}
    if tag in ("SS", "NS", "BS", "L", "M"):
        return {"N": str(len(value[tag]))}
    return None


def _call(node: Call, item: Item) -> bool:
    first = _value(node.operands[0], item)
    if node.function == "attribute_exists":
        return first is not None
    if node.function == "attribute_not_exists":
        return first is None
    second = _value(node.operands[1], item)
    if first is None or second is None:
        return False
    if node.function == "attribute_type":
        return kind(first) == second.get("S")
    if node.function == "begins_with":
        return begins_with(first, second)
    return contains(first, second)


def begins_with(value: Value, prefix: Value) -> bool:
    """Whether a string or binary value starts with another of its type."""
    tag = kind(value)
    if tag != kind(prefix) or tag not in ("S", "B"):
        return False
    return bool(order(value).startswith(order(prefix)))


def contains(value: Value, part: Value) -> bool:
    """Whether a string or binary contains another, or a set or list has a member."""
    tag = kind(value)
    if tag == "L":
        return any(equal(entry, part) for entry in value["L"])
    if tag in ("SS", "NS", "BS"):
        return kind(part) == tag[0] and part[tag[0]] in value[tag]
    if tag in ("S", "B") and tag == kind(part):
        return order(part) in order(value)
    return False
