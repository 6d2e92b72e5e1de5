"""Hedges, coalescing, sessions and the watch, on an event loop in virtual time."""

import asyncio
import random

import pytest

from holdfast import errors
from holdfast._attempt import GET_ITEM, PUT_ITEM, Call, Reply
from holdfast.resilience import Core, HedgePolicy, Policy, RetryPolicy, RoutingPolicy, Scope, Session
from holdfast.resilience.coalesce import SyncCoalescer
from holdfast.resilience.coalesce_async import AsyncCoalescer
from holdfast.resilience.flags import Flag
from holdfast.resilience.pipeline_async import AsyncPipeline
from holdfast.testing.loop import run
from holdfast.testing.simulation.regions import EPOCH, Network, SimulatedRegions
from holdfast.testing.simulation.world import CONTROL, topology


def get(key="a", **more):
    return Call(GET_ITEM, {"TableName": "items", "Key": {"pk": {"S": key}}, **more}, "items")


def put(key="a", version=1, **more):
    item = {"pk": {"S": key}, "version": {"N": str(version)}}
    return Call(PUT_ITEM, {"TableName": "items", "Item": item, **more}, "items")


class Slow:
    """A sender whose answers take the times it is given, then a default."""

    def __init__(self, *seconds, default=0.01):
        self.seconds, self.default = list(seconds), default
        self.sent, self.cancelled = [], 0
        self.ends = []
        """Of each send, when it is to be given up."""

    async def send(self, call, region, *, timeouts):
        self.sent.append(call)
        self.ends.append(asyncio.get_running_loop().time() + timeouts.attempt)
        seconds = self.seconds.pop(0) if self.seconds else self.default
        try:
            if isinstance(seconds, Exception):
                await asyncio.sleep(self.default)
                raise seconds
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        keys = call.request.get("RequestItems", {}).get("items", {}).get("Keys")
        if keys is not None:
            import orjson

            found = [key for key in keys if key["pk"]["S"] != "missing"]
            return Reply(orjson.dumps({"Responses": {"items": found}}), region.name, None, seconds)
        return Reply(b'{"Item":{"pk":{"S":"a"}}}', region.name, None, seconds)

    async def close(self):
        pass


def pipeline(sender, policy=None):
    loop = asyncio.get_running_loop()
    core = Core([topology().home], topology(), policy or Policy(), clock=loop.time, random=random.Random(1).random)  # noqa: S311
    return AsyncPipeline(sender, core)


async def warmed(sender, policy=None):
    made = pipeline(sender, policy)
    for _ in range(60):
        await made.send(get())
    sender.sent.clear()
    return made


def test_a_slow_read_is_hedged_and_the_loser_cancelled():
    async def main():
        sender = Slow()
        made = await warmed(sender)
        sender.seconds = [0.3, 0.01]
        started = asyncio.get_running_loop().time()
        await made.send(get())
        return len(sender.sent), sender.cancelled, asyncio.get_running_loop().time() - started

    sends, cancelled, seconds = run(main())
    assert (sends, cancelled) == (2, 1)
    assert seconds < 0.05


def test_a_hedge_ends_with_the_time_that_its_call_has_left():
    async def main():
        sender = Slow()
        made = await warmed(sender, Policy(retry=RetryPolicy(retries=0)))
        sender.ends.clear()
        sender.seconds, sender.default = [errors.AttemptTimeoutError("x"), errors.AttemptTimeoutError("x")], 0.1
        call = get()
        call.deadline = asyncio.get_running_loop().time() + 0.1
        with pytest.raises(errors.HoldfastError):
            await made.send(call)
        return sender.ends, call.deadline

    ends, deadline = run(main())
    assert ends == pytest.approx([deadline, deadline]), "the first send, and its hedge"


def test_a_fast_read_and_a_write_are_not_hedged():
    async def main():
        sender = Slow()
        made = await warmed(sender)
        await made.send(get())
        sender.seconds = [0.3]
        await made.send(put())
        return len(sender.sent)

    assert run(main()) == 2


