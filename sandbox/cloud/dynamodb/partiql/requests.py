"""Requests that carry statements, as those see them who only pass them on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.cloud.dynamodb.errors import ServiceError
from sandbox.cloud.dynamodb.partiql.nodes import Statement
from sandbox.cloud.dynamodb.partiql.parser import parse

STATEMENTS = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})
"""The operations whose requests carry statements."""


def statements(params: Mapping[str, Any]) -> Iterator[tuple[Statement, Any]]:
    """The statements of a request with their parameters; those that cannot be read are left out."""
    for member in params.get("Statements") or params.get("TransactStatements") or [params]:
        text = member.get("Statement") if isinstance(member, dict) else None
        try:
            statement = parse(text) if isinstance(text, str) else None
        except ServiceError:
            continue  # the operation says what is wrong with it
        if statement is not None:
            yield statement, member.get("Parameters")


def tables_named(params: Mapping[str, Any]) -> list[str]:
    """The tables that a request's statements name."""
    return list(dict.fromkeys(statement.source.table for statement, _ in statements(params)))
