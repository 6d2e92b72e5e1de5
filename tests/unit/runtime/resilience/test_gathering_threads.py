"""Gets of several threads of one moment: gathered into a batch, where that pays."""

import threading

import pytest

from holdfast import Client, Policy, errors
from holdfast._attempt import Reply
from holdfast.topology import Key, Region, Table, Topology

ITEMS = Table(name="items", arn="", partition_key=Key(name="pk"))
REGION = Region(name="us-east-1", tables={"items": ITEMS})
ONE = Topology(stack="s", home_region="us-east-1", regions={"us-east-1": REGION})


class Held:
    """Answers what is asked, once the gate is open; `k9` does not exist, and `left` keys are not processed."""

    def __init__(self):
        self.gate = threading.Event()
        self.names = []
        self.refuse_batches = False
        self.left = set()
        self._lock = threading.Lock()

    def send(self, call, region, *, timeouts):
        import orjson

        with self._lock:
            self.names.append(call.operation.name)
        if not self.gate.wait(60):
            raise errors.AttemptTimeoutError("the gate stays shut", region=region.name)
        if call.operation.name == "BatchGetItem":
            if self.refuse_batches:
                raise errors.AccessDeniedError("no batches", code="AccessDeniedException", status=400)
            keys = call.request["RequestItems"]["items"]["Keys"]
            found = [{**key, "n": {"N": "1"}} for key in keys if key["pk"]["S"] not in {"k9", *self.left}]
            left = [key for key in keys if key["pk"]["S"] in self.left]
            unprocessed = {"items": {"Keys": left}} if left else {}
            return Reply(orjson.dumps({"Responses": {"items": found}, "UnprocessedKeys": unprocessed}), region.name)
        key = call.request["Key"]
        return Reply(orjson.dumps({} if key["pk"]["S"] == "k9" else {"Item": {**key, "n": {"N": "2"}}}), region.name)

    def close(self):
        pass


@pytest.fixture
def held():
    return Held()


def read(held, count, busy=0, each=None):
    """What `count` threads read at once, while `busy` other gets are in flight."""
    client = Client(ONE, sender=held, policy=Policy(coalesce=True))
    coalescer = client.pipeline
    gathered = threading.Event()
    coalescer._sleep = lambda _: gathered.wait(60)
    table, found = client.table("items"), {}

    def one(key):
        try:
            found[key] = table.get({"pk": key}, **(each or {}))
        except errors.HoldfastError as error:
            found[key] = error

    others = [threading.Thread(target=one, args=(f"busy{n}",)) for n in range(busy)]
    for thread in others:
        thread.start()
    while len(held.names) < busy:
        threading.Event().wait(0.005)
    threads = [threading.Thread(target=one, args=(f"k{n}",)) for n in range(count)]
    for thread in threads:
        thread.start()
    while sum(coalescer._in_flight.values()) < busy + count:
        threading.Event().wait(0.005)
    gathered.set()
    held.gate.set()
    for thread in [*threads, *others]:
        thread.join(60)
    assert not coalescer._gathering
    assert not coalescer._flights
    client.close()
    return {key: value for key, value in found.items() if key.startswith("k")}, coalescer


def test_threads_that_find_many_gets_in_flight_are_gathered(held):
    found, coalescer = read(held, 10, busy=3)
    assert sorted(held.names) == ["BatchGetItem", "GetItem", "GetItem", "GetItem"]
    assert coalescer.batches == 1
    assert found == {**{f"k{n}": {"pk": f"k{n}", "n": 1} for n in range(9)}, "k9": None}


def test_a_few_gets_are_sent_apart_and_wait_for_nobody(held):
    found, coalescer = read(held, 3)
    assert held.names == ["GetItem"] * 3
    assert coalescer.batches == 0
    assert found["k0"] == {"pk": "k0", "n": 2}


def test_what_gathers_too_little_is_sent_apart(held):
    found, _ = read(held, 2, busy=3)
    assert held.names == ["GetItem"] * 5
    assert found["k1"] == {"pk": "k1", "n": 2}


@pytest.mark.parametrize("trouble", ["refused", "unprocessed"])
def test_what_a_batch_does_not_answer_is_read_by_itself(held, trouble):
    held.refuse_batches = trouble == "refused"
    held.left = {"k1", "k2"} if trouble == "unprocessed" else set()
    found, _ = read(held, 6, busy=3)
    alone = 6 if trouble == "refused" else 2
    assert sorted(held.names) == ["BatchGetItem", *["GetItem"] * (3 + alone)]
    assert found["k1"] == {"pk": "k1", "n": 2}
    assert len(found) == 6


def test_more_than_a_batch_holds_goes_on_apart(held):
    found, _ = read(held, 104, busy=3)
    assert held.names.count("BatchGetItem") == 1
    assert held.names.count("GetItem") == 3 + 4
    assert len(found) == 104


def test_a_gatherer_that_is_interrupted_leaves_nobody_behind(held):
    client = Client(ONE, sender=held, policy=Policy(coalesce=True))
    coalescer = client.pipeline

    def interrupted(_):
        raise KeyboardInterrupt

    coalescer._sleep = interrupted
    coalescer._in_flight["items", False] = 3
    held.gate.set()
    with pytest.raises(KeyboardInterrupt):
        client.table("items").get({"pk": "a"})
    coalescer._in_flight["items", False] = 0
    assert client.table("items").get({"pk": "a"}) == {"pk": "a", "n": 2}
