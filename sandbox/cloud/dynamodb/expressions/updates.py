"""Applying an update: everything is read from the item as it was, then written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.cloud.dynamodb import numbers, paths
from sandbox.cloud.dynamodb.errors import invalid, invalid_values
from sandbox.cloud.dynamodb.expressions.nodes import Action, Arithmetic, Attribute, Call, Literal, Node
from sandbox.cloud.dynamodb.values import MAX_DEPTH, TYPE_NAMES, Item, Value, kind

Update = list[Action]


def apply(update: Update, old: Item) -> Item:
    """The item after a bound update.

    Raises:
        ServiceError: an operand is absent or of the wrong type, or a path leads nowhere.
    """
    item: Item = dict(old)
    for clause in update:
        # Only what is touched below the top is copied: stored items are never changed in place.
        path = clause.path
        if len(path) > 1 and path[0] in item:
            item[str(path[0])] = paths.copy(old[str(path[0])])
    touched_lists = False
    values = [(clause, None if clause.operand is None else _evaluate(clause.operand, old)) for clause in update]
    for clause, value in values:
        path = clause.path
        if clause.action == "SET" and value is not None:
            paths.put(item, path, value)
        elif clause.action == "REMOVE":
            paths.remove(item, path)
            touched_lists = touched_lists or isinstance(path[-1], int)
        elif clause.action == "ADD" and value is not None:
            paths.put(item, path, add(paths.get(item, path), value))
        elif clause.action == "DELETE" and value is not None:
            _delete(item, path, value)
    if touched_lists:
        for clause in update:
            if clause.action == "REMOVE" and isinstance(clause.path[-1], int):
                paths.close_holes(item.get(str(clause.path[0])))
    for clause in update:
        if clause.action == "SET" and len(clause.path) > 1:
            _check_depth(item.get(str(clause.path[0])), 0)
    return item


def _path(node: Node) -> paths.Path:
    if not isinstance(node, Attribute):
        raise TypeError(node)
    return node.path


def _evaluate(node: Node, item: Item) -> Value:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Attribute):
        value = paths.get(item, node.path)
        if value is None:
            raise invalid("The provided expression refers to an attribute that does not exist in the item")
        return value
    if isinstance(node, Arithmetic):
        left, right = _evaluate(node.left, item), _evaluate(node.right, item)
        if kind(left) != "N" or kind(right) != "N":
            raise invalid("An operand in the update expression has an incorrect data type")
        return _sum(left, right, negative=node.operator == "-")
    if isinstance(node, Call) and node.function == "if_not_exists":
        value = paths.get(item, _path(node.operands[0]))
        return value if value is not None else _evaluate(node.operands[1], item)
    if isinstance(node, Call):
        left, right = (_evaluate(operand, item) for operand in node.operands)
        if kind(left) != "L" or kind(right) != "L":
            raise invalid("An operand in the update expression has an incorrect data type")
        return {"L": [*left["L"], *right["L"]]}
    raise TypeError(node)


def _sum(left: Value, right: Value, *, negative: bool = False) -> Value:
    one, two = Decimal(left["N"]), Decimal(right["N"])
    context = numbers.CONTEXT
    return {"N": numbers.render(context.subtract(one, two) if negative else context.add(one, two))}


def add(old: Value | None, value: Value) -> Value:
    """What ADD leaves: a sum, a union of sets, a longer list.

    Raises:
        ServiceError: the types do not fit.
    """
    tag = kind(value)
    if old is None:
        return value
    if kind(old) != tag:
        raise invalid("An operand in the update expression has an incorrect data type")
    if tag == "N":
        return _sum(old, value)
    if tag == "L":
        return {"L": [*old["L"], *value["L"]]}
    return {tag: list(dict.fromkeys([*old[tag], *value[tag]]))}


def _delete(item: Item, path: paths.Path, value: Value) -> None:
    old = paths.get(item, path)
    if old is None:
        return
    tag = kind(value)
    if kind(old) != tag:
        raise invalid("An operand in the update expression has an incorrect data type")
    kept = [entry for entry in old[tag] if entry not in set(value[tag])]
    if kept:
        paths.put(item, path, {tag: kept})
    else:
        paths.remove(item, path)


def _check_depth(value: Any, depth: int) -> None:
    if isinstance(value, dict):
        tag = next(iter(value), "")
        if tag in ("M", "L") and depth >= MAX_DEPTH:
            raise invalid("Nesting Levels have exceeded supported limits")
        entries = value[tag].values() if tag == "M" else value[tag] if tag == "L" else ()
        for entry in entries:
            _check_depth(entry, depth + 1)


def legacy_delete(old: Value, value: Value) -> Value | None:
    """What the legacy DELETE action with a value leaves of a set."""
    tag = kind(value)
    if kind(old) != tag or tag not in ("SS", "NS", "BS"):
        raise invalid_values(f"Type mismatch for attribute to update: {TYPE_NAMES[kind(old)]}")
    kept = [entry for entry in old[tag] if entry not in set(value[tag])]
    return {tag: kept} if kept else None
