"""Which keys a WHERE names: how a statement finds its items."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.cloud.dynamodb.errors import invalid, invalid_values
from sandbox.cloud.dynamodb.expressions.conditions import begins_with, compare
from sandbox.cloud.dynamodb.expressions.nodes import Among, Attribute, Between, Call, Compare, Literal, Node
from sandbox.cloud.dynamodb.keys import KeyAttribute, KeySchema, require_key
from sandbox.cloud.dynamodb.partiql.bind import conjuncts
from sandbox.cloud.dynamodb.values import Item, Value, kind

_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Reach(NamedTuple):
    """What a read walks over."""

    partitions: tuple[Value, ...] | None
    """The partitions, or None for all of them."""
    sort: tuple[Node, ...]
    """Conditions on the sort key, which narrow the walk."""
    rest: tuple[Node, ...]
    """Conditions on what was read."""

    def admits(self, item: Item, sort: KeyAttribute | None) -> bool:
        """Whether an item lies in the walk."""
        return sort is None or all(_admits(node, item[sort.name]) for node in self.sort)


def full_key(schema: KeySchema, where: Node | None) -> tuple[Item, list[Node]]:
    """The key that a write names, and the conditions beside it.

    Raises:
        ServiceError: the condition does not name the whole key by equality, or a value is not of the key's type.
    """
    key: Item = {}
    rest: list[Node] = []
    for node in conjuncts(where):
        found = _equality(node)
        if found is not None and found[0] in schema.names and found[0] not in key:
            key[found[0]] = found[1]
        else:
            rest.append(node)
    if set(key) != set(schema.names):
        raise invalid("Where clause does not contain a mandatory equality on all key attributes")
    return require_key(schema, key), rest


def only_key(schema: KeySchema, where: Node | None) -> Item | None:
    """The key, where a condition names the whole key by equality and says nothing else.

    Raises:
        ServiceError: a value is not of the key's type.
    """
    named = {found[0] for node in conjuncts(where) if (found := _equality(node)) is not None}
    if named != set(schema.names):
        return None
    key, rest = full_key(schema, where)
    return None if rest else key


def reach(schema: KeySchema, where: Node | None) -> Reach:
    """How a read finds its items.

    Raises:
        ServiceError: a key is compared with a value of another type.
    """
    partitions: tuple[Value, ...] | None = None
    sort: list[Node] = []
    rest: list[Node] = []
    for node in conjuncts(where):
        found = _partitions(schema.partition.name, node)
        if found is not None and partitions is None:
            partitions = tuple(_typed(schema.partition, value) for value in found)
        elif schema.sort is not None and _on(schema.sort.name, node):
            sort.append(node)
        else:
            rest.append(node)
    if partitions is None or schema.partitions:  # a partition key of several attributes: all of it is walked
        return Reach(None, (), tuple(conjuncts(where)))
    if schema.sort is not None:
        for node in sort:
            for value in _values(node):
                _typed(schema.sort, value)
    return Reach(partitions, tuple(sort), tuple(rest))


def _typed(attribute: KeyAttribute, value: Value) -> Value:
    if kind(value) != attribute.type:
        raise invalid_values("Condition parameter type does not match schema type")
    return value


def _equality(node: Node) -> tuple[str, Value] | None:
    if not isinstance(node, Compare) or node.operator != "=":
        return None
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(one, Attribute) and len(one.path) == 1 and isinstance(other, Literal):
            return str(one.path[0]), other.value
    return None


def _partitions(name: str, node: Node) -> list[Value] | None:
    found = _equality(node)
    if found is not None:
        return [found[1]] if found[0] == name else None
    if isinstance(node, Among) and node.operand == Attribute((name,)):
        values = [choice.value for choice in node.choices if isinstance(choice, Literal)]
        return [value for index, value in enumerate(values) if value not in values[:index]]
    return None


def _on(name: str, node: Node) -> bool:
    """Whether a condition is one on the sort key alone, of a form that a walk can follow."""
    attribute = Attribute((name,))
    if isinstance(node, Compare):
        sides = (node.left, node.right)
        return node.operator in _FLIPPED and attribute in sides and any(isinstance(side, Literal) for side in sides)
    if isinstance(node, Between):
        return node.operand == attribute and isinstance(node.low, Literal) and isinstance(node.high, Literal)
    if isinstance(node, Call) and node.function == "begins_with":
        return node.operands[0] == attribute and isinstance(node.operands[1], Literal)
    return False


def _values(node: Node) -> list[Value]:
    parts = node.operands if isinstance(node, Call) else tuple(node)
    return [part.value for part in parts if isinstance(part, Literal)]


def _admits(node: Node, value: Value) -> bool:
    if isinstance(node, Compare):
        if isinstance(node.right, Literal):
            return compare(node.operator, value, node.right.value)
        return compare(_FLIPPED[node.operator], value, _values(node)[0])
    if isinstance(node, Between):
        low, high = _values(node)
        return compare(">=", value, low) and compare("<=", value, high)
    return begins_with(value, _values(node)[0])
