"""What became of a write whose outcome is unknown."""

import pytest

from holdfast import errors
from holdfast.testing import LoseAnswer

HOME = "us-east-1"


def unknown(world, write, *, arrives):
    """Make the write with its answer lost, or the request."""
    fault = LoseAnswer() if arrives else errors.AttemptTimeoutError("no answer")
    client = world.client()
    table = client.table("items")
    with pytest.raises(errors.OutcomeUnknown) as caught:
        write(client, table, lambda: world.regions.script(HOME, fault))
    return caught.value, table


def create(_, table, fault):
    fault()
    table.put({"pk": "a", "v": 1}, condition="attribute_not_exists(pk)")


def raise_version(_, table, fault):
    table.put({"pk": "a", "v": 1})
    fault()
    table.update({"pk": "a"}, "SET v = :new", condition="v = :old", values={":new": 2, ":old": 1})


def remove(_, table, fault):
    table.put({"pk": "a", "v": 1})
    fault()
    table.delete({"pk": "a"}, condition="v = :one", values={":one": 1})


def replace(_, table, fault):
    table.put({"pk": "a", "v": 1})
    fault()
    table.put({"pk": "a", "v": 2}, condition="v = :one", values={":one": 1})


@pytest.mark.parametrize("write", [create, raise_version, remove, replace])
@pytest.mark.parametrize("arrives", [True, False])
def test_reading_back_tells_whether_it_took_effect(world, write, arrives):
    error, _ = unknown(world, write, arrives=arrives)
    assert error.resolve().applied is arrives


def test_an_update_without_a_condition_leaves_no_trace(world):
    def count(_, table, fault):
        fault()
        table.update({"pk": "a"}, "ADD n :one", values={":one": 1})

    error, _ = unknown(world, count, arrives=True)
    resolution = error.resolve()
    assert resolution.applied is None
    assert "look at the item" in resolution.why
    assert resolution.item is not None


def test_somebody_elses_write_in_between_is_not_taken_for_ours(world):
    error, table = unknown(world, create, arrives=False)
    table.put({"pk": "a", "v": 99})
    assert error.resolve().applied is None


@pytest.mark.parametrize("arrives", [True, False])
def test_a_transaction_is_resolved_by_its_token_and_is_then_in_effect(world, arrives):
    client = world.client()
    table = client.table("items")
    world.regions.script(HOME, LoseAnswer() if arrives else errors.AttemptTimeoutError("no answer"))
    world.regions.script(HOME, *[errors.AttemptTimeoutError("no answer") for _ in range(5)])
    with pytest.raises(errors.OutcomeUnknown) as caught:
        client.transact_write([table.update_action({"pk": "a"}, "ADD n :one", values={":one": 1})])
    world.regions._scripts.clear()
    world.clock.advance(120)
    for state in client.pipeline.core.router.states:
        state.write.__init__(client.pipeline.core.policy.breaker)
    assert caught.value.resolve().applied is True
    assert table.get({"pk": "a"})["n"] == 1


def test_a_batch_cannot_be_resolved_by_one_read(world):
    from holdfast.resilience.resolve import read_back

    client = world.client()
    from holdfast._attempt import BATCH_WRITE_ITEM, Call

    call = Call(BATCH_WRITE_ITEM, {"RequestItems": {"items": []}}, "items")
    assert read_back(client.pipeline.core, call, HOME) is None
