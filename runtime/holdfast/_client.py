"""What sync and async clients share: transactions and PartiQL as calls, and their results. No input or output."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from holdfast import _attempt
from holdfast._paging import Paging
from holdfast._requests import Request, add_options
from holdfast._table import make_call, note
from holdfast.errors import InvalidArgumentError
from holdfast.results import StatementResult, WriteResult
from holdfast.values import decode_item, encode

if TYPE_CHECKING:
    from holdfast._attempt import Call, Operation, Reply
    from holdfast._setup import Setup
    from holdfast.actions import GetAction, WriteAction

MAX_ACTIONS = 100
"""Actions of a transaction (DynamoDB API reference)."""


class ClientRequests:
    """The requests that name no single table."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self.topology = setup.topology
        """The stack; None for a client of one plain region."""
        self.region = setup.regions[0].name
        """The region that is preferred."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(regions={[region.name for region in self._setup.regions]})"

    def _transact_write_call(self, actions: Iterable[WriteAction], options: Mapping[str, Any]) -> Call:
        requests = [action.request for action in actions]
        _count("transaction", len(requests), MAX_ACTIONS)
        token = options.get("client_request_token") or _token()
        request: Request = {"TransactItems": requests, "ClientRequestToken": token}
        return make_call(_attempt.TRANSACT_WRITE_ITEMS, add_options(request, options), _one_table(requests), options)

    def _transacted(self, reply: Reply, options: Mapping[str, Any]) -> WriteResult:
        note(reply, options)
        document = reply.document
        return WriteResult(
            reply.region,
            reply.request_id,
            None,
            document.get("ConsumedCapacity"),
            document.get("ItemCollectionMetrics"),
        )

    def _transact_get_call(self, actions: Sequence[GetAction], options: Mapping[str, Any]) -> Call:
        requests = [action.request for action in actions]
        _count("transaction", len(requests), MAX_ACTIONS)
        request = add_options({"TransactItems": requests}, options)
        return make_call(_attempt.TRANSACT_GET_ITEMS, request, _one_table(requests), options)

    def _transact_got(self, reply: Reply, actions: Sequence[GetAction], options: Mapping[str, Any]) -> list[Any]:
        note(reply, options)
        answers = reply.document.get("Responses", ())
        return [
            action.decode(answer["Item"]) if answer.get("Item") else None
            for action, answer in zip(actions, answers, strict=True)
        ]

    def _statement(self, statement: str, options: Mapping[str, Any]) -> Paging[dict[str, Any]]:
        given = {name: value for name, value in options.items() if name not in ("parameters", "resume_token")}
        request: Request = add_options({"Statement": statement}, given)
        if options.get("parameters") is not None:
            request["Parameters"] = [encode(value) for value in options["parameters"]]
        if options.get("resume_token"):
            request["NextToken"] = options["resume_token"]
        kind = _attempt.SELECT_STATEMENT if _reads(statement) else _attempt.EXECUTE_STATEMENT
        return Paging(kind, request, None, options, decode_item)

    def _batch_execute_call(self, statements: Sequence[tuple[str, Sequence[Any]]], options: Mapping[str, Any]) -> Call:
        _count("batch of statements", len(statements), 25)
        request = add_options({"Statements": _wire(statements)}, options)
        return make_call(
            _kind(statements, _attempt.BATCH_SELECT_STATEMENT, _attempt.BATCH_EXECUTE_STATEMENT), request, None, options
        )

    def _batch_executed(self, reply: Reply, options: Mapping[str, Any]) -> list[StatementResult]:
        note(reply, options)
        return [StatementResult.read(answer) for answer in reply.document.get("Responses", ())]

    def _execute_transaction_call(
        self, statements: Sequence[tuple[str, Sequence[Any]]], options: Mapping[str, Any]
    ) -> Call:
        _count("transaction", len(statements), MAX_ACTIONS)
        token = options.get("client_request_token") or _token()
        request = add_options({"TransactStatements": _wire(statements), "ClientRequestToken": token}, options)
        kind = _kind(statements, _attempt.SELECT_TRANSACTION, _attempt.EXECUTE_TRANSACTION)
        return make_call(kind, request, None, options)

    def _transaction_executed(self, reply: Reply, options: Mapping[str, Any]) -> list[dict[str, Any] | None]:
        note(reply, options)
        answers = reply.document.get("Responses", ())
        return [decode_item(answer["Item"]) if answer.get("Item") else None for answer in answers]


def _token() -> str:
    """An idempotency token: 128 random bits (DynamoDB takes up to 36 characters)."""
    return os.urandom(16).hex()


def _count(what: str, count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise InvalidArgumentError(f"a {what} takes 1 to {most} actions; got {count}")


def _wire(statements: Sequence[tuple[str, Sequence[Any]]]) -> list[Request]:
    return [
        {"Statement": text, "Parameters": [encode(value) for value in parameters]}
        if parameters
        else {"Statement": text}
        for text, parameters in statements
    ]


def _reads(statement: str) -> bool:
    return statement.lstrip()[:6].upper() == "SELECT"


def _kind(statements: Sequence[tuple[str, Sequence[Any]]], reads: Operation, writes: Operation) -> Operation:
    return reads if all(_reads(text) for text, _ in statements) else writes


def _one_table(requests: Sequence[Mapping[str, Any]]) -> str | None:
    """The table, where a transaction touches one only."""
    tables = {str(action["TableName"]) for request in requests for action in request.values()}
    return tables.pop() if len(tables) == 1 else None
