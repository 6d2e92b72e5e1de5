"""Condition, update and projection expressions evaluated on an item, as the service does it.

Used to find out what an ambiguous write did, and by the in-memory table of `holdfast.testing`. Items and
values are in DynamoDB's own form (`{"S": "a"}`); binary values are base64 text, as an answer carries them.
"""

from __future__ import annotations

import base64
import re
from decimal import Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Value = dict[str, Any]
Item = dict[str, Value]
Path = tuple[str | int, ...]
Names = "Mapping[str, str]"

ARITHMETIC = Context(prec=38)
"""DynamoDB's numbers have 38 digits."""
_TOKEN = re.compile(
    r"\s*(?:(?P<word>[#:]?[A-Za-z_][A-Za-z0-9_\-]*|[#:][A-Za-z0-9_\-]+)|(?P<number>\d+)"
    r"|(?P<sign><>|<=|>=|=|<|>|\(|\)|,|\.|\[|\]|\+|-))"
)
_BYTES = (bytes, bytearray)
_SETS = ("SS", "NS", "BS")


_T = TypeVar("_T")


class ExpressionError(ValueError):
    """An expression that the service would refuse."""


# Values.


def number_text(number: Decimal) -> str:
    """A number as the service writes it: no exponent, no needless zeros."""
    text = format(number.normalize(ARITHMETIC), "f")
    return "0" if text == "-0" else text


def canonical(value: Any) -> Any:
    """A value in a form in which equal values are equal: bytes as base64, numbers normal, sets sorted."""
    if isinstance(value, _BYTES):
        return base64.b64encode(value).decode()
    ((tag, content),) = value.items()
    if tag == "S":
        return value
    if tag == "N":
        return {"N": number_text(Decimal(content))}
    if tag == "B":
        return {"B": canonical(content) if isinstance(content, _BYTES) else content}
    if tag == "NS":
        return {"NS": sorted(number_text(Decimal(number)) for number in content)}
    if tag in ("SS", "BS"):
        return {tag: sorted(canonical(part) if isinstance(part, _BYTES) else part for part in content)}
    if tag == "L":
        return {"L": [canonical(part) for part in content]}
    if tag == "M":
        return {"M": {name: canonical(part) for name, part in content.items()}}
    return {tag: content}


def copied(value: _T) -> _T:
    """A copy of a value whose parts can be changed."""
    found: Any = value
    if isinstance(value, dict):
        found = {name: copied(part) for name, part in value.items()}
    elif isinstance(value, list):
        found = [copied(part) for part in value]
    return found  # type: ignore[no-any-return]


def canonical_item(item: Mapping[str, Any]) -> Item:
    """`canonical` of every attribute."""
    return {name: canonical(value) for name, value in item.items()}


def order_key(value: Value) -> Any:
    """What comparisons and sort keys order by."""
    ((tag, content),) = value.items()
    if tag == "N":
        return Decimal(content)
    if tag == "S":
        return content.encode()
    if tag == "B":
        return base64.b64decode(content) if isinstance(content, str) else bytes(content)
    raise ExpressionError(f"values of type {tag} have no order")


# Paths.


def read(item: Item, path: Path) -> Value | None:
    """The value at a path, or None."""
    value: Any = item.get(path[0])  # type: ignore[arg-type]
    for step in path[1:]:
        if value is None:
            return None
        if isinstance(step, int):
            parts = value.get("L")
            value = parts[step] if parts is not None and step < len(parts) else None
        else:
            value = value.get("M", {}).get(step)
    return value  # type: ignore[no-any-return]


def _parent(item: Item, path: Path) -> Any:
    if len(path) == 1:
        return item
    if path[0] in item:  # its parts may be another item's as well
        item[path[0]] = copied(item[path[0]])
    holder = read(item, path[:-1])
    inner = holder and (holder.get("L") if isinstance(path[-1], int) else holder.get("M"))
    if inner is None:
        raise ExpressionError("the document path does not exist in the item")
    return inner


def write(item: Item, path: Path, value: Value) -> None:
    """Set the value at a path."""
    parent, last = _parent(item, path), path[-1]
    if isinstance(last, int) and last >= len(parent):
        parent.append(value)
    else:
        parent[last] = value


