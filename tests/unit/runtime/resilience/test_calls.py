"""What a caller sees when attempts fail: retries, failover, deadlines, unknown outcomes."""

import threading

import pytest

from holdfast import errors, scope
from holdfast.resilience import BreakerPolicy, LimitPolicy, Policy, RetryPolicy, RoutingPolicy
from holdfast.resilience.core import Core
from holdfast.testing import LoseAnswer

HOME, WEST, EU = "us-east-1", "us-west-2", "eu-west-1"
KEY = {"pk": "a"}


def throttled():
    return errors.ThrottledError("slow down", code="ThrottlingException", status=400)


def internal():
    return errors.InternalServerError("oops", code="InternalServerError", status=500)


def refused():
    return errors.ConnectError("connection refused")


def timed_out():
    return errors.AttemptTimeoutError("no answer")


def sends(world, operation):
    return [region for name, region in world.regions.sent if name == operation]


def test_a_throttled_put_is_retried_in_its_region_with_growing_waits(world):
    client = world.client(random=lambda: 1.0)
    world.regions.script(HOME, *[throttled() for _ in range(5)])
    client.table("items").put({"pk": "a"})
    assert sends(world, "PutItem") == [HOME] * 6
    assert world.clock.slept == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.8])


def test_the_sixth_failure_is_the_callers(world):
    client = world.client()
    world.regions.script(HOME, *[throttled() for _ in range(6)])
    with pytest.raises(errors.ThrottledError) as caught:
        client.table("items").put({"pk": "a"})
    assert caught.value.operation == "PutItem"
    assert caught.value.table == "items"
    assert len(sends(world, "PutItem")) == 6


@pytest.mark.parametrize(
    "error",
    [
        errors.InvalidRequestError("no", code="ValidationException", status=400),
        errors.AccessDeniedError("no", code="AccessDeniedException", status=400),
        errors.ResourceNotFoundError("no", code="ResourceNotFoundException", status=400),
    ],
)
def test_a_refusal_is_not_retried(world, error):
    client = world.client()
    world.regions.script(HOME, error)
    with pytest.raises(type(error)):
        client.table("items").get(KEY)
    assert sends(world, "GetItem") == [HOME]


def test_a_failed_condition_is_not_retried_and_closes_nothing(world):
    client = world.client()
    table = client.table("items")
    table.put({"pk": "a"})
    for _ in range(20):
        with pytest.raises(errors.ConditionalCheckFailedError):
            table.put({"pk": "a"}, condition="attribute_not_exists(pk)")
    assert client.pipeline.core.router.states[0].write.closed


@pytest.mark.parametrize("fault", [timed_out, internal, LoseAnswer])
def test_an_unconditional_put_is_sent_again_when_nobody_knows(world, fault):
    client = world.client()
    world.regions.script(HOME, fault())
    client.table("items").put({"pk": "a"})
    assert sends(world, "PutItem") == [HOME, HOME]


@pytest.mark.parametrize("fault", [timed_out, internal, LoseAnswer])
@pytest.mark.parametrize(
    "write",
    [
        lambda table: table.put({"pk": "a"}, condition="attribute_not_exists(pk)"),
        lambda table: table.update(KEY, "ADD n :one", values={":one": 1}),
        lambda table: table.put({"pk": "a"}, return_values="ALL_OLD"),
        lambda table: table.delete(KEY, condition="attribute_exists(pk)"),
    ],
)
def test_any_other_write_is_not_and_says_that_its_outcome_is_unknown(world, fault, write):
    client = world.client()
    table = client.table("items")
    if "delete" in str(write.__code__.co_names):
        table.put({"pk": "a"})
    world.regions.sent.clear()
    world.regions.script(HOME, fault())
    with pytest.raises(errors.OutcomeUnknown) as caught:
        write(table)
    assert len(world.regions.sent) == 1
    assert caught.value.applied == "unknown"
    assert caught.value.region == HOME
    assert isinstance(caught.value.cause, errors.HoldfastError)