def test_hedges_keep_to_their_budget_when_everything_is_slow():
    async def main():
        sender = Slow()
        made = await warmed(sender)
        sender.default = 0.2
        for _ in range(400):
            await made.send(get())
        return len(sender.sent)

    assert run(main()) <= 400 * 1.05 + 12


@pytest.mark.parametrize("seconds", [[0.3, RuntimeError()], [errors.AttemptTimeoutError("x"), 0.01]])
def test_one_of_the_two_failing_does_not_fail_the_read(seconds):
    async def main():
        sender = Slow()
        made = await warmed(sender)
        fault = errors.ConnectionLostError("lost")
        sender.seconds = [fault if isinstance(s, RuntimeError) else s for s in seconds]
        return await made.send(get())

    assert run(main()).document["Item"]


def test_a_caller_who_gives_up_cancels_both():
    async def main():
        sender = Slow()
        made = await warmed(sender)
        sender.seconds = [5.0, 5.0]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await made.send(get())
        await asyncio.sleep(0)
        return sender.cancelled, made.core.router.states[0].read.view().in_flight

    assert run(main()) == (2, 0)


def test_no_hedges_when_they_are_turned_off():
    async def main():
        sender = Slow()
        made = await warmed(sender, Policy(hedge=HedgePolicy(enabled=False)))
        sender.seconds = [0.3]
        await made.send(get())
        return len(sender.sent)

    assert run(main()) == 1


def test_equal_reads_share_one_send():
    async def main():
        sender = Slow()
        made = AsyncCoalescer(pipeline(sender))
        replies = await asyncio.gather(*(made.send(get()) for _ in range(20)))
        return len(sender.sent), made.joined, {reply.body for reply in replies}

    sends, joined, bodies = run(main())
    assert (sends, joined, len(bodies)) == (1, 19, 1)


def test_nobody_joins_a_read_from_before_a_write():
    async def main():
        sender = Slow(0.1)
        made = AsyncCoalescer(pipeline(sender))
        early = asyncio.create_task(made.send(get()))
        await asyncio.sleep(0.02)
        await made.send(put())
        await made.send(get())
        await early
        return [call.operation.name for call in sender.sent]

    assert run(main()) == ["GetItem", "PutItem", "GetItem"]


def test_gets_of_one_moment_become_a_batch_when_they_are_many():
    async def main(count):
        sender = Slow()
        made = AsyncCoalescer(pipeline(sender))
        keys = [f"k{n}" for n in range(count - 1)] + ["missing"]
        replies = await asyncio.gather(*(made.send(get(key)) for key in keys))
        names = [call.operation.name for call in sender.sent]
        return names, [reply.document.get("Item", {}).get("pk", {}).get("S") for reply in replies]

    names, found = run(main(10))
    assert names == ["BatchGetItem"]
    assert found == [f"k{n}" for n in range(9)] + [None]
    assert run(main(3))[0] == ["GetItem"] * 3
    assert len(run(main(250))[0]) == 3


def test_a_batch_that_fails_becomes_single_gets():
    async def main():
        sender = Slow(errors.AccessDeniedError("no batches", code="AccessDeniedException", status=400))
        made = AsyncCoalescer(pipeline(sender))
        replies = await asyncio.gather(*(made.send(get(f"k{n}")) for n in range(5)))
        return [call.operation.name for call in sender.sent], len(replies)

    assert run(main()) == (["BatchGetItem", *["GetItem"] * 5], 5)


