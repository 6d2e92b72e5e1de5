"""Binding: placeholders become names and values; what is wrong with an expression is said before an item is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.cloud.dynamodb.errors import ServiceError, invalid
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
    PathRef,
    ValueRef,
)
from sandbox.cloud.dynamodb.expressions.parser import parse_condition, parse_projection, parse_update
from sandbox.cloud.dynamodb.expressions.tokens import reserved_words
from sandbox.cloud.dynamodb.paths import Path, overlap, show
from sandbox.cloud.dynamodb.values import TYPE_NAMES, TYPES, Value, check, kind, order

Names = Mapping[str, str]

FUNCTIONS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
"""Function of a condition to the number of its operands; PartiQL has the same."""
_UPDATE_FUNCTIONS = {"if_not_exists": 2, "list_append": 2}
_COMPARABLE = ("S", "N", "B")


class Binder:
    """The placeholders of one request. `finish` refuses those that no expression used."""

    def __init__(self, names: Any, values: Any, *, expressions: Mapping[str, Any]) -> None:
        """Check the placeholders themselves.

        Args:
            names: ExpressionAttributeNames, or None.
            values: ExpressionAttributeValues, or None.
            expressions: the expression parameters of the operation, by their names, absent ones None.
        """
        present = any(text is not None for text in expressions.values())
        missing = " and ".join(f"{name}" for name in expressions)
        if names is not None:
            if not present:
                raise invalid(
                    f"ExpressionAttributeNames can only be specified when using expressions"
                    f"{_null_hint(missing, expressions)}"
                )
            if not names:
                raise invalid("ExpressionAttributeNames must not be empty")
            for placeholder, name in names.items():
                if not placeholder.startswith("#") or len(placeholder) < 2:
                    raise invalid(f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{placeholder}"')
                if not name:
                    raise invalid(
                        "ExpressionAttributeNames contains invalid value: Empty string for key " + placeholder
                    )
        if values is not None:
            if not present:
                raise invalid(
                    f"ExpressionAttributeValues can only be specified when using expressions"
                    f"{_null_hint(missing, expressions)}"
                )
            if not values:
                raise invalid("ExpressionAttributeValues must not be empty")
        self._names: Names = names or {}
        self._values: dict[str, Value] = {}
        for placeholder, value in (values or {}).items():
            if not placeholder.startswith(":") or len(placeholder) < 2:
                raise invalid(f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{placeholder}"')
            try:
                self._values[placeholder] = check(value)
            except ServiceError as error:
                if error.code != "ValidationException":
                    raise
                raise invalid(
                    f"ExpressionAttributeValues contains invalid value: {error.message} for key {placeholder}"
                ) from None
        self._used_names: set[str] = set()
        self._used_values: set[str] = set()

    def condition(self, label: str, source: str) -> Node:
        """Bind a condition or filter; `label` names the parameter in errors."""
        return self._condition(label, parse_condition(label, source))

    def projection(self, source: str) -> list[Path]:
        """Bind a projection."""
        label = "ProjectionExpression"
        paths = [self._path(label, ref) for ref in parse_projection(source)]
        _refuse_overlaps(label, paths)
        return paths

    def update(self, source: str) -> list[Action]:
        """Bind an update."""
        label = "UpdateExpression"
        clauses = []
        for clause in parse_update(source):
            path = self._path(label, clause.target)
            operand = None if clause.operand is None else self._update_operand(clause.operand)
            if clause.action in ("ADD", "DELETE") and isinstance(operand, Literal):
                _check_operand(clause.action, operand.value)
            clauses.append(Action(clause.action, path, operand))
        _refuse_overlaps(label, [clause.path for clause in clauses])
        return clauses

    def finish(self) -> None:
        """Refuse placeholders that nothing used.

        Raises:
            ServiceError: there are some.
        """
        unused = [name for name in self._names if name not in self._used_names]
        if unused:
            raise invalid(
                f"Value provided in ExpressionAttributeNames unused in expressions: keys: {{{', '.join(unused)}}}"
            )
        unused = [name for name in self._values if name not in self._used_values]
        if unused:
            raise invalid(
                f"Value provided in ExpressionAttributeValues unused in expressions: keys: {{{', '.join(unused)}}}"
            )

    def _path(self, label: str, ref: Node) -> Path:
        parts: list[str | int] = []
        if not isinstance(ref, PathRef):
            raise TypeError(ref)
        for part in ref.parts:
            if isinstance(part, int):
                parts.append(part)
            elif part.startswith("#"):
                if part not in self._names:
                    raise invalid(
                        f"Invalid {label}: An expression attribute name used in the document path is not defined; "
                        f"attribute name: {part}"
                    )
                self._used_names.add(part)
                parts.append(self._names[part])
            else:
                if part.upper() in reserved_words():
                    raise invalid(f"Invalid {label}: Attribute name is a reserved keyword; reserved keyword: {part}")
                parts.append(part)
        return tuple(parts)

    def _value(self, label: str, ref: ValueRef) -> Literal:
        if ref.name not in self._values:
            raise invalid(
                f"Invalid {label}: An expression attribute value used in expression is not defined; "
                f"attribute value: {ref.name}"
            )
        self._used_values.add(ref.name)
        return Literal(self._values[ref.name])

    def _condition(self, label: str, node: Node) -> Node:
        if isinstance(node, Logic):
            return Logic(node.operator, self._condition(label, node.left), self._condition(label, node.right))
        if isinstance(node, Negation):
            return Negation(self._condition(label, node.operand))
        if isinstance(node, Call):
            return self._predicate_call(label, node)
        if isinstance(node, Compare):
            left, right = self._operand(label, node.left), self._operand(label, node.right)
            if node.operator not in ("=", "<>"):
                for side in (left, right):
                    _require_comparable(label, node.operator, side)
            if isinstance(left, Attribute) and left == right:
                raise invalid(
                    f"Invalid {label}: The first operand must be distinct from the remaining operands for this "
                    f"operator or function; operator: {node.operator}, first operand: {show(left.path)}"
                )
            return Compare(node.operator, left, right)
        if isinstance(node, Between):
            return self._between(label, node)
        if isinstance(node, Among):
            return Among(
                self._operand(label, node.operand), tuple(self._operand(label, choice) for choice in node.choices)
            )
        return self._operand(label, node)

    def _between(self, label: str, node: Between) -> Between:
        operand, low, high = (self._operand(label, part) for part in node)
        if isinstance(low, Literal) and isinstance(high, Literal):
            for side in (low, high):
                _require_comparable(label, "BETWEEN", side)
            if kind(low.value) != kind(high.value):
                raise invalid(
                    f"Invalid {label}: The BETWEEN operator requires same data type for lower and upper bounds; "
                    f"lower bound operand: AttributeValue: {_show(low.value)}, "
                    f"upper bound operand: AttributeValue: {_show(high.value)}"
                )
            if order(low.value) > order(high.value):
                raise invalid(
                    f"Invalid {label}: The BETWEEN operator requires upper bound to be greater than or equal to lower "
                    f"bound; lower bound operand: AttributeValue: {_show(low.value)}, "
                    f"upper bound operand: AttributeValue: {_show(high.value)}"
                )
        return Between(operand, low, high)

    def _operand(self, label: str, node: Node) -> Node:
        if isinstance(node, ValueRef):
            return self._value(label, node)
        if isinstance(node, PathRef):
            return Attribute(self._path(label, node))
        if isinstance(node, Call):
            if node.function != "size":
                if node.function in FUNCTIONS:
                    raise invalid(
                        f"Invalid {label}: The function is not allowed to be used this way in an expression; "
                        f"function: {node.function}"
                    )
                raise invalid(f"Invalid {label}: Invalid function name; function: {node.function}")
            return self._call(label, node)
        raise TypeError(node)

    def _predicate_call(self, label: str, node: Call) -> Call:
        if node.function in _UPDATE_FUNCTIONS:
            raise invalid(
                f"Invalid {label}: The function is not allowed in a "
                f"{'filter' if label == 'FilterExpression' else 'condition'} expression; function: {node.function}"
            )
        if node.function == "size":
            raise invalid(
                f"Invalid {label}: The function is not allowed to be used this way in an expression; "
                f"function: {node.function}"
            )
        return self._call(label, node)

    def _call(self, label: str, node: Call) -> Call:
        wanted = FUNCTIONS.get(node.function)
        if wanted is None:
            raise invalid(f"Invalid {label}: Invalid function name; function: {node.function}")
        _require_count(label, node, wanted)
        operands = tuple(self._operand(label, operand) for operand in node.operands)
        if node.function in ("attribute_exists", "attribute_not_exists") and not isinstance(operands[0], Attribute):
            raise invalid(
                f"Invalid {label}: Operator or function requires a document path; operator or function: {node.function}"
            )
        if node.function == "size" and isinstance(operands[0], Literal):
            tag = kind(operands[0].value)
            if tag in ("N", "BOOL", "NULL"):
                raise _wrong_type(label, "size", tag)
        if node.function == "begins_with":
            for operand in operands:
                if isinstance(operand, Literal) and kind(operand.value) not in ("S", "B"):
                    raise _wrong_type(label, "begins_with", kind(operand.value))
        if node.function in ("contains", "begins_with") and operands[0] == operands[1]:
            path = operands[0]
            if isinstance(path, Attribute):
                raise invalid(
                    f"Invalid {label}: The first operand must be distinct from the remaining operands for this "
                    f"operator or function; operator: {node.function}, first operand: {show(path.path)}"
                )
        if node.function == "attribute_type":
            _check_type_operand(label, operands[1])
        return Call(node.function, operands)

    def _update_operand(self, node: Node) -> Node:
        label = "UpdateExpression"
        if isinstance(node, Arithmetic):
            left, right = self._update_operand(node.left), self._update_operand(node.right)
            for side in (left, right):
                if isinstance(side, Literal) and kind(side.value) != "N":
                    raise _wrong_type(label, node.operator, kind(side.value))
            return Arithmetic(node.operator, left, right)
        if isinstance(node, Call):
            wanted = _UPDATE_FUNCTIONS.get(node.function)
            if wanted is None:
                if node.function in FUNCTIONS:
                    raise invalid(
                        f"Invalid {label}: The function is not allowed in an update expression; "
                        f"function: {node.function}"
                    )
                raise invalid(f"Invalid {label}: Invalid function name; function: {node.function}")
            _require_count(label, node, wanted)
            operands = tuple(self._update_operand(operand) for operand in node.operands)
            if node.function == "if_not_exists" and not isinstance(operands[0], Attribute):
                raise invalid(
                    f"Invalid {label}: Operator or function requires a document path; "
                    f"operator or function: {node.function}"
                )
            if node.function == "list_append":
                for operand in operands:
                    if isinstance(operand, Literal) and kind(operand.value) != "L":
                        raise _wrong_type(label, "list_append", kind(operand.value))
            return Call(node.function, operands)
        return self._operand(label, node)


def _null_hint(names: str, expressions: Mapping[str, Any]) -> str:
    if len(expressions) == 1:
        return f": {names} is null"
    return f": {names} are null" if len(expressions) > 1 else ""


def _show(value: Value) -> str:
    tag = kind(value)
    return f"{{{tag}:{value[tag]}}}"


def _wrong_type(label: str, function: str, tag: str) -> ServiceError:
    return invalid(
        f"Invalid {label}: Incorrect operand type for operator or function; operator or function: {function}, "
        f"operand type: {tag}"
    )


def _require_comparable(label: str, operator: str, node: Node) -> None:
    if isinstance(node, Literal) and kind(node.value) not in _COMPARABLE:
        raise _wrong_type(label, operator, kind(node.value))


def _require_count(label: str, node: Call, wanted: int) -> None:
    if len(node.operands) != wanted:
        raise invalid(
            f"Invalid {label}: Incorrect number of operands for operator or function; "
            f"operator or function: {node.function}, number of operands: {len(node.operands)}"
        )


def _check_type_operand(label: str, operand: Node) -> None:
    if not isinstance(operand, Literal) or kind(operand.value) != "S":
        found = kind(operand.value) if isinstance(operand, Literal) else "path"
        raise _wrong_type(label, "attribute_type", found)
    if operand.value["S"] not in TYPES:
        raise invalid(
            f"Invalid {label}: Invalid attribute type name found; type: {operand.value['S']}, "
            f"valid types: {{{','.join(sorted(TYPES))}}}"
        )


def _check_operand(action: str, value: Value) -> None:
    tag = kind(value)
    allowed = ("N", "SS", "NS", "BS", "L") if action == "ADD" else ("SS", "NS", "BS")
    if tag not in allowed:
        raise invalid(
            f"Invalid UpdateExpression: Incorrect operand type for operator or function; operator: {action}, "
            f"operand type: {TYPE_NAMES[tag]}, typeSet: ALLOWED_FOR_{action}_OPERAND"
        )


def _refuse_overlaps(label: str, paths: list[Path]) -> None:
    for index, one in enumerate(paths):
        for two in paths[index + 1 :]:
            found = overlap(one, two)
            if found is not None:
                raise invalid(
                    f"Invalid {label}: Two document paths {found} with each other; must remove or rewrite one of these "
                    f"paths; path one: {show(one)}, path two: {show(two)}"
                )
