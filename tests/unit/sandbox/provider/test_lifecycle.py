import pytest

from sandbox.provider.aws import ids
from sandbox.provider.cloud import Cloud, MemoryMarks
from sandbox.provider.context import Context
from sandbox.provider.faults import AlreadyExistsError, PartlyMadeError, ProviderError
from sandbox.provider.lifecycle import Lifecycle
from sandbox.provider.resource import Handler, Kind, Made

URN = "urn:pulumi:test::holdfast::aws:x/y:Y::thing"


class World:
    """A cloud of named things that counts what it is asked."""

    def __init__(self, *, named=True):
        self.things = {}
        self.asked = []
        self.break_after = None
        self.kind = Kind(
            type="aws:x/y:Y",
            identity=ids.by("name") if named else (lambda _context, _inputs: None),
            handler=Handler(create=self.create, read=self.read, update=self.update, delete=self.delete),
        )

    def create(self, _context, inputs):
        self.asked.append("create")
        physical_id = inputs.get("name") or f"id-{len(self.asked)}"
        if physical_id in self.things:
            raise AlreadyExistsError("exists")
        self.things[physical_id] = dict(inputs)
        if self.break_after == "create":
            raise PartlyMadeError("half", physical_id=physical_id, outputs=dict(inputs))
        return Made(physical_id)

    def read(self, _context, physical_id, _state):
        self.asked.append("read")
        return self.things.get(physical_id)

    def update(self, _context, physical_id, _old, new):
        self.asked.append("update")
        if physical_id not in self.things:
            raise ProviderError("no such thing")
        self.things[physical_id] = dict(new)
        return {}

    def delete(self, _context, physical_id, _state):
        self.asked.append("delete")
        self.things.pop(physical_id, None)


@pytest.fixture
def cloud():
    return Cloud(gateways={}, account_id="111122223333", marks=MemoryMarks())


def context(cloud, urn=URN):
    return Context(urn=urn, token="aws:x/y:Y", region="us-east-1", account_id="111122223333", cloud=cloud)


def test_a_first_create_asks_the_cloud_once(cloud):
    world = World()
    assert Lifecycle().create(world.kind, context(cloud), {"name": "a"}).id == "a"
    assert world.asked == ["create"]
    assert cloud.marks.marked(URN) == "a"


@pytest.mark.parametrize("named", [True, False])
def test_what_an_interrupted_run_made_is_taken_over(cloud, named):
    world = World(named=named)
    inputs = {"name": "a"} if named else {}
    made = Lifecycle().create(world.kind, context(cloud), inputs)
    again = Lifecycle().create(world.kind, context(cloud), {**inputs, "size": 2})
    assert again.id == made.id
    assert len(world.things) == 1
    assert world.things[made.id]["size"] == 2


def test_a_half_made_object_is_taken_over_too(cloud):
    world = World()
    world.break_after = "create"
    with pytest.raises(PartlyMadeError):
        Lifecycle().create(world.kind, context(cloud), {"name": "a"})
    world.break_after = None
    assert Lifecycle().create(world.kind, context(cloud), {"name": "a"}).id == "a"


def test_somebody_elses_object_of_the_same_name_is_not_taken_over(cloud):
    world = World()
    world.things["a"] = {}
    with pytest.raises(ProviderError, match="exists"):
        Lifecycle().create(world.kind, context(cloud), {"name": "a"})
    other = context(cloud, URN + "-other")
    with pytest.raises(ProviderError, match="exists"):
        Lifecycle().create(world.kind, other, {"name": "a"})


def test_a_failed_create_does_not_claim_the_name_for_the_next_one(cloud):
    world = World()
    world.things["a"] = {"owner": "somebody else"}
    lifecycle = Lifecycle()
    for _ in range(2):
        with pytest.raises(ProviderError, match="exists"):
            lifecycle.create(world.kind, context(cloud), {"name": "a"})
    assert world.things["a"] == {"owner": "somebody else"}


def test_a_replacement_makes_a_new_object_although_the_old_one_is_marked(cloud):
    world = World(named=False)
    first = Lifecycle().create(world.kind, context(cloud), {})
    later = Lifecycle()
    later.seen(URN, first.id)
    second = later.create(world.kind, context(cloud), {})
    assert second.id != first.id
    later.delete(world.kind, context(cloud), first.id, {})
    assert cloud.marks.marked(URN) == second.id


def test_delete_forgets_the_mark_and_may_come_twice(cloud):
    world = World()
    lifecycle = Lifecycle()
    lifecycle.create(world.kind, context(cloud), {"name": "a"})
    lifecycle.delete(world.kind, context(cloud), "a", {})
    lifecycle.delete(world.kind, context(cloud), "a", {})
    assert cloud.marks.marked(URN) is None


def test_an_update_makes_again_what_the_cloud_lost(cloud):
    world = World()
    assert Lifecycle().update(world.kind, context(cloud), "a", {"name": "a"}, {"name": "a", "size": 2}) == {}
    assert world.things["a"]["size"] == 2


def test_an_update_of_a_lost_object_with_a_generated_id_says_what_to_do(cloud):
    world = World(named=False)
    with pytest.raises(ProviderError, match="run a refresh"):
        Lifecycle().update(world.kind, context(cloud), "id-1", {}, {})


def test_an_update_that_the_cloud_refuses_keeps_its_reason(cloud):
    world = World()
    world.things["a"] = {}
    world.kind = Kind(
        type="aws:x/y:Y",
        identity=ids.by("name"),
        handler=Handler(
            create=world.create,
            read=world.read,
            update=lambda *_: (_ for _ in ()).throw(ProviderError("not allowed")),
            delete=world.delete,
        ),
    )
    with pytest.raises(ProviderError, match="not allowed"):
        Lifecycle().update(world.kind, context(cloud), "a", {}, {"name": "a"})
