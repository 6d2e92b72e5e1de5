"""The tree of errors, and that its page tells the truth."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from holdfast import errors
from holdfast._attempt import (
    BATCH_WRITE_ITEM,
    DELETE_ITEM,
    GET_ITEM,
    PUT_ITEM,
    TRANSACT_WRITE_ITEMS,
    UPDATE_ITEM,
    Call,
)

PAGE = Path(__file__).parents[3] / "docs" / "runtime" / "errors.md"
KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.HoldfastError)]


def rows():
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = re.findall(r"`(\w+)`", cells[0])
        if line.startswith("| `") and cells[2] in ("yes", "no"):
            for name in names:
                yield name, cells[2] == "yes", cells[3].split(";")[0]


@pytest.mark.parametrize(("name", "retryable", "applied"), list(rows()))
def test_the_page_says_what_the_error_says(name, retryable, applied):
    from holdfast.models import ModelError

    kind = ModelError if name == "ModelError" else getattr(errors, name)
    error = kind("why")
    assert error.retryable is retryable
    assert error.applied == applied


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_says_where_and_why_and_is_documented(kind):
    error = kind("it broke", operation="PutItem", table="orders", region="eu-west-1")
    assert str(error).startswith("PutItem on orders in eu-west-1: it broke")
    assert kind.__name__ in repr(error)
    assert kind.__doc__


def test_the_values_of_an_item_are_not_shown():
    failed = errors.ConditionalCheckFailedError("no", item={"name": "secret"}, code="C", request_id="R")
    reason = errors.CancellationReason("ConditionalCheckFailed", "no", {"name": "secret"})
    canceled = errors.TransactionCanceledError("no", reasons=[reason])
    for shown in (repr(failed), str(failed), repr(reason), repr(canceled)):
        assert "secret" not in shown
    assert failed.item == {"name": "secret"}
    assert str(failed) == "no [C] (request R)" or "[C] (request R)" in str(failed)


@pytest.mark.parametrize(
    ("codes", "conflict"),
    [
        (["None", "TransactionConflict"], True),
        (["TransactionConflict", "ConditionalCheckFailed"], False),
        (["ThrottlingError", "TransactionConflict"], True),
        (["None"], False),
    ],
)
def test_what_stood_in_the_way_of_a_transaction(codes, conflict):
    error = errors.TransactionCanceledError("no", reasons=[errors.CancellationReason(code) for code in codes])
    assert error.conflict is conflict


@pytest.mark.parametrize(
    ("call", "here", "elsewhere"),
    [
        (Call(GET_ITEM, {}), True, True),
        (Call(PUT_ITEM, {}), True, True),
        (Call(DELETE_ITEM, {}), True, True),
        (Call(BATCH_WRITE_ITEM, {}), True, True),
        (Call(PUT_ITEM, {"ConditionExpression": "x"}), False, False),
        (Call(PUT_ITEM, {"ReturnValues": "ALL_OLD"}), False, False),
        (Call(UPDATE_ITEM, {}), False, False),
        (Call(TRANSACT_WRITE_ITEMS, {}), False, False),
        (Call(TRANSACT_WRITE_ITEMS, {"ClientRequestToken": "t"}), True, False),
    ],
)
def test_what_may_be_sent_again_when_its_outcome_is_unknown(call, here, elsewhere):
    assert (call.repeatable, call.repeatable_elsewhere) == (here, elsewhere)
