"""What a statement is made of, as written: parameters not filled in, numbers not yet judged."""

from __future__ import annotations

from typing import NamedTuple, Union

from sandbox.cloud.dynamodb.paths import Path
from sandbox.cloud.dynamodb.values import Value


class Place(NamedTuple):
    """Where a token stands: line and column from 1, and its length, in characters."""

    line: int
    column: int
    length: int

    def __str__(self) -> str:
        """As DynamoDB writes it in its messages."""
        return f"{self.line}:{self.column}:{self.length}"


class Scalar(NamedTuple):
    """A string, boolean or null."""

    value: Value


class Number(NamedTuple):
    """A number as written."""

    text: str


class Parameter(NamedTuple):
    """A question mark, by its position from 0."""

    position: int


class ListOf(NamedTuple):
    """`[a, b]`, and `(a, b)` after IN."""

    parts: tuple[Term, ...]


class MapOf(NamedTuple):
    """`{'name': value}`."""

    pairs: tuple[tuple[str, Term], ...]


class SetOf(NamedTuple):
    """`<<a, b>>`."""

    parts: tuple[Term, ...]


class Reference(NamedTuple):
    """A document path."""

    path: Path
    place: Place


class Function(NamedTuple):
    """A call: the name in lower case, its operands, and where it stands."""

    name: str
    operands: tuple[Term, ...]
    place: Place


class Sum(NamedTuple):
    """`a + b` or `a - b` in a SET clause."""

    operator: str
    left: Term
    right: Term


class Comparison(NamedTuple):
    """One of `= <> < <= > >=` between two terms."""

    operator: str
    left: Term
    right: Term


class Range(NamedTuple):
    """`a BETWEEN low AND high`."""

    operand: Term
    low: Term
    high: Term


class Membership(NamedTuple):
    """`a IN [b, c]`, or `a IN ?`."""

    operand: Term
    choices: Term


class Kind(NamedTuple):
    """`a IS type`: MISSING, or the tag of a type."""

    operand: Term
    tag: str


class Both(NamedTuple):
    """`AND` or `OR`."""

    operator: str
    left: Term
    right: Term


class Not(NamedTuple):
    """`NOT` a condition."""

    operand: Term


Term = Union[  # noqa: UP007 - NamedTuple annotations above are evaluated by their users
    Scalar,
    Number,
    Parameter,
    ListOf,
    MapOf,
    SetOf,
    Reference,
    Function,
    Sum,
    Comparison,
    Range,
    Membership,
    Kind,
    Both,
    Not,
]


class Source(NamedTuple):
    """A table, and an index where one is named."""

    table: str
    index_name: str | None


class Select(NamedTuple):
    """A read; no columns is `*`."""

    source: Source
    columns: tuple[Reference, ...]
    where: Term | None
    order: tuple[tuple[str, bool], ...]
    """Attributes to order by, and whether downwards."""
    parameters: int


class Insert(NamedTuple):
    """A new item."""

    source: Source
    item: Term
    parameters: int


class Setting(NamedTuple):
    """One SET (with a term) or REMOVE (without)."""

    target: Reference
    term: Term | None


class Returning(NamedTuple):
    """What a write gives back."""

    whole: bool
    """ALL, else MODIFIED."""
    new: bool
    """NEW, else OLD."""

    def __str__(self) -> str:
        """As written."""
        return f"RETURNING {'ALL' if self.whole else 'MODIFIED'} {'NEW' if self.new else 'OLD'} *"


class Update(NamedTuple):
    """A change of one item that is there."""

    source: Source
    settings: tuple[Setting, ...]
    where: Term | None
    returning: Returning | None
    parameters: int


class Delete(NamedTuple):
    """The deletion of one item."""

    source: Source
    where: Term | None
    returning: Returning | None
    parameters: int


class Exists(NamedTuple):
    """`EXISTS(SELECT …)`: a condition on an item that a transaction does not write."""

    select: Select

    @property
    def source(self) -> Source:
        """The table."""
        return self.select.source

    @property
    def parameters(self) -> int:
        """How many question marks."""
        return self.select.parameters


Statement = Union[Select, Insert, Update, Delete, Exists]  # noqa: UP007 - as above
