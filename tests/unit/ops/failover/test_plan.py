"""The plan tells the truth: each precondition broken alone is named, and the sound stack has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.errors import OpsError
from ops.failover import plan as planning
from ops.failover.command import Request, make_plan
from ops.failover.facts import Facts, RegionFacts, TableFacts

ORDER = ("us-east-1", "us-west-2", "eu-west-1")
TABLE = TableFacts(write_maximum=4000, read_maximum=8000, warm_writes=4000, warm_reads=12000)
EPOCHS = {"us-east-1": 3, "eu-west-1": 1}


def region(name: str, **changes) -> RegionFacts:
    facts = RegionFacts(
        flag_epochs=EPOCHS,
        tables={"orders-production": TABLE, "holdfast-control": TABLE},
        service_region=name,
        service_healthy=True,
        account_write_maximum=40_000,
    )
    return replace(facts, **changes)


SOUND = Facts(
    home="us-east-1",
    order=ORDER,
    tables=("holdfast-control", "orders-production"),
    regions={name: region(name) for name in ORDER},
    lag_ms={(first, second): 400.0 for first in ORDER for second in ORDER if first != second},
    load={"orders-production": (3000.0, 1200.0)},
)


def with_region(name: str, **changes) -> Facts:
    return replace(SOUND, regions={**SOUND.regions, name: replace(SOUND.regions[name], **changes)})


def with_table(**changes) -> Facts:
    tables = {**SOUND.regions["us-west-2"].tables, "orders-production": replace(TABLE, **changes)}
    return with_region("us-west-2", tables=tables)


BROKEN = {
    "lag": replace(SOUND, lag_ms={**SOUND.lag_ms, ("us-east-1", "us-west-2"): 8_000.0}),
    "target-unreachable": with_region("us-west-2", reachable=False, fault="ConnectTimeout"),
    "table-missing": with_region("us-west-2", tables={"holdfast-control": TABLE}),
    "table-not-active": with_table(status="UPDATING"),
    "key-not-enabled": with_table(key_state="PendingDeletion"),
    "no-recovery": with_table(recovery=False),
    "capacity": with_table(write_maximum=1000),
    "warm-throughput": with_table(warm_writes=1000),
    "quota": with_region("us-west-2", account_write_maximum=1000),
    "stale-flag": with_region("us-west-2", flag_epochs={"us-east-1": 2, "eu-west-1": 1}),
    "wrong-health-check": with_region("us-west-2", service_region="eu-west-1"),
    "service-unhealthy": with_region("us-west-2", service_healthy=False),
    "target-evacuated": with_region("us-west-2", evacuated=True),
    "already-evacuated": with_region("us-east-1", evacuated=True),
    "operation-running": replace(SOUND, operation="failover of eu-west-1 by ann since 03:10:00"),
}


def test_the_sound_stack_has_no_fault():
    plan = planning.failover(SOUND, "us-east-1", "us-west-2")
    assert plan.faults == ()
    assert plan.warnings == ()
    assert plan.steps[0] == "lease"
    assert plan.steps[-1] == "release"


@pytest.mark.parametrize("check", BROKEN)
def test_each_broken_precondition_is_named_alone_with_a_way_out(check):
    plan = planning.failover(BROKEN[check], "us-east-1", "us-west-2")
    assert [fault.check for fault in plan.faults] == [check]
    assert plan.faults[0].fix


def test_a_target_that_clients_do_not_choose_is_refused():
    plan = planning.failover(SOUND, "us-east-1", "eu-west-1")
    assert [fault.check for fault in plan.faults] == ["client-order"]
    assert "go to us-west-2" in plan.faults[0].message


def test_a_region_that_does_not_answer_can_be_left_and_the_operator_is_told_what_waits():
    plan = planning.failover(with_region("us-east-1", reachable=False, fault="timeout"), "us-east-1", "us-west-2")
    assert plan.faults == ()
    assert "did not replicate arrives when it is back" in plan.warnings[0]


def test_nobody_else_to_hear_the_flag():
    facts = replace(
        SOUND,
        regions={
            "us-east-1": region("us-east-1", reachable=False, fault="x"),
            "us-west-2": region("us-west-2"),
            "eu-west-1": region("eu-west-1", reachable=False, fault="x"),
        },
    )
    assert [fault.check for fault in planning.failover(facts, "us-east-1", "us-west-2").faults] == [
        "control-plane-alone"
    ]


def test_without_a_target_the_clients_order_decides():
    request = Request(kind="failover", source="us-east-1", target=None)
    assert make_plan(request, SOUND).target == "us-west-2"
    assert make_plan(request, with_region("us-west-2", evacuated=True)).target == "eu-west-1"


def test_no_region_left_is_refused():
    facts = replace(SOUND, regions={name: region(name, evacuated=name != "us-east-1") for name in ORDER})
    with pytest.raises(OpsError, match="no region is left"):
        make_plan(Request(kind="failover", source="us-east-1", target=None), facts)


def test_failback_wants_an_evacuated_region_that_is_well_and_drained():
    evacuated = with_region("us-east-1", evacuated=True)
    assert planning.failback(evacuated, "us-east-1", "us-west-2").faults == ()
    assert planning.failback(evacuated, "us-east-1", "us-west-2").steps.index("compare") == 2
    assert [fault.check for fault in planning.failback(SOUND, "us-east-1", "us-west-2").faults] == ["not-evacuated"]
    behind = replace(evacuated, lag_ms={**SOUND.lag_ms, ("us-west-2", "us-east-1"): None})
    assert [fault.check for fault in planning.failback(behind, "us-east-1", "us-west-2").faults] == ["lag"]


def test_on_demand_without_a_maximum_has_no_bound():
    assert planning.failover(with_table(write_maximum=None, warm_writes=None), "us-east-1", "us-west-2").faults == ()
