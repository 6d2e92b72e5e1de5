"""From the text of a statement to its nodes. The grammar is DynamoDB's part of PartiQL."""

from __future__ import annotations

from functools import lru_cache

from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.partiql.conditions import ConditionParser
from sandbox.cloud.dynamodb.partiql.nodes import (
    Delete,
    Exists,
    Function,
    Insert,
    Reference,
    Returning,
    Select,
    Setting,
    Source,
    Statement,
    Sum,
    Term,
    Update,
)
from sandbox.cloud.dynamodb.partiql.tokens import malformed


@lru_cache(maxsize=512)
def parse(source: str) -> Statement:
    """Read a statement.

    Raises:
        ServiceError: it is not one that DynamoDB knows.
    """
    return _Parser(source).statement()


class _Parser(ConditionParser):
    """A statement, from left to right."""

    def statement(self) -> Statement:
        if self.word("EXISTS"):
            self.expect("(")
            self.require("SELECT")
            found: Statement = Exists(self._select())
            self.expect(")")
        elif self.word("SELECT"):
            found = self._select()
        elif self.word("INSERT"):
            found = self._insert()
        elif self.word("UPDATE"):
            found = self._update()
        elif self.word("DELETE"):
            found = self._delete()
        elif self.word("FROM"):
            found = self._from_first()
        else:
            raise malformed("Expected data manipulation")
        self.accept(";")
        if self.token.kind != "end":
            raise self.leftover()
        return found

    def _select(self) -> Select:
        columns: list[Reference] = []
        if not self.accept("*"):
            columns.append(self._column())
            while self.accept(","):
                columns.append(self._column())
        self.require("FROM")
        source = self._source()
        self._refuse_alias()
        if self.token.text == ",":
            raise _one_table()
        where = self._where()
        order = self._order()
        return Select(source, tuple(columns), where, order, self.parameters)

    def _column(self) -> Reference:
        term = self.operand()
        if isinstance(term, Function):
            raise invalid(f"Unexpected path component at {term.place}")
        if not isinstance(term, Reference):
            raise malformed("Unexpected projection")
        if self.word("AS"):
            raise invalid("Aliasing is not supported")
        return term

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if not self.word("ORDER"):
            return ()
        self.require("BY")
        order = []
        while True:
            reference = self.path()
            down = self.word("DESC")
            if not down:
                self.word("ASC")
            order.append((str(reference.path[0]), down))
            if not self.accept(","):
                return tuple(order)

    def _insert(self) -> Insert:
        self.require("INTO")
        source = self._source()
        if source.index_name is not None:
            raise _one_table()
        if not self.word("VALUE"):
            raise self.leftover()
        return Insert(source, self.value(), self.parameters)

    def _update(self) -> Update:
        source = self._source()
        self._refuse_alias()
        settings = self._settings()
        where = self._where()
        return self._changed(source, settings, where)

    def _from_first(self) -> Update:
        source = self._source()
        self._refuse_alias()
        where = self._where()
        return self._changed(source, self._settings(), where)

    def _changed(self, source: Source, settings: tuple[Setting, ...], where: Term | None) -> Update:
        returning = self._returning()
        _refuse_index(source)
        return Update(source, settings, where, returning, self.parameters)

    def _delete(self) -> Delete:
        self.require("FROM")
        source = self._source()
        self._refuse_alias()
        where = self._where()
        returning = self._returning()
        _refuse_index(source)
        if returning is not None and (returning.new or not returning.whole):
            raise invalid(
                f"Invalid returning clause: {returning}. Only RETURNING ALL OLD * is allowed in DELETE statements."
            )
        return Delete(source, where, returning, self.parameters)

    def _settings(self) -> tuple[Setting, ...]:
        found: list[Setting] = []
        while True:
            if self.word("SET"):
                found.append(self._set())
                while self.accept(","):
                    found.append(self._set())
            elif self.word("REMOVE"):
                found.append(Setting(self.path(), None))
                while self.accept(","):
                    found.append(Setting(self.path(), None))
            elif found:
                return tuple(found)
            else:
                raise malformed("Expected SET or REMOVE")

    def _set(self) -> Setting:
        target = self.path()
        self.expect("=")
        term = self.operand()
        while self.token.kind == "sign" and self.token.text in "+-":
            operator = self.token.text
            self.advance()
            term = Sum(operator, term, self.operand())
        return Setting(target, term)

    def _source(self) -> Source:
        table = self.name("table name")
        index = self.name("index name") if self.accept(".") else None
        return Source(table, index)

    def _refuse_alias(self) -> None:
        if self.peek("AS") or self.token.kind == "quoted" or (self.token.kind == "word" and not self.keyword()):
            raise invalid("Aliasing is not supported")

    def _where(self) -> Term | None:
        return self.condition() if self.word("WHERE") else None

    def _returning(self) -> Returning | None:
        if not self.word("RETURNING"):
            return None
        whole = self.word("ALL")
        if not whole:
            self.require("MODIFIED")
        new = self.word("NEW")
        if not new:
            self.require("OLD")
        self.expect("*")
        return Returning(whole, new)


def _one_table() -> ServiceError:
    return invalid("FROM clause may only contain a single table name")


def _refuse_index(source: Source) -> None:
    if source.index_name is not None:
        raise invalid("This operation is not supported on an index")
