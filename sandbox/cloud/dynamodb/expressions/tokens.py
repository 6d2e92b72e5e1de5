"""Words, placeholders, numbers and signs of an expression."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sandbox.cloud.dynamodb.errors import ServiceError, invalid

_TOKEN = re.compile(
    r"\s*(?:(?P<name>#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>[0-9]+)|(?P<sign><>|<=|>=|[=<>(),.\[\]+\-])|(?P<wrong>\S))"
)
END = "<EOF>"


class Token(NamedTuple):
    """A piece of an expression; `kind` is name, value, word, number, sign, wrong or end."""

    kind: str
    text: str
    start: int
    end: int


def syntax_error(label: str, source: str, tokens: list[Token], index: int) -> ServiceError:
    """The error that names a token and what stands around it."""
    token = tokens[index]
    before = tokens[index - 1] if index else token
    after = tokens[index + 1] if index + 1 < len(tokens) else token
    near = source[before.start : after.end].strip()
    return invalid(f'Invalid {label}: Syntax error; token: "{token.text}", near: "{near}"')


def tokenize(source: str) -> list[Token]:
    """The tokens of an expression, an end token last. A character that belongs to none is one of kind `wrong`."""
    tokens = []
    position = 0
    while True:
        match = _TOKEN.match(source, position)
        if match is None:
            break
        group = match.lastgroup or ""
        tokens.append(Token(group, match.group(group), match.start(group), match.end()))
        position = match.end()
    tokens.append(Token("end", END, len(source), len(source)))
    return tokens


@cache
def reserved_words() -> frozenset[str]:
    """DynamoDB's reserved words, upper case, from the list that the moto package carries."""
    spec = importlib.util.find_spec("moto")
    if spec is None or spec.origin is None:
        raise RuntimeError("the moto package is not installed; run make install")
    path = Path(spec.origin).parent / "dynamodb" / "parsing" / "reserved_keywords.txt"
    return frozenset(path.read_text().split())
