"""The tree of errors, and that its page tells the truth."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import ClassVar

import pytest

from holdfast import Client, Policy, Topology, errors
from holdfast._attempt import (
    BATCH_WRITE_ITEM,
    DELETE_ITEM,
    GET_ITEM,
    PUT_ITEM,
    TRANSACT_WRITE_ITEMS,
    UPDATE_ITEM,
    Call,
    Reply,
)
from holdfast._core.classify import classify
from holdfast.resilience import BreakerPolicy, RetryPolicy
from holdfast.topology import Region

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


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("AccessDeniedException", "KMS key access denied error: the key is disabled", errors.TableKeyError),
        ("AccessDeniedException", "KMS key arn:… of table t is disabled or pending deletion", errors.TableKeyError),
        ("KMSInvalidStateException", "pending deletion", errors.TableKeyError),
        ("KMSAccessDeniedException", "", errors.TableKeyError),
        ("AccessDeniedException", "User: u is not authorized to perform: dynamodb:GetItem", errors.AccessDeniedError),
        ("AccessDeniedException", "User: u is not authorized to perform: kms:Decrypt", errors.AccessDeniedError),
    ],
)
def test_a_key_that_cannot_be_used_is_told_from_a_missing_permission(code, message, kind):
    assert type(classify(400, code, message, {}, None)) is kind


def test_a_region_whose_key_is_disabled_is_left():
    class Sender:
        sent: ClassVar[list[str]] = []

        def send(self, call, region, *, timeouts):
            self.sent.append(region.name)
            if region.name == "us-east-1":
                raise errors.TableKeyError("KMS key is disabled", code="AccessDeniedException", region=region.name)
            return Reply(b"{}", region.name)

        def close(self):
            pass

    regions = {name: Region(name=name) for name in ("us-east-1", "us-west-2")}
    known = Topology(stack="s", home_region="us-east-1", regions=regions, failover=True)
    policy = Policy(retry=RetryPolicy(base_seconds=0.001), breaker=BreakerPolicy(failure_threshold=3))
    with Client(topology=known, sender=Sender(), policy=policy) as client:
        assert client.table("t").put({"pk": "a"}).region == "us-west-2"
        assert client.table("t").put({"pk": "b"}).region == "us-west-2"
    assert Sender.sent == ["us-east-1"] * 3 + ["us-west-2"] * 2
