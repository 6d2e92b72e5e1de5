"""DAX sends expressions as trees: here they become text again, with placeholders of our own."""

from __future__ import annotations

from typing import Any

from amazondax.AttributeValueDecoder import _decode_attribute_value
from amazondax.CborDecoder import NoMoreData
from amazondax.CborSExprGenerator import Func
from amazondax.DaxCborDecoder import DaxCborDecoder
from amazondax.DaxCborTypes import DocumentPathOrdinal

from sandbox.cloud.dax.wire import Value, to_json

_COMPARISONS = {
    Func.Equal: "=",
    Func.NotEqual: "<>",
    Func.LessThan: "<",
    Func.LessEqual: "<=",
    Func.GreaterThan: ">",
    Func.GreaterEqual: ">=",
}
_FUNCTIONS = {
    Func.AttributeExists: "attribute_exists",
    Func.AttributeNotExists: "attribute_not_exists",
    Func.AttributeType: "attribute_type",
    Func.BeginsWith: "begins_with",
    Func.Contains: "contains",
    Func.Size: "size",
    Func.IfNotExists: "if_not_exists",
    Func.ListAppend: "list_append",
}
_ACTIONS = {
    Func.SetAction: "SET",
    Func.RemoveAction: "REMOVE",
    Func.AddAction: "ADD",
    Func.DeleteAction: "DELETE",
}


class Placeholders:
    """The names and values of all expressions of one request."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Value] = {}

    def name(self, attribute: str) -> str:
        """The placeholder of an attribute's name."""
        for placeholder, known in self.names.items():
            if known == attribute:
                return placeholder
        placeholder = f"#n{len(self.names)}"
        self.names[placeholder] = attribute
        return placeholder

    def value(self, value: Value) -> str:
        """A new placeholder for a value."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = value
        return placeholder

    def parameters(self) -> dict[str, Any]:
        """As parameters of a request."""
        found: dict[str, Any] = {}
        if self.names:
            found["ExpressionAttributeNames"] = self.names
        if self.values:
            found["ExpressionAttributeValues"] = self.values
        return found


def _tree(encoded: bytes) -> tuple[Any, list[Value]]:
    decoder = decoder_of(encoded)
    size = decoder._decode_array_header()  # noqa: SLF001 - the package has no public way
    decoder.decode_int()  # the format, 1
    tree = decoder.decode_object()
    values: list[Value] = []
    if size == 3:
        values = [to_json(_decode_attribute_value(entry)) for entry in decoder.decode_array_iter()]
    return tree, values


def decoder_of(data: bytes) -> Any:
    """A decoder of a whole piece of CBOR."""

    def more(_buffer: bytearray, _wanted: int) -> int:
        raise NoMoreData

    decoder = DaxCborDecoder(more)
    decoder.buffer += data
    return decoder


def condition(encoded: bytes, placeholders: Placeholders) -> str:
    """A condition, filter or key condition as text."""
    tree, values = _tree(encoded)
    return _render(tree, values, placeholders)


def projection(encoded: bytes, placeholders: Placeholders) -> list[str]:
    """The paths of a projection as text, in their order."""
    tree, values = _tree(encoded)
    return [_render(path, values, placeholders) for path in tree]


def update(encoded: bytes, placeholders: Placeholders) -> str:
    """An update as text."""
    tree, values = _tree(encoded)
    sections: dict[str, list[str]] = {}
    for action in tree:
        word = _ACTIONS[action[0]]
        path = _render(action[1], values, placeholders)
        if word == "REMOVE":
            text = path
        else:
            operand = _render(action[2], values, placeholders)
            text = f"{path} = {operand}" if word == "SET" else f"{path} {operand}"
        sections.setdefault(word, []).append(text)
    return " ".join(f"{word} {', '.join(parts)}" for word, parts in sections.items())


def _render(tree: Any, values: list[Value], placeholders: Placeholders) -> str:
    function, *operands = tree

    def text(node: Any) -> str:
        return _render(node, values, placeholders)

    if function == Func.DocumentPath:
        return _path(operands, placeholders)
    if function == Func.Variable:
        return placeholders.value(values[operands[0]])
    if function in _COMPARISONS:
        return f"{text(operands[0])} {_COMPARISONS[function]} {text(operands[1])}"
    if function in _FUNCTIONS:
        return f"{_FUNCTIONS[function]}({', '.join(text(operand) for operand in operands)})"
    if function == Func.And:
        return f"{_grouped(operands[0], text)} AND {_grouped(operands[1], text)}"
    if function == Func.Or:
        return f"{_grouped(operands[0], text)} OR {_grouped(operands[1], text)}"
    if function == Func.Not:
        return f"NOT {_grouped(operands[0], text)}"
    if function == Func.Between:
        return f"{text(operands[0])} BETWEEN {text(operands[1])} AND {text(operands[2])}"
    if function == Func.In:
        return f"{text(operands[0])} IN ({', '.join(text(choice) for choice in operands[1])})"
    sign = "+" if function == Func.Plus else "-"
    return f"{text(operands[0])} {sign} {text(operands[1])}"


def _grouped(node: Any, text: Any) -> str:
    """A part of a condition, in parentheses where it is a condition of several."""
    rendered = str(text(node))
    return f"({rendered})" if node[0] in (Func.And, Func.Or) else rendered


def _path(parts: list[Any], placeholders: Placeholders) -> str:
    text = ""
    for part in parts:
        if isinstance(part, DocumentPathOrdinal):
            text += f"[{part.ordinal}]"
        else:
            text += ("." if text else "") + placeholders.name(str(part))
    return text
