"""Reading conditions, paths and values: what stands in WHERE, after SET and after VALUE."""

from __future__ import annotations

from sandbox.cloud.dynamodb.errors import ServiceError
from sandbox.cloud.dynamodb.partiql.nodes import (
    Both,
    Comparison,
    Function,
    Kind,
    ListOf,
    MapOf,
    Membership,
    Not,
    Number,
    Parameter,
    Range,
    Reference,
    Scalar,
    SetOf,
    Term,
)
from sandbox.cloud.dynamodb.partiql.tokens import Token, malformed, place, tokenize

# fmt: off
_KEYWORDS = frozenset({
    "ALL", "AND", "AS", "ASC", "BETWEEN", "BY", "CROSS", "DELETE", "DESC", "DISTINCT", "EXISTS", "FALSE", "FROM",
    "FULL", "GROUP", "HAVING", "IN", "INNER", "INSERT", "INTO", "IS", "JOIN", "LEFT", "LIKE", "MISSING", "NATURAL",
    "NOT", "NULL", "ON", "OR", "ORDER", "OUTER", "REMOVE", "RETURNING", "RIGHT", "SELECT", "SET", "TRUE", "UNION",
    "UPDATE", "VALUE", "VALUES", "WHERE",
})
# fmt: on
"""Words that are no names unless they are quoted."""

_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TYPES = {
    "MISSING": "MISSING",
    "NULL": "NULL",
    "BOOL": "BOOL",
    "BOOLEAN": "BOOL",
    "STRING": "S",
    "NUMBER": "N",
    "BINARY": "B",
    "LIST": "L",
    "MAP": "M",
    "STRING_SET": "SS",
    "NUMBER_SET": "NS",
    "BINARY_SET": "BS",
}


