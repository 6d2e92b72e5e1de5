"""The in-memory regions are held to the sandbox's: the same calls, the same answers and the same refusals."""

import uuid

import pytest

from holdfast import Client, errors
from holdfast.resilience import Policy, RetryPolicy
from holdfast.testing import MemoryRegions
from tests.patience import PATIENT

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(120), pytest.mark.usefixtures("quiet")]
POLICY = Policy(retry=RetryPolicy(retries=0), timeout=PATIENT)


def writes(t, k):
    yield lambda: t.put({"pk": k, "n": 5, "s": {"x", "y"}, "l": [1, {"d": "z"}], "m": {"k": True}, "b": b"hi"})
    yield lambda: t.get({"pk": k}, consistent=True)
    yield lambda: t.put({"pk": k}, condition="attribute_not_exists(pk)")
    yield (
        lambda: t.put({"pk": k, "n": 6}, condition="n = :five", values={":five": 5}, return_values="ALL_OLD").attributes
    )
    yield lambda: t.put(
        {"pk": k}, condition="n < :one", values={":one": 1}, return_values_on_condition_check_failure="ALL_OLD"
    )
    yield lambda: t.delete({"pk": k}, return_values="ALL_OLD").attributes
    yield lambda: t.delete({"pk": k}, condition="attribute_exists(pk)")
    yield lambda: t.get({"pk": k}, consistent=True)


def updates(t, k):
    for update, values in [
        ("SET n = :five", {":five": 5}),
        ("ADD n :five", {":five": 5}),
        ("SET n = n - :five, l = :l", {":five": 1, ":l": [1, 2]}),
        ("SET l = list_append(l, :l)", {":l": [3]}),
        ("SET c = if_not_exists(c, :one)", {":one": 1}),
        ("ADD s :s", {":s": {"a", "b"}}),
        ("DELETE s :s", {":s": {"a"}}),
        ("REMOVE l[0]", {}),
        ("SET m = :m", {":m": {"a": {"b": 1}}}),
        ("SET m.a.c = :two", {":two": 2}),
        ("SET missing.x = :two", {":two": 2}),
        ("SET n = :two", {":two": 2, ":unused": 1}),
        ("SET n = missing + :two", {":two": 2}),
    ]:
        yield (
            lambda u=update, v=values: (
                t.update({"pk": k}, u, **({"values": v} if v else {}), return_values="ALL_NEW").attributes
            )
        )
    yield lambda: t.update({"pk": k}, "SET n = :x", values={":x": 9}, return_values="UPDATED_NEW").attributes
    yield lambda: t.get({"pk": k}, projection="n, m.a", consistent=True)


def conditions(t, k):
    yield lambda: t.put({"pk": k, "n": 5, "st": "pending", "l": [1, 2], "s": {"x"}})
    for condition, values in [
        ("n BETWEEN :a AND :b", {":a": 1, ":b": 5}),
        ("n IN (:a, :b)", {":a": 1, ":b": 2}),
        ("begins_with(st, :p)", {":p": "pen"}),
        ("contains(s, :x) AND size(l) = :two", {":x": "x", ":two": 2}),
        ("NOT contains(s, :x) OR attribute_type(n, :t)", {":x": "x", ":t": "N"}),
        ("nowhere = :a", {":a": 1}),
        ("nowhere <> :a", {":a": 1}),
        ("st > :a", {":a": 1}),
    ]:
        yield lambda c=condition, v=values: bool(t.update({"pk": k}, "SET seen = pk", condition=c, values=v))


def transactions(t, k):
    client, token = t.client, uuid.uuid4().hex

    def add(condition=None, token=token, amount=1):
        options = {"condition": condition} if condition else {}
        action = t.update_action({"pk": k}, "ADD n :one", values={":one": amount}, **options)
        client.transact_write([action], client_request_token=token)

    yield add
    yield add
    yield lambda: t.get({"pk": k}, consistent=True)
    yield lambda: add(amount=2)
    yield lambda: add("attribute_not_exists(pk)", token=uuid.uuid4().hex)
    yield lambda: client.transact_write([t.put_action({"pk": k}), t.delete_action({"pk": k})])
    yield lambda: client.transact_get([t.get_action({"pk": k}), t.get_action({"pk": k + "no"})])
    yield lambda: t.get({"pk": k}, consistent=True)


class Tabled:
    """A table and the client that it belongs to."""

    def __init__(self, client):
        self.client = client
        self._table = client.table("items")

    def __getattr__(self, name):
        return getattr(self._table, name)


def told(call):
    """What a caller is told: the value, or the kind of refusal and the item in it."""
    try:
        value = call()
    except errors.TransactionCanceledError as error:
        return "canceled", [reason.code for reason in error.reasons]
    except errors.ConditionalCheckFailedError as error:
        return "condition", error.item
    except errors.HoldfastError as error:
        return "refused", type(error).__name__
    return "value", value if isinstance(value, dict | list | bool) or value is None else None


@pytest.mark.parametrize("scenario", [writes, updates, conditions, transactions])
def test_memory_and_sandbox_tell_the_same(cloud, scenario):
    memory = MemoryRegions(cloud.topology.regions.values())
    key = f"same-{uuid.uuid4().hex}"
    with (
        Client(cloud.topology, failover=False, policy=POLICY) as real,
        Client(cloud.topology, failover=False, policy=POLICY, sender=memory) as held,
    ):
        pairs = zip(scenario(Tabled(real), key), scenario(Tabled(held), key), strict=True)
        for step, (theirs, ours) in enumerate(pairs):
            assert told(ours) == told(theirs), f"step {step} of {scenario.__name__}"
