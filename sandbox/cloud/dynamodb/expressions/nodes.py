"""What an expression is made of. Parsed once from its text; bound to names and values for each request."""

from __future__ import annotations

from typing import NamedTuple, Union

from sandbox.cloud.dynamodb.paths import Path
from sandbox.cloud.dynamodb.values import Value


class PathRef(NamedTuple):
    """A document path as written: words and `#placeholders`, and list indexes."""

    parts: Path


class ValueRef(NamedTuple):
    """A `:placeholder`."""

    name: str


class Attribute(NamedTuple):
    """A bound document path."""

    path: Path


class Literal(NamedTuple):
    """A bound value."""

    value: Value


class Call(NamedTuple):
    """A function and its operands."""

    function: str
    operands: tuple[Node, ...]


class Compare(NamedTuple):
    """One of `= <> < <= > >=` between two operands."""

    operator: str
    left: Node
    right: Node


class Between(NamedTuple):
    """`a BETWEEN low AND high`."""

    operand: Node
    low: Node
    high: Node


class Among(NamedTuple):
    """`a IN (b, c)`."""

    operand: Node
    choices: tuple[Node, ...]


class Logic(NamedTuple):
    """`AND` or `OR` of two conditions."""

    operator: str
    left: Node
    right: Node


class Negation(NamedTuple):
    """`NOT` a condition."""

    operand: Node


class Arithmetic(NamedTuple):
    """`a + b` or `a - b` in a SET clause."""

    operator: str
    left: Node
    right: Node


class Clause(NamedTuple):
    """One action of an update: SET, REMOVE, ADD or DELETE of a path."""

    action: str
    target: Node
    operand: Node | None


class Action(NamedTuple):
    """One bound action of an update."""

    action: str
    path: Path
    operand: Node | None


Node = Union[  # noqa: UP007 - NamedTuple annotations above are evaluated by their users
    PathRef, ValueRef, Attribute, Literal, Call, Compare, Between, Among, Logic, Negation, Arithmetic
]
