"""From nodes to what an item is read or written by: conditions and updates as expressions have them too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sandbox.cloud.dynamodb.errors import invalid
from sandbox.cloud.dynamodb.expressions.bind import FUNCTIONS
from sandbox.cloud.dynamodb.expressions.nodes import (
    Action,
    Among,
    Arithmetic,
    Attribute,
    Between,
    Call,
    Compare,
    Literal,
    Logic,
    Negation,
    Node,
)
from sandbox.cloud.dynamodb.partiql.literals import Parameters, is_value, item_of, value_of
from sandbox.cloud.dynamodb.partiql.nodes import (
    Both,
    Comparison,
    Exists,
    Function,
    Insert,
    Kind,
    ListOf,
    Membership,
    Not,
    Range,
    Reference,
    Setting,
    Statement,
    Sum,
    Term,
    Update,
)
from sandbox.cloud.dynamodb.paths import overlap
from sandbox.cloud.dynamodb.values import SETS, Item, Value, kind

_PATH_FIRST = ("attribute_exists", "attribute_not_exists")
_ORDERED = ("S", "N", "B")


class Bound(NamedTuple):
    """A statement with its parameters: the condition of its WHERE, the update, or the item."""

    where: Node | None
    update: list[Action]
    item: Item


def bind(statement: Statement, parameters: Any) -> Bound:
    """Fill in a statement's parameters.

    Raises:
        ServiceError: they do not fit, or a function, operand or value is wrong.
    """
    given = Parameters(parameters, statement.parameters)
    if isinstance(statement, Insert):
        return Bound(None, [], item_of(statement.item, given))
    term = statement.select.where if isinstance(statement, Exists) else statement.where
    where = None if term is None else _condition(term, given)
    update = [] if not isinstance(statement, Update) else _update(statement.settings, given)
    return Bound(where, update, {})


def conjuncts(node: Node | None) -> Iterator[Node]:
    """The parts of a condition that must all hold."""
    if isinstance(node, Logic) and node.operator == "AND":
        yield from conjuncts(node.left)
        yield from conjuncts(node.right)
    elif node is not None:
        yield node


def joined(nodes: list[Node]) -> Node | None:
    """One condition of several that must all hold."""
    whole: Node | None = None
    for node in nodes:
        whole = node if whole is None else Logic("AND", whole, node)
    return whole


def _condition(term: Term, given: Parameters) -> Node:
    if isinstance(term, Both):
        return Logic(term.operator, _condition(term.left, given), _condition(term.right, given))
    if isinstance(term, Not):
        return Negation(_condition(term.operand, given))
    if isinstance(term, Comparison):
        return _comparison(term, given)
    if isinstance(term, Range):
        low, high = _operand(term.low, given), _operand(term.high, given)
        for side in (low, high):
            _require_order("BETWEEN", side)
        return Between(_operand(term.operand, given), low, high)
    if isinstance(term, Membership):
        return Among(_operand(term.operand, given), _choices(term.choices, given))
    if isinstance(term, Kind):
        operand = _operand(term.operand, given)
        if term.tag == "MISSING":
            return Call("attribute_not_exists", (operand,))
        return Call("attribute_type", (operand, Literal({"S": term.tag})))
    if isinstance(term, Function) and term.name != "size":
        return _call(term, given)
    raise invalid("Where clause must be a condition")


def _comparison(term: Comparison, given: Parameters) -> Node:
    for one, other in ((term.left, term.right), (term.right, term.left)):
        if isinstance(one, Function) and one.name != "size" and is_value(other):
            wanted = value_of(other, given).get("BOOL")
            if term.operator in ("=", "<>") and wanted is not None:
                found = _call(one, given)
                return found if wanted is (term.operator == "=") else Negation(found)
    left, right = _operand(term.left, given), _operand(term.right, given)
    if term.operator not in ("=", "<>"):
        for side in (left, right):
            _require_order(term.operator, side)
    return Compare(term.operator, left, right)


def _require_order(operator: str, side: Node) -> None:
    if isinstance(side, Literal) and kind(side.value) not in _ORDERED:
        raise invalid(
            "Incorrect operand type for operator or function; "
            f"operator or function: {operator}, operand type: {kind(side.value)}"
        )


def _choices(term: Term, given: Parameters) -> tuple[Node, ...]:
    if isinstance(term, ListOf):
        return tuple(Literal(value_of(part, given)) for part in term.parts)
    value = value_of(term, given)
    if "L" not in value:
        raise invalid("The right side of IN must be a list")
    return tuple(Literal(entry) for entry in value["L"])


def _operand(term: Term, given: Parameters) -> Node:
    if isinstance(term, Reference):
        return Attribute(term.path)
    if isinstance(term, Function):
        return _call(term, given)
    return Literal(value_of(term, given))


def _call(term: Function, given: Parameters) -> Call:
    wanted = FUNCTIONS.get(term.name)
    if wanted is None:
        raise invalid(f"Unrecognized function: {term.name} at {term.place}")
    if len(term.operands) != wanted:
        raise invalid(
            "Incorrect number of operands for operator or function; "
            f"operator or function: {term.name}, number of operands: {len(term.operands)}"
        )
    operands = tuple(_operand(operand, given) for operand in term.operands)
    if term.name in _PATH_FIRST and not isinstance(operands[0], Attribute):
        raise invalid(f"Operator or function requires a document path; operator or function: {term.name}")
    if term.name == "begins_with":
        prefix = operands[1]
        if isinstance(prefix, Literal) and kind(prefix.value) not in ("S", "B"):
            raise invalid(
                "Incorrect operand type for operator or function; "
                f"operator or function: {term.name}, operand type: {kind(prefix.value)}"
            )
    return Call(term.name, operands)


# Updates.


def _update(settings: tuple[Setting, ...], given: Parameters) -> list[Action]:
    actions = [_action(setting, given) for setting in settings]
    for index, one in enumerate(actions):
        for two in actions[index + 1 :]:
            found = overlap(one.path, two.path)
            if found is not None:
                raise invalid(f"Two document paths {found} with each other")
    return actions


def _action(setting: Setting, given: Parameters) -> Action:
    path, term = setting.target.path, setting.term
    if term is None:
        return Action("REMOVE", path, None)
    if isinstance(term, Function) and term.name in ("set_add", "set_delete"):
        operand = _set_operand(setting.target, term, given)
        return Action("ADD" if term.name == "set_add" else "DELETE", path, Literal(operand))
    return Action("SET", path, _new(term, given))


def _set_operand(target: Reference, call: Function, given: Parameters) -> Value:
    shown = call.name.upper()
    if len(call.operands) != 2:
        raise invalid(f"{shown} must have exactly two arguments at {call.place}")
    first, second = call.operands
    if not isinstance(first, Reference) or first.path != target.path:
        raise invalid(f"The first argument to {shown} must equal the assignment value at {call.place}")
    value = value_of(second, given) if is_value(second) else {}
    if not any(tag in SETS for tag in value):
        raise invalid(f"The second argument to {shown} must be a value with type SET at {first.place}")
    return value


def _new(term: Term, given: Parameters) -> Node:
    if isinstance(term, Sum):
        return Arithmetic(term.operator, _new(term.left, given), _new(term.right, given))
    if isinstance(term, Reference):
        return Attribute(term.path)
    if isinstance(term, Function):
        if term.name not in ("list_append", "if_not_exists"):
            raise invalid(f"Unrecognized function: {term.name} at {term.place}")
        if len(term.operands) != 2:
            raise invalid(f"{term.name.upper()} must have exactly two arguments at {term.place}")
        first, second = term.operands
        if term.name == "if_not_exists" and not isinstance(first, Reference):
            raise invalid(f"Operator or function requires a document path; operator or function: {term.name}")
        return Call(term.name, (_new(first, given), _new(second, given)))
    return Literal(value_of(term, given))
