"""The figures of a drill follow from its raw log, and the verdict from its figures."""

from __future__ import annotations

import pytest

from ops.drill import figures
from ops.drill.events import EventLog, Look
from ops.drill.judge import judge
from ops.drill.page import render
from ops.drill.scenario import Objectives
from ops.drill.scenarios import SCENARIOS
from ops.load.history import Attempt, History

HOME, OTHER = "us-east-1", "us-west-2"
RUNBOOKS_WITHOUT_SCENARIO = {"failback", "restore"}


def write(done, *, region=HOME, seconds=0.01, status=201, order=None):
    return Attempt(
        order=0, customer="c", sent=done - seconds, done=done, status=status, region=region if status == 201 else None,
        order_id=order or f"o-{done:.3f}", error="" if status == 201 else "503",
    )  # fmt: skip


def log() -> EventLog:
    """100 a second at home; silence of 0.5 s after the failure with errors; then the other region; home again."""
    before = [write(number / 100) for number in range(200)]
    errors = [write(2.1 + number / 10, status=503) for number in range(4)]
    during = [write(2.5 + number / 100, region=OTHER) for number in range(150)]
    after = [write(4.2 + number / 100) for number in range(100)]
    found = EventLog(writes=History([*before, *errors, *during, *after]))
    found.marks = {"begin": 0.0, "fault": 2.0, "heal": 4.0, "end": 5.2}
    lost = ("o-1.950", "o-1.990", "o-0.100")
    found.looks = [
        Look(purpose="risk", region=OTHER, missing=lost),
        Look(purpose="risk", region="eu-west-1", missing=lost[:2]),
        Look(purpose="risk", region="ap-northeast-1", fault="ConnectTimeout"),
        Look(purpose="rest", region=HOME),
    ]
    return found


def test_the_phases_of_recovery():
    rto = figures.compute(log(), home=HOME)["rto"]
    assert rto == {
        "detect": pytest.approx(0.1, abs=0.001),
        "decide": pytest.approx(0.39, abs=0.001),
        "route": pytest.approx(0.01, abs=0.001),
        "warm": 0.0,
        "recover": pytest.approx(0.2, abs=0.001),
        "serving": pytest.approx(0.5, abs=0.001),
    }


def test_at_risk_is_what_no_other_region_that_answered_had():
    risk = figures.compute(log(), home=HOME)["at_risk"]
    assert risk == {"orders": ["o-1.950", "o-1.990"], "oldest_seconds": pytest.approx(0.05, abs=0.001)}


def test_a_log_is_read_back_as_it_was_written(tmp_path):
    made = log()
    made.write(tmp_path / "events.jsonl")
    again = EventLog.read(tmp_path / "events.jsonl")
    assert figures.compute(again, home=HOME) == figures.compute(made, home=HOME)
    assert len(again) == len(made)


MET = Objectives(rto_seconds=1, rpo_seconds=0.1, error_share=0.1, p99_ms=100)


def test_what_met_its_objectives_has_no_failure():
    assert judge(figures.compute(log(), home=HOME), MET, leaves_home=True) == []


@pytest.mark.parametrize(
    ("objectives", "said"),
    [
        (Objectives(rto_seconds=0.4), "RTO 0.5 s"),
        (Objectives(rpo_seconds=0.01), "RPO 0.05 s"),
        (Objectives(error_share=0.01), "3% of attempts failed"),
        (Objectives(p99_ms=5), "p99 10.0 ms"),
        (Objectives(least_per_second=90), "75 orders a second"),
    ],
)
def test_each_objective_that_is_missed_is_named(objectives, said):
    (failure,) = judge(figures.compute(log(), home=HOME), objectives, leaves_home=True)
    assert said in failure


def test_nobody_served_and_lost_orders_are_named():
    made = log()
    made.writes = History(one for one in made.writes if one.region != OTHER and one.done < 4.0)
    made.looks.append(Look(purpose="rest", region=OTHER, missing=("o-1",)))
    said = "; ".join(judge(figures.compute(made, home=HOME), MET, leaves_home=True))
    assert "no other region served" in said
    assert "was not used again" in said
    assert "1 acknowledged orders were lost, such as o-1" in said


def test_the_stacks_own_objectives_take_the_place_of_the_scenarios():
    assert MET.of_stack({"rto_seconds": 60, "something": 1}).rto_seconds == 60
    assert MET.of_stack({}) == MET


def test_the_page_stands_alone_and_says_what_was_missed():
    made = log()
    evidence = {
        "id": "region-loss-x", "stack": "prod<", "region": HOME, "started": "2026-11-21T03:10:00Z", "operator": "ann",
        "scenario": {"title": "gone", "simulated": "all hangs", "source": "", "timeline": []},
        "objectives": vars(MET) | {}, "figures": figures.compute(made, home=HOME), "ok": False,
        "failures": ["RTO 9 s"], "history": {"file": "x.events.jsonl", "sha256": "ab"},
    }  # fmt: skip
    page = render(evidence, made, key="the key")
    assert "RTO 9 s" in page
    assert "prod&lt;" in page
    assert "o-1.950" in page
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


def test_every_scenario_names_a_runbook_that_practises_it_and_incidents_cite_their_source(request):
    folder = request.config.rootpath / "docs" / "runbooks"
    for one in SCENARIOS:
        page = (folder / f"{one.runbook}.md").read_text()
        assert f"holdfast drill run {one.name}" in page, f"{one.runbook}.md does not practise {one.name}"
    incidents = [one for one in SCENARIOS if one.name.startswith("incident-")]
    assert len(incidents) == 6
    assert all(one.source.startswith("https://aws.amazon.com/message/") and len(one.timeline) >= 2 for one in incidents)
    assert incidents[0].name == "incident-2025-10-20"