class ConditionParser:
    """The tokens of a statement and the place that reading has reached."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.parameters = 0
        self._tokens = tokenize(source)
        self._index = 0

    # Tokens.

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._index]

    def advance(self) -> Token:
        """Take the next token."""
        token = self._tokens[self._index]
        self._index += 1
        return token

    def accept(self, sign: str) -> bool:
        """Take a sign, if it comes next."""
        if self.token.kind == "sign" and self.token.text == sign:
            self._index += 1
            return True
        return False

    def expect(self, sign: str) -> None:
        """Take a sign that must come next.

        Raises:
            ServiceError: something else does.
        """
        if not self.accept(sign):
            raise malformed(f"Expected '{sign}'")

    def peek(self, word: str) -> bool:
        """Whether a keyword comes next."""
        return self.token.kind == "word" and self.token.text.upper() == word

    def word(self, word: str) -> bool:
        """Take a keyword, if it comes next."""
        if self.peek(word):
            self._index += 1
            return True
        return False

    def require(self, word: str) -> None:
        """Take a keyword that must come next.

        Raises:
            ServiceError: something else does.
        """
        if not self.word(word):
            raise malformed(f"Expected {word}")

    def keyword(self) -> bool:
        """Whether the next word is one that cannot be a name."""
        return self.token.kind == "word" and self.token.text.upper() in _KEYWORDS

    def name(self, what: str) -> str:
        """A table's, index's or attribute's name.

        Raises:
            ServiceError: none comes next.
        """
        if self.token.kind == "quoted" or (self.token.kind == "word" and not self.keyword()):
            return self.advance().text
        raise malformed(f"Expected {what}")

    def leftover(self) -> ServiceError:
        """The error for what follows a whole statement."""
        return malformed("Unexpected token after expression")

    # Conditions.

    def condition(self) -> Term:
        """OR of ANDs of negations of predicates."""
        left = self._conjunction()
        while self.word("OR"):
            left = Both("OR", left, self._conjunction())
        return left

    def _conjunction(self) -> Term:
        left = self._negation()
        while self.word("AND"):
            left = Both("AND", left, self._negation())
        return left

    def _negation(self) -> Term:
        return Not(self._negation()) if self.word("NOT") else self._predicate()

    def _predicate(self) -> Term:
        if self.accept("("):
            inner = self.condition()
            self.expect(")")
            return inner
        left = self.operand()
        operator = _COMPARISONS.get(self.token.text) if self.token.kind == "sign" else None
        if operator is not None:
            self.advance()
            return Comparison(operator, left, self.operand())
        if self.word("IS"):
            negated = self.word("NOT")
            found: Term = Kind(left, self._type())
            return Not(found) if negated else found
        if self.word("NOT"):
            return Not(self._further(left))
        if self.peek("BETWEEN") or self.peek("IN"):
            return self._further(left)
        return left

    def _further(self, left: Term) -> Term:
        if self.word("BETWEEN"):
            low = self.operand()
            self.require("AND")
            return Range(left, low, self.operand())
        self.require("IN")
        if self.accept("("):
            return Membership(left, ListOf(self._values(")")))
        return Membership(left, self.value())

    def _type(self) -> str:
        if self.token.kind != "word" or self.token.text.upper() not in _TYPES:
            raise malformed("Expected a type after IS")
        return _TYPES[self.advance().text.upper()]

    # Operands.

    def operand(self) -> Term:
        """A path, a call or a value."""
        token = self.token
        following = self._tokens[self._index + 1] if token.kind != "end" else token
        if token.kind == "word" and following.kind == "sign" and following.text == "(":
            return self._call()
        if token.kind == "quoted" or (token.kind == "word" and not self.keyword()):
            return self.path()
        return self.value()

    def _call(self) -> Function:
        token = self.advance()
        self.expect("(")
        operands: list[Term] = []
        if not self.accept(")"):
            operands.append(self.operand())
            while self.accept(","):
                operands.append(self.operand())
            self.expect(")")
        return Function(token.text.lower(), tuple(operands), place(self.source, token))

    def path(self) -> Reference:
        """A document path."""
        first = self.token
        parts: list[str | int] = [self.name("path")]
        while True:
            if self.accept("."):
                if self.keyword() or self.token.kind not in ("word", "quoted"):
                    raise malformed("Invalid path dot component")
                parts.append(self.advance().text)
            elif self.accept("["):
                token = self.advance()
                if token.kind == "number" and token.text.isdigit():
                    parts.append(int(token.text))
                elif token.kind == "string":
                    parts.append(token.text)
                else:
                    raise malformed("Invalid path component")
                self.expect("]")
            else:
                return Reference(tuple(parts), place(self.source, first))

    def value(self) -> Term:
        """A literal, a parameter, or a call where none may stand (which binding refuses)."""
        token = self.token
        following = self._tokens[self._index + 1] if token.kind != "end" else token
        if token.kind == "word" and following.text == "(" and following.kind == "sign":
            return self._call()
        if token.kind == "string":
            self.advance()
            return Scalar({"S": token.text})
        if token.kind == "number":
            self.advance()
            return Number(token.text)
        for word, literal in (("TRUE", {"BOOL": True}), ("FALSE", {"BOOL": False}), ("NULL", {"NULL": True})):
            if self.word(word):
                return Scalar(literal)
        if self.accept("?"):
            self.parameters += 1
            return Parameter(self.parameters - 1)
        if self.accept("-"):
            return self._negative()
        if self.accept("["):
            return ListOf(self._values("]"))
        if self.accept("<<"):
            return SetOf(self._values(">>"))
        if self.accept("{"):
            return self._map()
        raise malformed("Expected expression")

    def _negative(self) -> Number:
        if self.token.kind != "number":
            raise malformed("Expected a number after '-'")
        return Number("-" + self.advance().text)

    def _values(self, end: str) -> tuple[Term, ...]:
        found: list[Term] = []
        if self.accept(end):
            return ()
        found.append(self.value())
        while self.accept(","):
            found.append(self.value())
        self.expect(end)
        return tuple(found)

    def _map(self) -> MapOf:
        pairs: list[tuple[str, Term]] = []
        while not self.accept("}"):
            if pairs:
                self.expect(",")
            if self.token.kind not in ("string", "quoted"):
                raise malformed("Expected an attribute name in quotes")
            key = self.advance().text
            self.expect(":")
            pairs.append((key, self.value()))
        return MapOf(tuple(pairs))
