"""Conditions, key conditions, updates and projections as objects that compose.

Each renders to DynamoDB's expression language with placeholders for every name and value, so that a reserved word
or a value never has to be escaped by hand. A plain string may be given wherever an object may, with `names=` and
`values=` for its placeholders; both may stand in one request.

    table.put(order, condition=Attr("order_id").not_exists())
    table.query(Key("customer_id") == "C1" & ...)          # mind Python's precedence: write parentheses
    table.query((Key("customer_id") == "C1") & Key("order_id").begins_with("ORD_"))
    table.update(key, Update().set("status", "paid").add("version", 1))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, Self

from holdfast.errors import InvalidArgumentError
from holdfast.values import WireItem, encode_item


class Placeholders:
    """The names and values of one request: those given by hand, and those that objects need."""

    def __init__(self, names: Mapping[str, str] | None = None, values: Mapping[str, Any] | None = None) -> None:
        self._names: dict[str, str] = dict(names or ())
        self._values: dict[str, Any] = dict(values or ())
        self._of_name: dict[str, str] = {}

    def name(self, name: str) -> str:
        """The placeholder of an attribute's name; the same one for the same name."""
        placeholder = self._of_name.get(name)
        if placeholder is None:
            placeholder = self._of_name[name] = _free("#n", self._names)
            self._names[placeholder] = name
        return placeholder

    def value(self, value: Any) -> str:
        """A new placeholder for a value."""
        placeholder = _free(":v", self._values)
        self._values[placeholder] = value
        return placeholder

    def add_to(self, request: dict[str, Any]) -> None:
        """Write the members that hold them into the request, where there are any."""
        if self._names:
            request["ExpressionAttributeNames"] = self._names
        if self._values:
            request["ExpressionAttributeValues"] = self.wire_values()

    def wire_values(self) -> WireItem:
        """The values in DynamoDB's form."""
        return encode_item(self._values)


def _free(prefix: str, taken: Mapping[str, Any]) -> str:
    number = len(taken)
    while f"{prefix}{number}" in taken:
        number += 1
    return f"{prefix}{number}"


class Renders(Protocol):
    """What can stand in an expression."""

    def render(self, placeholders: Placeholders) -> str:
        """As text of the expression language."""
        ...


def operand(value: Any, placeholders: Placeholders) -> str:
    """A path, a function or a value as an operand."""
    if isinstance(value, Path | Function):
        return value.render(placeholders)
    return placeholders.value(value)


class Condition:
    """A condition; combine with `&`, `|` and `~`."""

    def __init__(self, template: str, *operands: Any) -> None:
        self._template = template
        self._operands = operands

    def render(self, placeholders: Placeholders) -> str:
        """As text of the expression language."""
        return self._template.format(*(self._operand(value, placeholders) for value in self._operands))

    def __and__(self, other: Condition) -> Condition:
        return Condition("({} AND {})", self, _condition(other))

    def __or__(self, other: Condition) -> Condition:
        return Condition("({} OR {})", self, _condition(other))

    def __invert__(self) -> Condition:
        return Condition("(NOT {})", self)

    def __bool__(self) -> bool:
        raise InvalidArgumentError(
            "a condition has no truth value; write & instead of `and`, | instead of `or`, ~ instead of `not`, "
            "and two comparisons instead of a chain"
        )

    def __repr__(self) -> str:
        return f"Condition({self._template!r}, {len(self._operands)} operands)"

    def _operand(self, value: Any, placeholders: Placeholders) -> str:
        return value.render(placeholders) if isinstance(value, Condition) else operand(value, placeholders)


def _condition(value: object) -> Condition:
    if isinstance(value, Condition):
        return value
    raise InvalidArgumentError(
        f"{type(value).__name__} is no condition; put each comparison in parentheses: (Key('a') == 1) & (Key('b') == 2)"
    )


class _Comparable:
    """The comparisons that key conditions and all others share."""

    __hash__ = None  # type: ignore[assignment]  # `==` makes a condition

    def render(self, placeholders: Placeholders) -> str:
        raise NotImplementedError

    def __eq__(self, value: object) -> Condition:  # type: ignore[override]
        return Condition("{} = {}", self, value)

    def __lt__(self, value: Any) -> Condition:
        return Condition("{} < {}", self, value)

    def __le__(self, value: Any) -> Condition:
        return Condition("{} <= {}", self, value)

    def __gt__(self, value: Any) -> Condition:
        return Condition("{} > {}", self, value)

    def __ge__(self, value: Any) -> Condition:
        return Condition("{} >= {}", self, value)

    def between(self, low: Any, high: Any) -> Condition:
        """Whether the value lies between two others, both included."""
        return Condition("{} BETWEEN {} AND {}", self, low, high)

    def begins_with(self, prefix: str | bytes) -> Condition:
        """Whether the text or binary value starts with a prefix."""
        return Condition("begins_with({}, {})", self, prefix)


class Path(_Comparable):
    """The path of an attribute: a name, and from there into maps (`["name"]`) and lists (`[0]`)."""

    def __init__(self, name: str, *, _steps: tuple[str | int, ...] = ()) -> None:
        self._steps: tuple[str | int, ...] = _steps or (name,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._steps!r}"

    def render(self, placeholders: Placeholders) -> str:
        """As text of the expression language."""
        first, *rest = self._steps
        parts = [placeholders.name(str(first))]
        parts += [f"[{step}]" if isinstance(step, int) else f".{placeholders.name(step)}" for step in rest]
        return "".join(parts)


