"""Values of statements: literals and parameters, judged as DynamoDB judges them."""

from __future__ import annotations

import re
from typing import Any

from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.numbers import normalize
from sandbox.cloud.dynamodb.partiql.nodes import Function, ListOf, MapOf, Number, Parameter, Scalar, SetOf, Term
from sandbox.cloud.dynamodb.partiql.tokens import malformed
from sandbox.cloud.dynamodb.values import MAX_DEPTH, Value, check, kind

_EXPONENT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?\Z")
_LARGEST = 2**31
_WRAPS = 2**31 - 1
"""An exponent from which the service's own 32-bit arithmetic takes a large number for a small one."""


class Parameters:
    """The parameters of one statement, read when they are first needed, in the order in which they are given."""

    def __init__(self, values: Any, wanted: int) -> None:
        """Check all of them.

        Raises:
            ServiceError: there are too many or too few, or one is not a value.
        """
        given = values or []
        self._values = [_parameter(value) for value in given]
        if len(given) != wanted:
            raise invalid("Number of parameters in request and statement don't match.")

    def __getitem__(self, parameter: Parameter) -> Value:
        """The value of a question mark."""
        return self._values[parameter.position]


def _parameter(value: Any) -> Value:
    _walk(value, 0)
    return check(value)


def _walk(value: Any, depth: int) -> None:
    """Refuse what is nested too deeply and numbers that cannot be read, whichever comes first."""
    if not isinstance(value, dict):
        return
    for tag, content in value.items():
        if tag in ("M", "L"):
            if depth >= MAX_DEPTH:
                raise invalid(
                    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond "
                    "supported limit"
                )
            entries = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
            for entry in entries:
                _walk(entry, depth + 1)
        elif tag == "N":
            _readable(content)
        elif tag == "NS" and isinstance(content, list):
            for entry in content:
                _readable(entry)


def _readable(text: Any) -> None:
    if not isinstance(text, str) or not text:
        return
    match = _EXPONENT.match(text)
    exponent = int(match.group(1) or 0) if match else None
    if exponent is None or not -_LARGEST < exponent < _LARGEST:
        raise invalid(f"The parameter cannot be converted to a numeric value: {text}")
    if exponent >= _WRAPS:
        raise invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")


def value_of(term: Term, parameters: Parameters, path: str = "root") -> Value:
    """The attribute value of a literal or parameter.

    Args:
        term: what was written.
        parameters: the statement's.
        path: where the value stands inside the attribute, for messages.

    Raises:
        ServiceError: it is no value, or not one that DynamoDB keeps.
    """
    if isinstance(term, Scalar):
        return term.value
    if isinstance(term, Number):
        return _number(term, path)
    if isinstance(term, Parameter):
        return parameters[term]
    if isinstance(term, ListOf):
        return {"L": [value_of(part, parameters, f"{path}[{index}]") for index, part in enumerate(term.parts)]}
    if isinstance(term, MapOf):
        return {"M": {name: value_of(part, parameters, f"{path}.{name}") for name, part in term.pairs}}
    if isinstance(term, SetOf):
        return _set(term, parameters, path)
    if isinstance(term, Function):
        raise invalid(f"Unsupported data type: {term.name} under key {path} at {term.place}")
    raise malformed("Expected a value")


def _number(term: Number, path: str) -> Value:
    try:
        return {"N": normalize(term.text)}
    except ServiceError as error:
        raise invalid(f"{error.message} under {path}") from None


def _set(term: SetOf, parameters: Parameters, path: str) -> Value:
    if not term.parts:
        raise invalid("Empty bags are not supported")
    members = [value_of(part, parameters, path) for part in term.parts]
    tags = {kind(member) for member in members}
    tag = tags.pop()
    if tags or tag not in ("S", "N", "B"):
        raise invalid("Only bags of strings, numbers or binary values are supported, all members of one type")
    return check({tag + "S": [member[tag] for member in members]})


def item_of(term: Term, parameters: Parameters) -> dict[str, Value]:
    """The item of an INSERT.

    Raises:
        ServiceError: it is not a map, or an attribute is no value.
    """
    if isinstance(term, Parameter):
        members = parameters[term].get("M")
        if members is None:
            raise malformed("Expected a map after VALUE")
        item: dict[str, Value] = members
        return item
    if not isinstance(term, MapOf):
        raise malformed("Expected a map after VALUE")
    item = {}
    for name, part in term.pairs:
        item[name] = check(value_of(part, parameters))
    return item


def is_value(term: Term) -> bool:
    """Whether a term is a literal or a parameter."""
    return isinstance(term, Scalar | Number | Parameter | ListOf | MapOf | SetOf)