def test_a_conditional_put_that_never_left_is_sent_again(world):
    client = world.client()
    world.regions.script(HOME, refused())
    client.table("items").put({"pk": "a"}, condition="attribute_not_exists(pk)")
    assert sends(world, "PutItem") == [HOME, HOME]


def test_a_transaction_is_sent_again_with_its_token_and_takes_effect_once(world):
    client = world.client()
    table = client.table("items")
    world.regions.script(HOME, LoseAnswer())
    client.transact_write([table.update_action(KEY, "ADD n :one", values={":one": 1})])
    assert sends(world, "TransactWriteItems") == [HOME, HOME]
    assert table.get(KEY)["n"] == 1


def test_an_ambiguous_transaction_stays_where_its_token_is_known(world):
    client = world.client()
    table = client.table("items")
    world.regions.script(HOME, LoseAnswer())
    world.regions.script(HOME, *[timed_out() for _ in range(5)])
    with pytest.raises(errors.OutcomeUnknown):
        client.transact_write([table.update_action(KEY, "ADD n :one", values={":one": 1})])
    assert set(sends(world, "TransactWriteItems")) == {HOME}


def test_a_read_goes_elsewhere_at_once(world):
    client = world.client()
    client.table("items").put({"pk": "a"})
    world.regions.script(HOME, timed_out())
    assert client.table("items").get(KEY) == {"pk": "a"}
    assert sends(world, "GetItem") == [HOME, WEST]
    assert not world.clock.slept


def test_writes_go_elsewhere_when_the_circuit_opens_and_all_together(world):
    client = world.client()
    table = client.table("items")
    world.regions.down(HOME)
    table.put({"pk": "a"})
    assert sends(world, "PutItem")[-1] == WEST
    assert client.pipeline.core.router.writer.name == WEST
    world.regions.sent.clear()
    table.put({"pk": "b"})
    table.get(KEY, consistent=True)
    assert world.regions.sent == [("PutItem", WEST), ("GetItem", WEST)], "nothing is spent on the lost region"


def test_between_two_regions_writes_pause_for_the_clocks(world):
    client = world.client(
        Policy(routing=RoutingPolicy(failover=True, handover_seconds=0.1), retry=RetryPolicy(retries=9))
    )
    table = client.table("items")
    table.put({"pk": "a"})
    acknowledged = world.clock.now
    world.regions.down(HOME)
    table.put({"pk": "a"})
    assert world.clock.now >= acknowledged + 0.1


def test_without_failover_one_region_is_all_there_is(world):
    client = world.client(regions_of=[HOME])
    world.regions.down(HOME)
    table = client.table("items")
    with pytest.raises(errors.ConnectError):
        table.get(KEY)
    with pytest.raises(errors.CircuitOpenError, match="nothing was sent"):
        table.get(KEY)
    assert set(world.regions.sent) == {("GetItem", HOME)}


def test_all_regions_gone_names_each(world):
    client = world.client()
    for name in (HOME, WEST, EU):
        world.regions.down(name)
    table = client.table("items")
    with pytest.raises((errors.ConnectError, errors.RegionsUnavailableError)):
        table.get(KEY)
    for _ in range(5):
        with pytest.raises(errors.HoldfastError):
            table.get(KEY)
    with pytest.raises(errors.RegionsUnavailableError) as caught:
        table.get(KEY)
    assert set(caught.value.causes) == {HOME, WEST, EU}


def test_it_returns_after_the_reset_with_one_probe(world):
    policy = Policy(breaker=BreakerPolicy(reset_seconds=10), routing=RoutingPolicy(failover=True, failback_seconds=1.0))
    client = world.client(policy)
    table = client.table("items")
    world.regions.down(HOME)
    table.put({"pk": "a"})
    world.regions.up(HOME)
    world.clock.advance(9.0)
    table.put({"pk": "b"})
    assert client.pipeline.core.router.writer.name == WEST
    for _ in range(6):
        world.clock.advance(2.0)
        table.put({"pk": "c"})
    assert client.pipeline.core.router.writer.name == HOME