class Key(Path):
    """An attribute of the key, in a key condition: `==` for the partition key; `<`, `between`, … for the sort key."""


class Attr(Path):
    """An attribute, in a condition, a filter, an update or a projection."""

    def __getitem__(self, step: str | int) -> Attr:
        return Attr("", _steps=(*self._steps, step))

    def __ne__(self, value: object) -> Condition:  # type: ignore[override]
        return Condition("{} <> {}", self, value)

    def exists(self) -> Condition:
        """Whether the item has the attribute."""
        return Condition("attribute_exists({})", self)

    def not_exists(self) -> Condition:
        """Whether the item lacks the attribute (or there is no item)."""
        return Condition("attribute_not_exists({})", self)

    def is_type(self, tag: str) -> Condition:
        """Whether the attribute is of a type: `S`, `N`, `B`, `BOOL`, `NULL`, `M`, `L`, `SS`, `NS`, `BS`."""
        return Condition("attribute_type({}, {})", self, tag)

    def contains(self, value: Any) -> Condition:
        """Whether the text has a part, or the set or list an element."""
        return Condition("contains({}, {})", self, value)

    def is_in(self, values: Iterable[Any]) -> Condition:
        """Whether the value is one of up to 100.

        Raises:
            InvalidArgumentError: none, or more than 100.
        """
        choices = list(values)
        if not 1 <= len(choices) <= 100:
            raise InvalidArgumentError(f"IN takes 1 to 100 values; got {len(choices)}")
        return Condition("{} IN (" + ", ".join(["{}"] * len(choices)) + ")", self, *choices)

    def size(self) -> Function:
        """The length of the text, binary, set, list or map; compare it."""
        return Function("size({})", self)

    def if_not_exists(self, value: Any) -> Function:
        """In an update: the attribute's value, or `value` where it has none."""
        return Function("if_not_exists({}, {})", self, value)

    def list_append(self, values: Sequence[Any]) -> Function:
        """In an update: the list with other values behind it."""
        return Function("list_append({}, {})", self, list(values))

    def list_prepend(self, values: Sequence[Any]) -> Function:
        """In an update: the list with other values before it."""
        return Function("list_append({}, {})", list(values), self)

    def __add__(self, value: Any) -> Function:
        return Function("{} + {}", self, value)

    def __sub__(self, value: Any) -> Function:
        return Function("{} - {}", self, value)


class Function(_Comparable):
    """A function of an attribute, as an operand."""

    def __init__(self, template: str, *operands: Any) -> None:
        self._template = template
        self._operands = operands

    def render(self, placeholders: Placeholders) -> str:
        """As text of the expression language."""
        return self._template.format(*(operand(value, placeholders) for value in self._operands))

    def __add__(self, value: Any) -> Function:
        return Function("{} + {}", self, value)

    def __sub__(self, value: Any) -> Function:
        return Function("{} - {}", self, value)


class Update:
    """An update, clause by clause. Each method returns the same object."""

    def __init__(self) -> None:
        self._clauses: dict[str, list[tuple[str, tuple[Any, ...]]]] = {}

    def set(self, attribute: str | Attr, value: Any) -> Self:
        """Give the attribute a value, or that of a function: `set("n", Attr("n") + 1)`."""
        return self._add("SET", "{} = {}", attribute, value)

    def set_all(self, attributes: Mapping[str, Any]) -> Self:
        """`set` for each."""
        for name, value in attributes.items():
            self.set(name, value)
        return self

    def remove(self, *attributes: str | Attr) -> Self:
        """Take attributes away."""
        for attribute in attributes:
            self._add("REMOVE", "{}", attribute)
        return self

    def add(self, attribute: str | Attr, value: Any) -> Self:
        """Add a number to a number (0 where there is none), or elements to a set."""
        return self._add("ADD", "{} {}", attribute, value)

    def delete(self, attribute: str | Attr, values: Any) -> Self:
        """Take elements out of a set."""
        return self._add("DELETE", "{} {}", attribute, values)

    def render(self, placeholders: Placeholders) -> str:
        """As text of the expression language.

        Raises:
            InvalidArgumentError: nothing is updated.
        """
        if not self._clauses:
            raise InvalidArgumentError("the update changes nothing; add set, remove, add or delete")
        rendered = []
        for clause, actions in self._clauses.items():
            texts = (template.format(*(operand(value, placeholders) for value in given)) for template, given in actions)
            rendered.append(f"{clause} {', '.join(texts)}")
        return " ".join(rendered)

    def _add(self, clause: str, template: str, attribute: str | Attr, *operands: Any) -> Self:
        path = Attr(attribute) if isinstance(attribute, str) else attribute
        self._clauses.setdefault(clause, []).append((template, (path, *operands)))
        return self


def render_projection(projection: str | Iterable[str | Attr], placeholders: Placeholders) -> str:
    """A ProjectionExpression; a plain string is one already, a list holds names and paths."""
    if isinstance(projection, str):
        return projection
    return ", ".join((Attr(part) if isinstance(part, str) else part).render(placeholders) for part in projection)
