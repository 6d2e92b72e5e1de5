"""The lease: one operation at a time, also where operators see different regions."""

from __future__ import annotations

import random
import time

import pytest

from ops.errors import OpsError
from ops.exits import Exit
from ops.failover import lease as leases
from ops.failover.lease import Lease, majority, new_journal


class CheckFailedError(Exception):
    pass


class Region:
    """The control table of one region, as far as the lease needs it: conditional writes are decided here."""

    class exceptions:  # noqa: N801 (boto3's name)
        ConditionalCheckFailedException = CheckFailedError

    def __init__(self, items, seen):
        self._items, self._seen = items, seen

    def _reach(self):
        if not self._seen():
            raise ConnectionError("timed out")

    def get_item(self, **request):
        self._reach()
        item = self._items.get(request["Key"]["scope"]["S"])
        return {"Item": item} if item else {}

    def put_item(self, **request):
        self._reach()
        scope, values = request["Item"]["scope"]["S"], request["ExpressionAttributeValues"]
        stood = self._items.get(scope)
        if ":token" in values:
            holds = stood is not None and stood["token"] == values[":token"]
        else:
            assert request["ConditionExpression"].startswith("attribute_not_exists")
            holds = (
                stood is None
                or float(stood["expires"]["N"]) < float(values[":now"]["N"])
                or stood["finished"] == values[":true"]
                or stood["operation"] == values[":operation"]
            )
        if not holds:
            raise CheckFailedError
        self._items[scope] = request["Item"]

    def delete_item(self, **request):
        self._reach()
        scope = request["Key"]["scope"]["S"]
        stood = self._items.get(scope)
        if stood is None or stood["token"] != request["ExpressionAttributeValues"][":token"]:
            raise CheckFailedError
        del self._items[scope]


class World:
    """Regions, and what each operator sees of them."""

    def __init__(self, count=3):
        self.regions = [f"r{number}" for number in range(1, count + 1)]
        self.items = {name: {} for name in self.regions}

    def operator(self, *sees, avoid="r1"):
        world = self

        class Estate:
            regions = world.regions
            control_table = "control"

            def __init__(self):
                self.sees = set(sees or world.regions)

            def client(self, _service, region):
                return Region(world.items[region], lambda: region in self.sees)

        estate = Estate()
        return estate, Lease(estate, avoid=avoid)


def journal(source="r1"):
    return new_journal("failover", source, "r2")


def test_the_region_in_question_is_not_waited_for_where_others_are_enough():
    _, lease = World().operator()
    lease.take(journal())
    assert lease.regions == ["r2", "r3"]


def test_one_works_and_the_other_is_told_who():
    world = World()
    world.operator()[1].take(journal())
    with pytest.raises(OpsError, match=r"another operation is at work.*failover of r1 by") as caught:
        world.operator()[1].take(journal("r3"))
    assert caught.value.code == Exit.BUSY


@pytest.mark.parametrize(("first", "second"), [(("r2", "r3"), ("r1", "r3")), (("r1", "r2"), ("r2", "r3"))])
def test_operators_who_see_different_regions_meet_in_one(first, second):
    world = World()
    world.operator(*first)[1].take(journal())
    with pytest.raises(OpsError, match="another operation is at work"):
        world.operator(*second, avoid="r2")[1].take(journal("r2"))


def test_too_few_regions_are_no_lease_unless_the_operator_says_so():
    world = World()
    with pytest.raises(OpsError, match="1 of 3 regions answer, 2 must") as caught:
        world.operator("r2")[1].take(journal())
    assert "--accept control-plane-alone" in caught.value.fix
    assert world.items["r2"] == {}, "the vote is given back"
    world.operator("r2")[1].take(journal(), alone=True)
    assert world.items["r2"] != {}


def test_votes_that_were_given_for_nothing_are_given_back():
    world = World()
    world.operator("r3")[1].take(journal(), alone=True)
    with pytest.raises(OpsError, match="at work"):
        world.operator()[1].take(journal())
    assert world.items["r2"] == {}


def test_a_lease_that_is_not_renewed_ends_and_its_holder_is_told(monkeypatch):
    world = World()
    first, theirs = world.operator()[1], journal()
    first.take(theirs)
    later = time.time() + leases.SECONDS + 1
    monkeypatch.setattr(leases.time, "time", lambda: later)
    world.operator()[1].take(journal("r3"))
    with pytest.raises(OpsError, match="at work on this stack: failover of r3"):
        first.renew(theirs)


def test_the_same_operation_is_taken_over_and_goes_on_from_its_journal():
    world = World()
    first, theirs = world.operator()[1], journal()
    first.take(theirs)
    theirs.steps.append({"step": "flag", "started": 1.0, "ended": 2.0, "detail": {}})
    first.renew(theirs)
    second = world.operator()[1]
    held = second.read()
    assert held.journal.done("flag")
    second.take(held.journal)
    with pytest.raises(OpsError, match="at work"):
        first.renew(theirs)


def test_a_region_that_falls_silent_does_not_stop_the_work():
    world = World()
    estate, lease = world.operator()
    mine = journal()
    lease.take(mine)
    estate.sees = {"r3"}
    mine.steps.append({"step": "flag", "started": 1.0, "ended": 2.0, "detail": {}})
    lease.renew(mine)
    assert world.operator("r3")[1].read().journal.done("flag")
    estate.sees = set()
    with pytest.raises(OpsError, match="no region that holds the lease answers"):
        lease.renew(mine)


def test_nobody_answers():
    with pytest.raises(OpsError, match="no region's control table answers"):
        World().operator("r9")[1].read()


def test_two_regions_have_no_majority_that_survives_one():
    assert [majority(count) for count in (1, 2, 3, 4, 5)] == [1, 1, 2, 3, 3]


@pytest.mark.parametrize("seed", range(200))
def test_never_two_at_once_whatever_they_see(seed):
    chance = random.Random(seed)  # noqa: S311 (a schedule, no secret)
    world = World(chance.choice([3, 4, 5]))
    holders: dict[str, Lease] = {}
    for _ in range(12):
        sees = [name for name in world.regions if chance.random() < 0.7]
        source = chance.choice(world.regions)
        _, lease = world.operator(*(sees or ["none"]), avoid=source)
        mine = journal(source)
        try:
            lease.take(mine)
        except OpsError:
            assert lease.regions == []
        else:
            assert not holders, "two hold the lease"
            holders[mine.operation] = lease
        if holders and chance.random() < 0.4:
            ((_, held),) = holders.items()
            for name in held.regions:
                world.items[name].clear()
            holders.clear()