def remove(item: Item, path: Path) -> None:
    """Remove what is at a path, if it is there."""
    try:
        parent = _parent(item, path)
    except ExpressionError:
        return
    last = path[-1]
    if isinstance(last, int):
        if last < len(parent):
            del parent[last]
    else:
        parent.pop(last, None)


# Parsing. A parsed expression is a function of (item, names, values), kept for the next use of the same text.

Evaluator = "Callable[[Item, Mapping[str, str], Mapping[str, Value]], Any]"


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        position = 0
        stripped = text.rstrip()
        while position < len(stripped):
            match = _TOKEN.match(stripped, position)
            if match is None:
                raise ExpressionError(f"not understood at {stripped[position : position + 20]!r}")
            self._tokens.append(match[0].strip())
            position = match.end()
        self._at = 0

    def peek(self, ahead: int = 0) -> str:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else ""

    def take(self, wanted: str | None = None) -> str:
        token = self.peek()
        if not token or (wanted is not None and token.upper() != wanted.upper()):
            raise ExpressionError(f"expected {wanted or 'more'} at {token or 'the end'!r}")
        self._at += 1
        return token

    def accept(self, *wanted: str) -> str | None:
        token = self.peek().upper()
        if token in wanted and token:
            self._at += 1
            return token
        return None

    # operands

    def path(self) -> Callable[..., Path]:
        steps: list[str | int] = [self.take()]
        while self.peek() in (".", "["):
            if self.accept("."):
                steps.append(self.take())
            else:
                self.take("[")
                steps.append(int(self.take()))
                self.take("]")

        def resolve(names: Mapping[str, str]) -> Path:
            return tuple(_name(step, names) if isinstance(step, str) else step for step in steps)

        return resolve

    def operand(self) -> Callable[..., Value | None]:
        token = self.peek()
        if token.startswith(":"):
            self.take()
            return lambda _item, _names, values: _value(token, values)
        if token.lower() == "size" and self.peek(1) == "(":
            self.take()
            self.take("(")
            path = self.path()
            self.take(")")
            return lambda item, names, _values: _size(read(item, path(names)))
        path = self.path()
        return lambda item, names, _values: read(item, path(names))

    # conditions

    def condition(self) -> Callable[..., bool]:
        parts = [self.conjunction()]
        while self.accept("OR"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else lambda *a: any(part(*a) for part in parts)

    def conjunction(self) -> Callable[..., bool]:
        parts = [self.negation()]
        while self.accept("AND"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else lambda *a: all(part(*a) for part in parts)

    def negation(self) -> Callable[..., bool]:
        if self.accept("NOT"):
            inner = self.negation()
            return lambda *a: not inner(*a)
        if self.accept("("):
            inner = self.condition()
            self.take(")")
            return inner
        name = self.peek().lower()
        if name in _FUNCTIONS and self.peek(1) == "(":
            return self.function(name)
        return self.comparison()

    def function(self, name: str) -> Callable[..., bool]:
        self.take()
        self.take("(")
        path = self.path()
        argument = None
        if self.accept(","):
            argument = self.operand()
        self.take(")")
        apply = _FUNCTIONS[name]

        def evaluate(item: Item, names: Mapping[str, str], values: Mapping[str, Value]) -> bool:
            found = read(item, path(names))
            return apply(found, argument(item, names, values) if argument else None)

        return evaluate

    def comparison(self) -> Callable[..., bool]:
        left = self.operand()
        if self.accept("BETWEEN"):
            low = self.operand()
            self.take("AND")
            high = self.operand()
            return lambda *a: _compare(">=", left(*a), low(*a)) and _compare("<=", left(*a), high(*a))
        if self.accept("IN"):
            self.take("(")
            options = [self.operand()]
            while self.accept(","):
                options.append(self.operand())
            self.take(")")
            return lambda *a: any(_compare("=", left(*a), option(*a)) for option in options)
        sign = self.take()
        if sign not in ("=", "<>", "<", "<=", ">", ">="):
            raise ExpressionError(f"{sign!r} is no comparison")
        right = self.operand()
        return lambda *a: _compare(sign, left(*a), right(*a))

    # updates

    def updates(self) -> list[Callable[..., None]]:
        actions: list[Callable[..., None]] = []
        while self.peek():
            clause = self.accept("SET", "REMOVE", "ADD", "DELETE")
            if clause is None:
                raise ExpressionError(f"expected SET, REMOVE, ADD or DELETE at {self.peek()!r}")
            actions.append(self._action(clause))
            while self.accept(","):
                actions.append(self._action(clause))
        return actions

    def _action(self, clause: str) -> Callable[..., None]:
        path = self.path()
        if clause == "REMOVE":
            return lambda _old, new, names, _values: remove(new, path(names))
        if clause == "SET":
            self.take("=")
            value = self._sum()
            return lambda old, new, names, values: write(new, path(names), _present(value(old, names, values)))
        token = self.take()
        change = _add if clause == "ADD" else _delete

        def apply(old: Item, new: Item, names: Mapping[str, str], values: Mapping[str, Value]) -> None:
            where = path(names)
            result = change(read(old, where), _value(token, values))
            if result is None:
                remove(new, where)
            else:
                write(new, where, result)

        return apply

    def _sum(self) -> Callable[..., Value | None]:
        left = self._term()
        sign = self.accept("+", "-")
        if sign is None:
            return left
        right = self._term()

        def evaluate(*a: Any) -> Value:
            one, two = _number(left(*a)), _number(right(*a))
            result = ARITHMETIC.add(one, two) if sign == "+" else ARITHMETIC.subtract(one, two)
            return {"N": number_text(result)}

        return evaluate

    def _term(self) -> Callable[..., Value | None]:
        name = self.peek().lower()
        if name not in ("if_not_exists", "list_append") or self.peek(1) != "(":
            return self.operand()
        self.take()
        self.take("(")
        first = self._term()
        self.take(",")
        second = self._term()
        self.take(")")
        if name == "if_not_exists":
            return lambda *a: first(*a) or second(*a)
        return lambda *a: {"L": [*_list(first(*a)), *_list(second(*a))]}

    def paths(self) -> list[Callable[..., Path]]:
        found = [self.path()]
        while self.accept(","):
            found.append(self.path())
        return found

    def end(self) -> None:
        if self.peek():
            raise ExpressionError(f"not understood at {self.peek()!r}")


def _name(word: str, names: Mapping[str, str]) -> str:
    if not word.startswith("#"):
        return word
    try:
        return names[word]
    except KeyError:
        raise ExpressionError(f"the name {word} is not given") from None


def _value(word: str, values: Mapping[str, Value]) -> Value:
    try:
        return values[word]
    except KeyError:
        raise ExpressionError(f"the value {word} is not given") from None


def _size(value: Value | None) -> Value | None:
    if value is None:
        return None
    ((tag, content),) = value.items()
    if tag == "S":
        return {"N": str(len(content.encode()))}
    if tag == "B":
        return {"N": str(len(base64.b64decode(content)))}
    return {"N": str(len(content))} if tag in (*_SETS, "L", "M") else None


def _present(value: Value | None) -> Value:
    if value is None:
        raise ExpressionError("the expression refers to an attribute that does not exist in the item")
    return value


def _number(value: Value | None) -> Decimal:
    if value is None or "N" not in value:
        raise ExpressionError("an operand of the expression is no number")
    return Decimal(value["N"])


def _list(value: Value | None) -> list[Value]:
    if value is None or "L" not in value:
        raise ExpressionError("an operand of list_append is no list")
    return value["L"]  # type: ignore[no-any-return]


def _compare(sign: str, left: Value | None, right: Value | None) -> bool:
    if left is None or right is None:
        return sign == "<>"  # what is not there differs from everything
    if sign in ("=", "<>"):
        return (canonical(left) == canonical(right)) is (sign == "=")
    if left.keys() != right.keys():
        return False
    one, two = order_key(left), order_key(right)
    return bool({"<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two}[sign])


def _begins(value: Value | None, prefix: Value | None) -> bool:
    if value is None or prefix is None or value.keys() != prefix.keys() or not value.keys() & {"S", "B"}:
        return False
    return bool(order_key(value).startswith(order_key(prefix)))


def _contains(value: Value | None, part: Value | None) -> bool:
    if value is None or part is None:
        return False
    ((tag, content),) = value.items()
    ((part_tag, wanted),) = part.items()
    if tag == "S":
        return part_tag == "S" and wanted in content
    if tag in _SETS:
        return part_tag == tag[0] and canonical({tag: [wanted]})[tag][0] in canonical(value)[tag]
    return tag == "L" and canonical(part) in canonical(value)["L"]


_FUNCTIONS: dict[str, Callable[[Value | None, Value | None], bool]] = {
    "attribute_exists": lambda value, _: value is not None,
    "attribute_not_exists": lambda value, _: value is None,
    "attribute_type": lambda value, kind: value is not None and kind is not None and kind.get("S") in value,
    "begins_with": _begins,
    "contains": _contains,
}


def _add(value: Value | None, more: Value) -> Value:
    ((tag, content),) = more.items()
    if value is None:
        return more
    if tag == "N":
        return {"N": number_text(ARITHMETIC.add(_number(value), Decimal(content)))}
    if tag in _SETS and tag in value:
        return canonical({tag: list(set(value[tag]) | set(content))})  # type: ignore[no-any-return]
    raise ExpressionError("ADD needs numbers, or sets of one type")


def _delete(value: Value | None, less: Value) -> Value | None:
    ((tag, _content),) = less.items()
    if value is None:
        return None
    if tag not in _SETS or tag not in value:
        raise ExpressionError("DELETE needs sets of one type")
    left = set(canonical(value)[tag]) - set(canonical(less)[tag])
    return {tag: sorted(left)} if left else None


# The public functions.


@lru_cache(maxsize=512)
def _condition(text: str) -> Callable[..., bool]:
    parser = _Parser(text)
    parsed = parser.condition()
    parser.end()
    return parsed


@lru_cache(maxsize=512)
def _updates(text: str) -> list[Callable[..., None]]:
    return _Parser(text).updates()


@lru_cache(maxsize=512)
def _paths(text: str) -> list[Callable[..., Path]]:
    parser = _Parser(text)
    parsed = parser.paths()
    parser.end()
    return parsed


def holds(
    condition: str | None, item: Item | None, names: Mapping[str, str] | None, values: Mapping[str, Value] | None
) -> bool:
    """Whether a condition, filter or key condition holds for an item (None: there is no item).

    Raises:
        ExpressionError: the text is no expression, or a placeholder is not given.
    """
    return condition is None or _condition(condition)(item or {}, names or {}, values or {})


def updated(update: str, item: Item, names: Mapping[str, str] | None, values: Mapping[str, Value] | None) -> Item:
    """The item after an update expression. Raises `ExpressionError` as the service refuses."""
    new = dict(item)
    for action in _updates(update):
        action(item, new, names or {}, values or {})
    return new


def targets(update: str, names: Mapping[str, str] | None) -> list[str]:
    """The top-level attributes that an update expression writes."""
    found: list[str] = []
    probe = _Parser(update)
    while probe.peek():
        clause = probe.accept("SET", "REMOVE", "ADD", "DELETE") or ","
        if clause == ",":
            probe.take(",")
        found.append(str(probe.path()(names or {})[0]))
        depth = 0
        while probe.peek() and (depth or (probe.peek() != "," and probe.peek().upper() not in _CLAUSES)):
            depth += {"(": 1, ")": -1}.get(probe.take(), 0)
    return found


_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")


def projected(projection: str | None, item: Item, names: Mapping[str, str] | None) -> Item:
    """The attributes of a projection expression."""
    if projection is None:
        return item
    result: Item = {}
    for path in _paths(projection):
        where = path(names or {})
        value = read(item, where)
        if value is not None:
            _graft(result, where, value)
    return result


def _graft(result: Item, path: Sequence[str | int], value: Value) -> None:
    """Put a value at a path into a sparse copy; list positions close up, as in the service's answer."""
    holder: Any = result
    for step, following in zip(path, [*path[1:], None], strict=True):
        leaf = following is None
        empty: Value = {"L": []} if isinstance(following, int) else {"M": {}}
        if isinstance(step, int):
            holder.append(copied(value) if leaf else empty)
            found = holder[-1]
        else:
            if leaf:
                holder[step] = copied(value)
            found = holder.setdefault(step, empty)
        if not leaf:
            holder = found["L"] if "L" in found else found["M"]
