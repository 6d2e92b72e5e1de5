"""Rates, targets and thresholds: a provisioned table with an index, as the stack file has it and otherwise."""

from __future__ import annotations

import copy

import pytest

from ops.readiness.deployed import Deployed
from ops.readiness.figures import Figures
from settings import parse

SCALING = {"initial": 100, "minimum": 50, "maximum": 1000}
SETTINGS = parse(
    {
        "holdfast:stack": {"account_id": "111122223333", "name_prefix": "hf"},
        "holdfast:regions": [{"name": "us-east-1", "home": True, "cidr": "10.10.0.0/16"}],
        "holdfast:security": {},
        "holdfast:data": {
            "tables": {
                "sessions": {
                    "name": "sessions", "partition_key": {"name": "pk"}, "stream": False,
                    "indexes": {"ByUser": {"partition_key": {"name": "user"}, "projection": "KEYS_ONLY"}},
                    "provisioned": {"read": SCALING, "write": {**SCALING, "target_percent": 60}},
                },
                "orders": {
                    "name": "orders", "partition_key": {"name": "pk"},
                    "ceilings": {"read_units": 500, "write_units": 400},
                },
            }
        },
    },
    "Pulumi.t.yaml",
)  # fmt: skip


def resource(kind, name, /, **inputs):
    return {"type": kind, "urn": f"urn:pulumi:t::hf::{kind}::{name}", "inputs": inputs}


def scaling(way, target):
    where = {"resourceId": "table/sessions", "scalableDimension": f"dynamodb:table:{way.capitalize()}CapacityUnits"}
    figures = {"targetValue": target, "scaleInCooldown": 60, "scaleOutCooldown": 60}
    yield resource("aws:appautoscaling/target:Target", f"us-east-1-{way}", **where, minCapacity=50, maxCapacity=1000)
    yield resource(
        "aws:appautoscaling/policy:Policy", f"us-east-1-{way}-policy", **where,
        targetTrackingScalingPolicyConfiguration=figures,
    )  # fmt: skip


WHOLE = [
    resource("aws:dynamodb/table:Table", "table-sessions", name="sessions",
             globalSecondaryIndexes=[{"name": "ByUser", "projectionType": "KEYS_ONLY"}]),
    resource("aws:dynamodb/table:Table", "table-orders", name="orders", streamEnabled=True,
             streamViewType="NEW_AND_OLD_IMAGES",
             onDemandThroughput={"maxReadRequestUnits": 500, "maxWriteRequestUnits": 400}),
    *scaling("read", 70),
    *scaling("write", 60),
]  # fmt: skip


def judged(resources):
    return {one.id: one.state for one in Figures(SETTINGS, Deployed(resources=resources, home="us-east-1")).run()}


def test_as_the_stack_file_has_it():
    states = judged(WHOLE)
    assert {name for name, state in states.items() if state == "failed"} == set()
    assert {name for name, state in states.items() if state == "passed"} == {
        "scaling-figures/sessions/us-east-1/read", "scaling-figures/sessions/us-east-1/write",
        "indexes/sessions/ByUser", "ceilings/orders", "streams/orders",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("index", "path", "value", "failed"),
    [
        (2, ("minCapacity",), 1, "scaling-figures/sessions/us-east-1/read"),
        (2, ("maxCapacity",), 10, "scaling-figures/sessions/us-east-1/read"),
        (5, ("targetTrackingScalingPolicyConfiguration", "targetValue"), 90, "scaling-figures/sessions/us-east-1/write"),
        (5, ("targetTrackingScalingPolicyConfiguration", "scaleInCooldown"), 0, "scaling-figures/sessions/us-east-1/write"),
        (3, ("scalableDimension",), "dynamodb:index:ReadCapacityUnits", "scaling-figures/sessions/us-east-1/read"),
        (0, ("globalSecondaryIndexes",), [{"name": "ByUser", "projectionType": "ALL"}], "indexes/sessions/ByUser"),
        (0, ("globalSecondaryIndexes",), None, "indexes/sessions/ByUser"),
        (1, ("onDemandThroughput", "maxReadRequestUnits"), 40_000, "ceilings/orders"),
        (1, ("streamEnabled",), False, "streams/orders"),
    ],
)  # fmt: skip
def test_another_figure_fails_its_line_alone(index, path, value, failed):
    resources = copy.deepcopy(WHOLE)
    at = resources[index]["inputs"]
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    states = judged(resources)
    assert [name for name, state in states.items() if state == "failed"] == [failed]
