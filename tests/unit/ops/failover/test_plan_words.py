"""What a plan tells its operator, and where exactly its limits lie."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.failover import plan as planning
from ops.failover.facts import Facts, RegionFacts, TableFacts

HERE, THERE = "us-east-1", "us-west-2"
TABLE = TableFacts(write_maximum=1000, read_maximum=2000, warm_writes=1000, warm_reads=2000)
REGION = RegionFacts(flag_epochs={}, tables={"orders": TABLE, "control": TABLE}, account_write_maximum=1000)
SOUND = Facts(
    home=HERE,
    order=(HERE, THERE),
    tables=("orders",),
    regions={HERE: REGION, THERE: REGION},
    lag_ms={(HERE, THERE): planning.LAG_LIMIT_MS, (THERE, HERE): planning.LAG_LIMIT_MS},
    load={"orders": (2000.0, 1000.0)},
)


def checks(facts, plan=planning.failover):
    return [fault.check for fault in plan(facts, HERE, THERE).faults]


def with_region(name, **changes):
    return replace(SOUND, regions={**SOUND.regions, name: replace(REGION, **changes)})


def test_what_is_just_allowed_is_no_fault():
    assert planning.LAG_LIMIT_MS == 2_000
    assert checks(SOUND) == []


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (replace(SOUND, lag_ms={(HERE, THERE): 2_000.5}), ["lag"]),
        (replace(SOUND, load={"orders": (2001.0, 0.0)}), ["capacity", "warm-throughput"]),
        (replace(SOUND, load={"orders": (0.0, 1001.0)}), ["capacity", "warm-throughput", "quota"]),
        (replace(SOUND, load={"gone": (9.0, 9.0), "orders": (2001.0, 0.0)}), ["capacity", "warm-throughput"]),
    ],
)
def test_a_little_more_is_one(facts, found):
    assert checks(facts) == found


def test_lag_is_asked_of_two_regions_that_answer():
    silent = replace(with_region(HERE, reachable=False, fault="timeout"), lag_ms={})
    assert checks(silent) == []
    back = replace(with_region(HERE, evacuated=True), lag_ms={})
    assert checks(back, planning.failback) == ["lag"]
    silent = replace(back, regions={HERE: back.regions[HERE], THERE: replace(REGION, reachable=False)})
    assert checks(silent, planning.failback) == []


def test_who_answers_and_who_is_behind_are_named():
    silent = replace(REGION, reachable=False, fault="timeout")
    three = replace(
        SOUND, order=(*SOUND.order, "eu-west-1"), regions=dict.fromkeys((*SOUND.order, "eu-west-1"), silent)
    )
    assert "only no region answers" in planning.failover(three, HERE, THERE).faults[0].message
    alone = replace(three, regions={**three.regions, THERE: REGION})
    assert f"only {THERE} answers" in planning.failover(alone, HERE, THERE).faults[0].message

    (behind,) = planning.failover(with_region(THERE, flag_epochs={HERE: 1}), HERE, THERE).faults
    assert behind.message == f"{HERE} shows an older flag of {HERE} than the others"  # it has none: epoch 0


def test_a_flag_that_was_never_set_is_that_of_epoch_zero():
    assert checks(with_region(THERE, flag_epochs={HERE: 0})) == []


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (
            planning.failover,
            {
                "flag": f"tell every client: leave {HERE}",
                "health": f"wait until deep health of {HERE} answers 503",
                "drain": f"wait until what {HERE} acknowledged has reached {THERE}",
                "serve": f"write and read in {THERE}",
            },
        ),
        (
            planning.failback,
            {
                "flag": f"tell every client: {HERE} may be used again",
                "health": f"wait until deep health of {HERE} answers 200",
                "drain": f"wait until what {THERE} acknowledged has reached {HERE}",
                "serve": f"write and read in {HERE}",
            },
        ),
    ],
)
def test_each_step_says_who_leaves_and_who_serves(plan, said):
    made = plan(SOUND, HERE, THERE)
    assert {step: planning.describe(step, made) for step in made.steps if step in said} == said
