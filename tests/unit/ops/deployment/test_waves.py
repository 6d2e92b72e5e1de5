import fnmatch
from collections.abc import Mapping

import pytest

from ops.deployment.bake import bake
from ops.deployment.waves import in_region, pattern, plan, require_first
from ops.errors import OpsError
from sandbox.engine import Op, Outcome, Step

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
CHAIN = "holdfast:platform:Region$holdfast:data:DataLayer$aws:dynamodb/tag:Tag"


def step(name: str, op: Op = Op.UPDATE, chain: str = CHAIN) -> Step:
    urn = f"urn:pulumi:prod::holdfast::{chain}::{name}"
    return Step(op=op, urn=urn, type=chain.rsplit("$", 1)[-1], name=name)


def everywhere(op: Op = Op.UPDATE) -> list[Step]:
    return [step(f"{region}-thing", op) for region in REGIONS]


GLOBAL = "holdfast:platform:Foundation$aws:iam/policy:Policy"


def waves(steps: list[Step], first: str | None = None):
    preview = Outcome(run="preview", ok=True, steps=tuple(steps))
    return plan(preview, stack="prod", project="holdfast", regions=REGIONS, home="us-east-1", first=first)


def test_one_region_that_is_not_home_goes_first_and_the_rest_follows() -> None:
    first, rest = waves(everywhere())
    assert first.regions == ("eu-west-1",)
    assert rest.regions == ("us-east-1", "us-west-2")
    assert (first.changes, rest.changes) == (1, 2)
    assert rest.targets == ()


def test_the_region_to_begin_with_can_be_named() -> None:
    assert waves(everywhere(), first="us-west-2")[0].regions == ("us-west-2",)


@pytest.mark.parametrize(("first", "told"), [("us-east-1", "is the home region"), ("mars-1", "is no region")])
def test_the_home_region_and_a_stranger_cannot_be_first(first: str, told: str) -> None:
    with pytest.raises(OpsError, match=told):
        require_first(first, regions=REGIONS, home="us-east-1")


def test_what_is_global_and_new_goes_with_the_first_and_what_changes_goes_last() -> None:
    new, changed = step("new-policy", Op.CREATE, GLOBAL), step("old-policy", Op.UPDATE, GLOBAL)
    first, rest = waves([*everywhere(), new, changed])
    assert new.urn in first.targets
    assert changed.urn not in first.targets
    assert (first.changes, rest.changes) == (2, 3)


def test_a_new_stack_is_one_wave_and_no_change_is_none() -> None:
    (only,) = waves(everywhere(Op.CREATE))
    assert only.name == "all at once"
    assert waves([step("us-west-2-thing", Op.SAME)]) == ()


@pytest.mark.parametrize("name", ["us-east-1-thing", "old-policy"])
def test_what_touches_only_home_or_only_the_globe_is_one_wave(name: str) -> None:
    (only,) = waves([step(name, chain=CHAIN if name.startswith("us") else GLOBAL)])
    assert only.targets == ()


def test_the_pattern_takes_a_region_and_nothing_else() -> None:
    wanted = pattern("prod", "holdfast", "us-west-2")
    region = Step(
        op=Op.SAME, urn="urn:pulumi:prod::holdfast::holdfast:platform:Region::us-west-2", type="", name="us-west-2"
    )
    for one in (step("us-west-2-thing"), region):
        assert fnmatch.fnmatchcase(one.urn, wanted)
        assert in_region(one, "us-west-2")
    for other in (step("us-east-1-thing"), step("us-west-2-key", chain=GLOBAL)):
        assert not fnmatch.fnmatchcase(other.urn, wanted)
        assert not in_region(other, "us-west-2")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def watch(
    looks: list[Mapping[str, frozenset[str]]], before: Mapping[str, frozenset[str]], seconds: float = 30
) -> list[float]:
    clock = Clock()
    script = iter(looks)
    last = looks[-1]
    return list(bake(lambda: next(script, last), before, seconds=seconds, clock=clock, sleep=clock.sleep))


def test_a_quiet_bake_looks_to_the_very_end() -> None:
    assert watch([{"a": frozenset()}], {}) == [30, 20, 10, 0]


def test_what_rang_before_is_not_the_changes_fault() -> None:
    assert watch([{"a": frozenset({"old"})}], {"a": frozenset({"old"})}, seconds=0) == [0]


def test_a_new_alarm_stops_it_and_is_named_with_the_way_back() -> None:
    with pytest.raises(OpsError) as caught:
        watch([{"a": frozenset()}, {"a": frozenset({"p99"})}], {})
    assert "a: p99" in caught.value.why
    assert "commit before this one" in caught.value.fix


def test_a_region_that_cannot_be_asked_is_not_quiet() -> None:
    with pytest.raises(OpsError, match="alarm rings"):
        watch([{"a": frozenset({"unreachable: timed out"})}], {"a": frozenset()})
