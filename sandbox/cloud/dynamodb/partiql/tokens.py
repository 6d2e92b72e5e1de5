"""Words, literals and signs of a statement; comments and white space are left out."""

from __future__ import annotations

import re
from typing import NamedTuple

from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.partiql.nodes import Place

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<string>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<word>[A-Za-z_$][A-Za-z0-9_$]*)
    |(?P<sign><<|>>|<>|!=|<=|>=|[=<>(){}\[\],.:?*+\-;])""",
    re.VERBOSE | re.DOTALL,
)
_LARGEST = 2**31 - 1
"""Exponents and scales are 32-bit integers."""


class Token(NamedTuple):
    """A piece of a statement; `kind` is string, quoted, number, word, sign or end."""

    kind: str
    text: str
    start: int


def malformed(detail: str = "") -> ServiceError:
    """A statement that cannot be read."""
    return invalid(f"Statement wasn't well formed, can't be processed: {detail}")


def tokenize(source: str) -> list[Token]:
    """The tokens of a statement, an end token last; string and quoted ones without their quotes.

    Raises:
        ServiceError: there is a character that begins no token, or a number whose exponent no number has.
    """
    tokens = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise malformed()
        kind = match.lastgroup or ""
        text = match.group()
        if kind == "number":
            _refuse_scale(text)
        elif kind in ("string", "quoted"):
            text = text[1:-1].replace(text[0] * 2, text[0])
        if kind != "space":
            tokens.append(Token(kind, text, position))
        position = match.end()
    tokens.append(Token("end", "", len(source)))
    return tokens


def _refuse_scale(text: str) -> None:
    mantissa, _, exponent = text.lower().partition("e")
    if not exponent:
        return
    scale = len(mantissa.partition(".")[2]) - int(exponent)
    if not -_LARGEST <= int(exponent) <= _LARGEST or not -_LARGEST <= scale <= _LARGEST:
        raise malformed()


def place(source: str, token: Token, length: int | None = None) -> Place:
    """Where a token stands in its statement."""
    line_start = source.rfind("\n", 0, token.start) + 1
    line = source.count("\n", 0, token.start) + 1
    return Place(line, token.start - line_start + 1, length if length is not None else len(token.text))
