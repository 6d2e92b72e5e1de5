from __future__ import annotations

import json

import pytest

from ops.proof.judge import failures
from ops.proof.plan import Demands

PHASE = {"counted": 500, "acknowledged_per_second": 200.0, "seconds": 2.5, "errors": {}}
GOOD = {
    "home": "us-east-1",
    "lag": {"pairs": [], "faults": []},
    "phases": {"before": PHASE, "during": PHASE, "after": PHASE},
    "failover": {"seconds": 1.2},
    "rejoined": {"seconds": 2.0},
    "caught_up": {"seconds": 0.3},
    "acknowledged": 1500,
    "readback": {
        region: {"read": 1500, "missing": [], "altered": []} for region in ("us-east-1", "us-west-2", "eu-west-1")
    },
}


def changed(path: str, value: object) -> dict:
    evidence = json.loads(json.dumps(GOOD))
    target = evidence
    *parents, last = path.split("/")
    for name in parents:
        target = target[name]
    target[last] = value
    return evidence


def test_a_sound_run_holds():
    assert failures(GOOD, Demands()) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("phases/before/counted", 499, "before the cut: 499 orders"),
        ("phases/during/counted", 0, "during the cut: 0 orders"),
        ("phases/after/acknowledged_per_second", 49.9, "49.9 acknowledged a second"),
        ("phases/after", None, "after the cut: not reached"),
        ("failover/seconds", 5.1, "failover took 5.1 s"),
        ("failover/seconds", None, "did not flow again"),
        ("rejoined/seconds", None, "not used again"),
        ("caught_up/seconds", None, "did not catch up"),
        ("lag/faults", ["us-east-1 → eu-west-1: an order was not readable within 10 s"], "not readable within 10 s"),
        ("readback/eu-west-1/missing", ["ORD_1"], "eu-west-1: 1 acknowledged orders cannot be read, such as ORD_1"),
        ("readback/us-west-2/altered", ["ORD_2"], "us-west-2: 1 orders differ, such as ORD_2"),
        ("readback/us-east-1/read", 1499, "1499 of 1500"),
    ],
)
def test_each_demand_that_is_not_met_is_named(path, value, said):
    found = failures(changed(path, value), Demands())
    assert len(found) == 1
    assert said in found[0]


def test_the_errors_of_a_failed_phase_are_told():
    evidence = changed("phases/during/counted", 3)
    evidence["phases"]["during"]["errors"] = {"503 unavailable": 7}
    assert "7 times 503 unavailable" in failures(evidence, Demands())[0]


def test_one_region_alone_must_refuse_while_it_is_cut_off_and_serve_again():
    alone = json.loads(json.dumps(GOOD))
    alone["readback"] = {"us-east-1": {"read": 1500, "missing": [], "altered": []}}
    alone["phases"]["during"] = {
        "counted": 0,
        "failed": 500,
        "acknowledged_per_second": 0.0,
        "seconds": 1.0,
        "errors": {},
    }
    alone["failover"]["seconds"] = alone["caught_up"]["seconds"] = None
    assert failures(alone, Demands()) == []

    alone["phases"]["during"]["failed"] = 16
    alone["rejoined"]["seconds"] = None
    waits, unused = failures(alone, Demands())
    assert "16 orders refused in 1.0 s, 500 wanted: clients wait instead" in waits
    assert "not used again" in unused