def test_a_pinned_call_goes_to_its_region_alone(world):
    client = world.client()
    world.regions.script(WEST, refused())
    client.table("items").put({"pk": "a"}, region=WEST)
    assert sends(world, "PutItem") == [WEST, WEST]
    with pytest.raises(errors.ConfigurationError, match="no region 'mars'"):
        client.table("items").get(KEY, region="mars")


def test_retries_stop_when_the_quota_is_used_up(world):
    client = world.client(Policy(retry=RetryPolicy(quota_tokens=20)), regions_of=[HOME])
    world.regions.down(HOME, throttled())
    attempts = []
    for _ in range(3):
        world.regions.sent.clear()
        with pytest.raises(errors.ThrottledError):
            client.table("items").get(KEY)
        attempts.append(len(world.regions.sent))
    assert attempts == [5, 1, 1]


def test_a_deadline_ends_the_retries(world):
    client = world.client(random=lambda: 1.0)
    world.regions.down(HOME, throttled())
    begun = world.clock.now
    with pytest.raises(errors.ThrottledError):
        client.send(_get(deadline=world.clock.now + 0.2))
    assert world.clock.now - begun <= 0.2


def test_a_deadline_that_has_passed_sends_nothing(world):
    client = world.client()
    with pytest.raises(errors.DeadlineExceededError):
        client.send(_get(deadline=world.clock.now - 1))
    assert not world.regions.sent


def test_a_deadline_is_inherited_and_the_sooner_one_holds(monkeypatch, world):
    monkeypatch.setattr("time.monotonic", lambda: world.clock.now)
    client = world.client(random=lambda: 1.0)
    world.regions.down(HOME, throttled())
    begun = world.clock.now
    with scope(timeout=0.3), scope(timeout=10.0), pytest.raises(errors.ThrottledError):
        client.table("items").put({"pk": "a"})
    assert world.clock.now - begun <= 0.3


def test_over_the_limit_a_call_is_refused_at_once(world):
    client = world.client(Policy(limit=LimitPolicy(initial=1, minimum=1, maximum=1)))
    inside, leave = threading.Event(), threading.Event()
    send = world.regions.send

    def slow(call, region, *, timeouts):
        inside.set()
        leave.wait(60)
        return send(call, region, timeouts=timeouts)

    client.pipeline._sender = type("Slow", (), {"send": staticmethod(slow), "close": lambda _: None})()
    thread = threading.Thread(target=lambda: client.table("items").get(KEY))
    thread.start()
    assert inside.wait(60)
    with pytest.raises(errors.OverloadedError, match="nothing was sent"):
        client.table("items").get(KEY)
    leave.set()
    thread.join(60)
    client.table("items").get(KEY)


def test_tables_have_limits_of_their_own(world):
    client = world.client(Policy(limit=LimitPolicy(initial=1, minimum=1, maximum=1)))
    state = client.pipeline.core.router.states[0]
    assert state.limiter("items").acquire()
    with pytest.raises(errors.OverloadedError):
        client.table("items").get(KEY)
    client.table("orders").get({"customer_id": "c", "order_id": "o"})


def test_what_goes_on_can_be_looked_at(world):
    client = world.client()
    client.table("items").put({"pk": "a"})
    views = client.pipeline.core.views()
    assert views["writer"] == HOME
    assert views["counts"]["attempts"] == 1
    assert views["regions"][HOME]["write"].state == "closed"
    assert isinstance(client.pipeline.core, Core)


def _get(deadline):
    from holdfast._attempt import GET_ITEM, Call

    return Call(GET_ITEM, {"TableName": "items", "Key": {"pk": {"S": "a"}}}, "items", deadline)