def test_threads_share_a_read_too(world):
    import threading

    client = world.client()
    made = SyncCoalescer(client.pipeline)
    inside, leave = threading.Event(), threading.Event()
    send = world.regions.send

    def slow(call, region, *, timeouts):
        inside.set()
        leave.wait(60)
        return send(call, region, timeouts=timeouts)

    client.pipeline._sender = type("Slow", (), {"send": staticmethod(slow), "close": lambda _: None})()
    threads = [threading.Thread(target=made.send, args=(get(),)) for _ in range(5)]
    threads[0].start()
    assert inside.wait(60)
    for thread in threads[1:]:
        thread.start()
    while made.joined < 4:
        threading.Event().wait(0.01)
    leave.set()
    for thread in threads:
        thread.join(60)
    assert len(world.regions.sent) == 1


class Regions:
    """Simulated regions with a client near home."""

    def __init__(self, lag=(0.3, 0.4), **routing):
        loop = asyncio.get_running_loop()
        self.topology = topology()
        self.regions = SimulatedRegions(
            self.topology.regions.values(),
            CONTROL,
            random.Random(7),  # noqa: S311 - replayable chance is the point
            Network(lag=lag),
        )
        policy = Policy(routing=RoutingPolicy(failover=True, **routing))
        core = Core(
            list(self.topology.regions.values()), self.topology, policy, clock=loop.time,
            wall=lambda: EPOCH + loop.time(), random=random.Random(3).random,  # noqa: S311
        )  # fmt: skip
        self.client = AsyncPipeline(self.regions.seen_from("us-east-1", "c0"), core)


def test_a_session_reads_its_writes_across_a_failover():
    async def main(scope):
        made = Regions()
        call = put(version=5)
        call.context = scope
        await made.client.send(call)
        made.regions.conditions["us-east-1"].lost = "refused"
        read = get()
        read.context = scope
        reply = await made.client.send(read)
        await made.client.close()
        return reply.region, reply.document.get("Item", {}).get("version")

    assert run(main(Scope(session=Session()))) == ("us-west-2", {"N": "5"})
    region, version = run(main(None))
    assert region != "us-east-1"
    assert version is None, "without a session the replica's older state is returned"


def test_a_session_says_so_when_no_replica_can_have_it():
    async def main():
        made = Regions()
        scope = Scope(session=Session())
        call = put(version=5)
        made.regions.partition("us-east-1")
        call.context = scope
        await made.client.send(call)
        made.regions.conditions["us-east-1"].lost = "refused"
        read = get()
        read.context = scope
        with pytest.raises(errors.StaleReadError):
            await made.client.send(read)
        await made.client.close()

    run(main())


def test_clients_leave_a_flagged_region_within_a_second_and_nothing_fails():
    async def main():
        made = Regions(lag=(0.1, 0.3))
        loop = asyncio.get_running_loop()
        await made.client.send(put("k0"))
        await asyncio.sleep(1.0)
        flag = Flag(region="us-east-1", evacuated=True, epoch=1)
        flagged = loop.time()
        made.regions.stores["eu-west-1"].apply("PutItem", {"TableName": CONTROL.name, "Item": flag.to_wire()})
        for number in range(1_000):
            reply = await made.client.send(put(f"k{number}"))
            if reply.region != "us-east-1":
                break
            await asyncio.sleep(0.01)
        await made.client.close()
        return loop.time() - flagged

    assert run(main()) < 1.0


def test_a_flag_is_seen_though_the_own_region_answers_nothing():
    async def main():
        made = Regions(lag=(0.1, 0.3))
        await made.client.send(put("k0"))
        made.regions.conditions["us-east-1"].lost = "blackhole"
        made.regions.partition("us-east-1")
        flag = Flag(region="us-east-1", evacuated=True, epoch=1)
        made.regions.stores["us-west-2"].apply("PutItem", {"TableName": CONTROL.name, "Item": flag.to_wire()})
        await asyncio.sleep(2.0)
        evacuated = made.client.core.router.evacuated(made.client.core.router.states[0])
        await made.client.close()
        return evacuated

    assert run(main()) is True


