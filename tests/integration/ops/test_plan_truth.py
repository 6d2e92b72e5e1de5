"""The plan tells the truth: each precondition is broken in the stack itself, one at a time, and the plan names it."""

from __future__ import annotations

import time

import pytest

from ops.estate import control
from ops.estate.access import open_estate
from ops.estate.services import addresses
from ops.failover import lease as leases
from ops.failover import observe as observing
from ops.failover import plan as planning
from ops.workspace import open_workspace

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900), pytest.mark.slow]

HOME, TARGET, THIRD = "us-east-1", "us-west-2", "eu-west-1"
TABLE = "orders-production"


def faults(stack, monkeypatch, *, services=None):
    """What the plan of a failover from the home region names."""
    monkeypatch.chdir(stack.project.folder)
    workspace = open_workspace("prod")
    estate = open_estate(workspace)
    known = services or addresses(estate, workspace)
    facts = observing.observe(estate, known, source=HOME, operation=leases.running(estate, HOME))
    plan = planning.failover(facts, HOME, TARGET)
    assert all(fault.fix for fault in plan.faults)
    return {fault.check for fault in plan.faults}


def lag(stack, _):
    stack.sandbox.set_lag(30, source=HOME, target=TARGET)


def unreachable(stack, _):
    stack.sandbox.fault(TARGET, "cut", service="dynamodb")


def key_disabled(stack, _):
    stack.aws("kms", TARGET).disable_key(KeyId=stack.keys(TARGET))


def no_recovery(stack, _):
    stack.aws("dynamodb", TARGET).update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )


def target_evacuated(stack, estate):
    control.raise_flag(estate, TARGET, evacuated=True, reason="test")


def already_evacuated(stack, estate):
    control.raise_flag(estate, HOME, evacuated=True, reason="test")


def stale_flag(stack, estate):
    """The target's replica does not hear of a flag that the third region shows."""
    stack.sandbox.set_lag(30, target=TARGET)
    flag = {"scope": {"S": f"region#{THIRD}"}, "evacuated": {"BOOL": False}, "epoch": {"N": "7"}}
    flag |= {"reason": {"S": "test"}, "by": {"S": "test"}, "at": {"N": str(int(time.time()))}}
    stack.aws("dynamodb", THIRD).put_item(TableName="holdfast-control", Item=flag)


def operation_running(stack, estate):
    journal = leases.new_journal("failover", THIRD, TARGET)
    leases.Lease(estate, avoid=HOME).take(journal)


def capacity(stack, _):
    update = {"RegionName": TARGET, "OnDemandThroughputOverride": {"MaxReadRequestUnits": 10}}
    stack.aws("dynamodb", HOME).update_table(TableName=TABLE, ReplicaUpdates=[{"Update": update}])


def by_load(stack, _):
    """Nothing is broken but how much the region carries: see LOAD."""


def service_unhealthy(stack, _):
    # Deep health writes its probe; the plan's own probe and lag go by other operations.
    stack.sandbox.fault(TARGET, "error", service="dynamodb", operation="PutItem", status=500)


def table_missing(stack, _):
    stack.aws("dynamodb", HOME).update_table(TableName=TABLE, ReplicaUpdates=[{"Delete": {"RegionName": TARGET}}])


BROKEN = {
    "lag": lag,
    "target-unreachable": unreachable,
    "key-not-enabled": key_disabled,
    "no-recovery": no_recovery,
    "target-evacuated": target_evacuated,
    "already-evacuated": already_evacuated,
    "stale-flag": stale_flag,
    "operation-running": operation_running,
    "capacity": capacity,
    "warm-throughput": by_load,
    "quota": by_load,
    "service-unhealthy": service_unhealthy,
    "table-missing": table_missing,
}
LOAD = {"capacity": (900.0, 0.0), "warm-throughput": (0.0, 6_000.0), "quota": (0.0, 90_000.0)}
"""Reads and writes a second that CloudWatch tells of the region to be left. Unwarmed, a table takes 4,000 writes a
second at once (DynamoDB developer guide, warm throughput); the account's quota of the sandbox is 80,000 units."""
ALSO = {
    # What cannot be broken alone: a cut region is not waited for, a load beyond the quota is beyond what is warm.
    "quota": {"warm-throughput"},
    "stale-flag": {"lag"},
    "key-not-enabled": {"table-not-active", "service-unhealthy"},
    "table-missing": {"service-unhealthy"},
}


@pytest.mark.parametrize("check", BROKEN)
def test_a_precondition_that_is_broken_in_the_stack_is_named(stack, monkeypatch, check):
    assert faults(stack, monkeypatch) == set()
    if check in LOAD:
        monkeypatch.setattr(observing, "_load", lambda *_: {TABLE: LOAD[check]})
    try:
        BROKEN[check](stack, open_estate(open_workspace("prod")))
        found = faults(stack, monkeypatch)
    finally:
        mend(stack)
    assert check in found
    assert found <= {check} | ALSO.get(check, set())


def test_a_health_check_that_another_region_answers_is_named(stack, monkeypatch):
    wrong = stack.services | {TARGET: stack.services[THIRD]}
    assert faults(stack, monkeypatch, services=wrong) == {"wrong-health-check"}


def mend(stack) -> None:
    """What `reset` does not mend: the table's own properties, and the metrics."""
    stack.sandbox.heal()
    home = stack.aws("dynamodb", HOME)
    if TARGET not in {one["RegionName"] for one in home.describe_table(TableName=TABLE)["Table"]["Replicas"]}:
        key = stack.aws("kms", TARGET).create_key()["KeyMetadata"]["Arn"]
        create = {"RegionName": TARGET, "KMSMasterKeyId": key}
        home.update_table(TableName=TABLE, ReplicaUpdates=[{"Create": create}])
    update = {"RegionName": TARGET, "OnDemandThroughputOverride": {"MaxReadRequestUnits": -1}}
    home.update_table(TableName=TABLE, ReplicaUpdates=[{"Update": update}])
    stack.aws("dynamodb", TARGET).update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
