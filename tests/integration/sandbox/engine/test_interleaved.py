"""Registrations that meet a deletion-before-replacement of what they depended on, in a forced order."""

import threading

import pytest

from sandbox.engine import urns
from sandbox.engine.statefile import verify

pytestmark = pytest.mark.sandbox

HEAD = 'p = Provider("p")\no = ResourceOptions(provider=p)\nbox = Box("box", ResourceOptions(providers=[p]))\n'
BEFORE = HEAD + (
    'base = Thing("base", ResourceOptions(parent=box), size=1)\n'
    'root = Thing("root", o, key=1, first=True)\n'
    'leaf = Thing("leaf", ResourceOptions(provider=p, depends_on=[base]), key=1, key_root=root.serial)\n'
)
# `base` leaves its box, so that its old state goes at the end; `leaf` needs `root` no more, so both go side by side.
AFTER = HEAD + (
    'base = Thing("base", o, size=1)\n'
    'root = Thing("root", o, key=2, first=True)\n'
    'leaf = Thing("leaf", ResourceOptions(provider=p, depends_on=[base]), key={key}, size=2)\n'
)
SECONDS = 20


class Meeting:
    """Holds the provider's calls so that `leaf` meets the question what `root`'s deletion would take along."""

    def __init__(self, world):
        self.asked, self.decided = threading.Event(), threading.Event()
        self.met = True
        world.before_diff = self.before_diff
        world.before_create = self.before_create

    def before_diff(self, urn, news):
        if urns.name_of(urn) != "leaf":
            return
        if "size" not in news:  # the question: would `leaf` as it was have to be replaced with `root`?
            self.asked.set()
            self.met &= self.decided.wait(SECONDS)
        else:
            self.met &= self.asked.wait(SECONDS)

    def before_create(self, urn):
        if urns.name_of(urn) == "leaf":
            self.decided.set()


def settled(stack):
    deployment = stack.state.load()
    verify(deployment)
    assert not any(state.delete or state.pending_replacement for state in deployment.resources)
    things = {state.name: state for state in deployment.resources if state.type == "test:index:Thing"}
    assert {state.id for state in things.values()} == set(stack.host.world.objects)
    return things


def test_a_replacement_under_way_is_not_taken_along_by_a_deletion(stack):
    assert stack.write(BEFORE).engine().up().ok
    meeting = Meeting(stack.host.world)
    outcome = stack.write(AFTER.format(key=2)).engine().up()
    assert outcome.ok, outcome.diagnostics
    assert meeting.met
    things = settled(stack)
    assert (things["leaf"].inputs["key"], things["root"].inputs["key"]) == (2, 2)
    assert stack.host.world.methods("delete").count("leaf") == 1


def test_what_a_deletion_takes_along_is_made_again_only_once_it_is_gone(stack):
    assert stack.write(BEFORE).engine().up().ok
    world = stack.host.world
    going, order = threading.Event(), []

    def before_diff(urn, news):
        if urns.name_of(urn) == "leaf" and "size" in news:
            assert going.wait(SECONDS)

    def before_delete(urn):
        if urns.name_of(urn) == "leaf":
            going.set()
            threading.Event().wait(0.3)  # time for a creation that would not wait
            order.append("deleted")

    world.before_diff, world.before_delete = before_diff, before_delete
    world.before_create = lambda urn: order.append("created") if urns.name_of(urn) == "leaf" else None
    outcome = stack.write(AFTER.format(key=1)).engine().up()
    assert outcome.ok, outcome.diagnostics
    assert order == ["deleted", "created"]
    settled(stack)