@pytest.mark.parametrize("loss", ["refused", "reset", "blackhole"])
def test_writes_do_not_leave_for_a_lost_region_that_nobody_had_asked_when_all_others_are_flagged(loss):
    async def main():
        made = Regions(lag=(0.1, 0.3), lag_probe_seconds=None)
        for region in ("us-west-2", "us-east-1"):
            flag = Flag(region=region, evacuated=True, epoch=1)
            made.regions.stores["us-east-1"].apply("PutItem", {"TableName": CONTROL.name, "Item": flag.to_wire()})
        await asyncio.sleep(5.0)
        made.regions.conditions["eu-west-1"].lost = loss
        served = {(await made.client.send(put(f"k{number}"))).region for number in range(500)}
        told = made.client.core.router.flags.active
        await made.client.close()
        return served, told

    assert run(main()) == ({"us-east-1"}, True)


def test_the_lag_of_every_region_is_measured_all_the_time():
    async def main():
        made = Regions(lag=(0.5, 0.6), lag_probe_seconds=2.0)
        await made.client.send(put("k0"))
        await asyncio.sleep(4.0)
        usual = dict(made.client.core.lag)
        made.regions.partition("us-east-1", "us-west-2")
        await asyncio.sleep(8.0)
        cut = dict(made.client.core.lag)
        made.regions.heal("us-east-1", "us-west-2")
        await asyncio.sleep(8.0)
        await made.client.close()
        return usual, cut, made.client.core.lag

    usual, cut, healed = run(main())
    west, europe = ("us-east-1", "us-west-2"), ("us-east-1", "eu-west-1")
    assert set(usual) == {west, europe}
    assert all(0.4 < seconds < 1.3 for seconds in usual.values()), usual
    assert cut[west] > 4.0, "it is not there yet, and that counts"
    assert cut[europe] < 1.3
    assert healed[west] < 2.5


@pytest.mark.parametrize("lagging", [False, True])
def test_a_region_that_is_far_behind_takes_over_only_when_no_other_is_left(lagging):
    async def main():
        made = Regions(lag=(0.1, 0.2), lag_probe_seconds=1.0, lag_limit_seconds=2.0)
        await made.client.send(put("k0"))
        if lagging:
            made.regions.partition("us-east-1", "us-west-2")
        await asyncio.sleep(5.0)
        made.regions.conditions["us-east-1"].lost = "refused"

        async def served(call):
            for _ in range(1_000):
                try:
                    return (await made.client.send(call)).region
                except errors.HoldfastError:
                    await asyncio.sleep(0.01)
            return None

        found = [await served(put("k1")), await served(get("k0"))]
        made.regions.conditions["eu-west-1"].lost = "refused"
        made.regions.conditions["us-west-2"].lost = None
        found.append(await served(get("k0")))
        await made.client.close()
        return found

    expected = "eu-west-1" if lagging else "us-west-2"
    assert run(main()) == [expected, expected, "us-west-2"]


def test_no_lag_is_measured_where_that_is_not_wanted():
    async def main():
        made = Regions(lag_probe_seconds=None)
        await made.client.send(put("k0"))
        await asyncio.sleep(5.0)
        await made.client.close()
        return made.client.core.lag, [a.call.operation.name for a in made.regions.watching]

    lag, sent = run(main())
    assert lag == {}
    assert "PutItem" not in sent


@pytest.mark.parametrize("loss", ["refused", "reset", "blackhole"])
def test_a_lost_region_is_left_within_five_seconds_by_a_lone_caller(loss):
    async def main():
        made = Regions()
        loop = asyncio.get_running_loop()
        for number in range(100):
            await made.client.send(put(f"k{number}"))
        made.regions.conditions["us-east-1"].lost = loss
        started = loop.time()
        for number in range(1_000):
            try:
                await made.client.send(put(f"again{number}", ConditionExpression="attribute_not_exists(pk)"))
                break
            except errors.HoldfastError:
                await asyncio.sleep(0.01)
        await made.client.close()
        return loop.time() - started

    assert run(main()) < 5.0
