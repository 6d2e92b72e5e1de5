"""A recursive-descent parser for the four grammars. What it gives is cached by the text."""

from __future__ import annotations

from functools import lru_cache

from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.expressions.nodes import (
    Among,
    Arithmetic,
    Between,
    Call,
    Clause,
    Compare,
    Logic,
    Negation,
    Node,
    PathRef,
    ValueRef,
)
from sandbox.cloud.dynamodb.expressions.tokens import Token, syntax_error, tokenize

_COMPARATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_ACTIONS = ("SET", "REMOVE", "ADD", "DELETE")
_MAX_BYTES = 4096


@lru_cache(maxsize=2048)
def parse_condition(label: str, source: str) -> Node:
    """Parse a condition, filter or key condition; `label` names the parameter in errors."""
    parser = _Parser(label, source)
    node = parser.disjunction()
    parser.expect_end()
    return node


@lru_cache(maxsize=2048)
def parse_projection(source: str) -> tuple[PathRef, ...]:
    """Parse a projection expression."""
    parser = _Parser("ProjectionExpression", source)
    paths = [parser.path()]
    while parser.accept(","):
        paths.append(parser.path())
    parser.expect_end()
    return tuple(paths)


@lru_cache(maxsize=2048)
def parse_update(source: str) -> tuple[Clause, ...]:
    """Parse an update expression."""
    return tuple(_Parser("UpdateExpression", source).update())


class _Parser:
    def __init__(self, label: str, source: str) -> None:
        self._label = label
        self._source = source
        if not source.strip():
            raise invalid(f"Invalid {label}: The expression can not be empty;")
        if len(source.encode()) > _MAX_BYTES:
            raise invalid(
                f"Invalid {label}: Expression size has exceeded the maximum allowed size; expression size: "
                f"{len(source.encode())}"
            )
        self._tokens = tokenize(source)
        self._index = 0
        self._redundant = False

    @property
    def _token(self) -> Token:
        return self._tokens[self._index]

    def _error(self) -> ServiceError:
        return syntax_error(self._label, self._source, self._tokens, self._index)

    def accept(self, sign: str) -> bool:
        if self._token.kind == "sign" and self._token.text == sign:
            self._index += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self.accept(sign):
            raise self._error()

    def _word(self, *words: str) -> str | None:
        if self._token.kind == "word" and self._token.text.upper() in words:
            self._index += 1
            return self._tokens[self._index - 1].text.upper()
        return None

    def expect_end(self) -> None:
        if self._token.kind != "end":
            raise self._error()
        if self._redundant:
            raise invalid(f"Invalid {self._label}: The expression has redundant parentheses;")

    # Conditions.

    def disjunction(self) -> Node:
        node = self._conjunction()
        while self._word("OR"):
            node = Logic("OR", node, self._conjunction())
        return node

    def _conjunction(self) -> Node:
        node = self._negation()
        while self._word("AND"):
            node = Logic("AND", node, self._negation())
        return node

    def _negation(self) -> Node:
        if self._word("NOT"):
            return Negation(self._negation())
        return self._predicate()

    def _predicate(self) -> Node:
        if self._token.kind == "sign" and self._token.text == "(":
            start = self._index
            self._index += 1
            doubled = self._token.text == "(" and self._token.kind == "sign"
            node = self.disjunction()
            closing = self._index
            self._expect(")")
            if doubled and self._closes(start + 1) == closing - 1:
                self._redundant = True
            if not isinstance(node, PathRef | ValueRef):
                return node
            return self._comparison(node)
        operand = self._operand()
        if isinstance(operand, Call) and operand.function != "size":
            return operand
        return self._comparison(operand)

    def _closes(self, opening: int) -> int:
        depth = 0
        for index in range(opening, len(self._tokens)):
            token = self._tokens[index]
            if token.kind == "sign" and token.text == "(":
                depth += 1
            elif token.kind == "sign" and token.text == ")":
                depth -= 1
                if depth == 0:
                    return index
        return -1

    def _comparison(self, left: Node) -> Node:
        if self._token.kind == "sign" and self._token.text in _COMPARATORS:
            operator = self._token.text
            self._index += 1
            return Compare(operator, left, self._operand())
        if self._word("BETWEEN"):
            low = self._operand()
            if not self._word("AND"):
                raise self._error()
            return Between(left, low, self._operand())
        if self._word("IN"):
            self._expect("(")
            choices = [self._operand()]
            while self.accept(","):
                choices.append(self._operand())
            self._expect(")")
            return Among(left, tuple(choices))
        if self._token.kind == "sign" and self._token.text == ")":
            return left  # an operand in parentheses
        raise self._error()

    def _operand(self) -> Node:
        token = self._token
        if token.kind == "value":
            self._index += 1
            return ValueRef(token.text)
        if token.kind == "sign" and token.text == "(":
            self._index += 1
            node = self._operand()
            self._expect(")")
            return node
        following = self._tokens[self._index + 1] if self._index + 1 < len(self._tokens) else token
        if token.kind == "word" and following.kind == "sign" and following.text == "(":
            return self._call()
        return self.path()

    def _call(self) -> Call:
        function = self._token.text
        self._index += 2
        operands = [self._argument()]
        while self.accept(","):
            operands.append(self._argument())
        self._expect(")")
        return Call(function, tuple(operands))

    def _argument(self) -> Node:
        return self._operand()

    def path(self) -> PathRef:
        parts: list[str | int] = [self._element()]
        while True:
            if self.accept("."):
                parts.append(self._element())
            elif self.accept("["):
                if self._token.kind != "number":
                    raise self._error()
                parts.append(int(self._token.text))
                self._index += 1
                self._expect("]")
            else:
                return PathRef(tuple(parts))

    def _element(self) -> str:
        if self._token.kind not in ("word", "name"):
            raise self._error()
        self._index += 1
        return self._tokens[self._index - 1].text

    # Updates.

    def update(self) -> list[Clause]:
        clauses: list[Clause] = []
        seen: set[str] = set()
        while self._token.kind != "end":
            action = self._word(*_ACTIONS)
            if action is None:
                raise self._error()
            if action in seen:
                raise invalid(
                    f'Invalid UpdateExpression: The "{action}" section can only be used once in an update expression;'
                )
            seen.add(action)
            clauses.append(self._clause(action))
            while self.accept(","):
                clauses.append(self._clause(action))
        return clauses

    def _clause(self, action: str) -> Clause:
        target = self.path()
        if action == "REMOVE":
            return Clause(action, target, None)
        if action == "SET":
            self._expect("=")
            return Clause(action, target, self._sum())
        if self._token.kind != "value":
            raise self._error()
        return Clause(action, target, self._operand())

    def _sum(self) -> Node:
        node = self._term()
        while self._token.kind == "sign" and self._token.text in "+-":
            operator = self._token.text
            self._index += 1
            node = Arithmetic(operator, node, self._term())
        return node

    def _term(self) -> Node:
        if self.accept("("):
            node = self._sum()
            self._expect(")")
            return node
        return self._operand()
