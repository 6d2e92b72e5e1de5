"""Region loss in virtual time: thousands of stories, each judged by the checker."""

from dataclasses import replace

import pytest

from holdfast import errors
from holdfast._attempt import GET_ITEM, Call
from holdfast.testing.checker import Op, Report
from holdfast.testing.simulation import Fault, Story, simulate, story
from holdfast.testing.simulation.__main__ import each, explain, run_seeds, shorten
from holdfast.testing.simulation.plants import PLANTS, TOLD_BY, planted
from holdfast.testing.simulation.regions import Attempt
from holdfast.testing.simulation.sends import judge_sends, judge_service
from holdfast.testing.simulation.story import moved_often
from holdfast.testing.simulation.world import POLICY

SEEDS = 2_000
CHUNKS = 20
PLANTED_SEEDS = 1_000

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_rule_is_broken_when_a_region_is_lost(chunk):
    size = SEEDS // CHUNKS
    tally = run_seeds(chunk * size, (chunk + 1) * size)
    assert tally.seeds == size
    assert not tally.failing, explain(tally.failing[0])
    assert tally.outcomes["write-ok"] > size * 50, "the clients were at work"


@pytest.mark.parametrize("seed", [3, 34, 171])
def test_one_seed_replays_exactly(seed):
    first, second = simulate(story(seed)), simulate(story(seed))
    assert first.fingerprint() == second.fingerprint()
    assert first.fingerprint() != simulate(story(seed + 1)).fingerprint()


def test_a_failing_seed_shrinks_to_a_short_story():
    with planted("timeout_acknowledged"):
        seed = next(seed for seed in range(50) if not simulate(story(seed)).ok)
        short = shorten(story(seed))
        assert simulate(short).rules & simulate(story(seed)).rules, "it fails as the seed's story does"
    assert len(short.faults) <= 2
    assert short.clients * short.writers < 6
    assert simulate(short).ok, "without the planted fault the same story is told to its end"


LOSS = Fault(kind="lose", region="us-east-1", at=3.5, seconds=7.8, how="blackhole")
ALONE = Story(seed=3, faults=(LOSS,))


@pytest.mark.parametrize(
    ("told", "served_at", "broken"),
    [
        (ALONE, 8.0, False),
        (ALONE, 8.6, True),
        (ALONE, None, True),
        (replace(ALONE, seconds=8.5), None, True),
        (replace(ALONE, clients=1), None, True),
        (replace(ALONE, seconds=1.6), None, False),
        (replace(ALONE, seconds=8.4), None, False),
        (replace(ALONE, clients=1, writers=2), None, False),
        (replace(ALONE, faults=(replace(LOSS, seconds=4.9),)), None, False),
    ],
)
def test_a_slow_failover_is_one_that_tasks_at_work_wait_for(told, served_at, broken):
    ops = [Op("c0w0", "write", "k", "v1", start=1.0, end=1.1, region="us-east-1")]
    if served_at is not None:
        ops.append(Op("c0w0", "write", "k", "v2", start=served_at - 0.1, end=served_at, region="us-west-2"))
    report = Report()
    judge_service(told, ops, "us-east-1", POLICY, report)
    assert ("slow-failover" in {violation.rule for violation in report.violations}) is broken


@pytest.mark.parametrize("how", ["down", "slow", "empty"])
def test_a_cache_in_trouble_excuses_no_more_than_the_trouble(how):
    away = Fault(kind="cache", region="us-east-1", at=6.0, seconds=1.0, how=how)
    stories = [Story(seed=seed, faults=(away,)) for seed in range(3)]
    assert all(simulate(told).ok for told in stories)
    with planted("cache_not_told"):
        assert any("cache-outlived-version" in simulate(told).rules for told in stories)


@pytest.mark.parametrize("seed", [6_789, 35_709, 36_951])
def test_a_send_that_was_given_up_and_arrived_late_is_no_fault_of_the_clients(seed):
    """A region takes an update of unknown outcome two seconds late, by a clock that may be ahead of the others'."""
    assert simulate(story(seed)).ok


def test_what_a_replaced_cache_forgot_and_the_answering_region_never_had_is_no_fault_of_the_clients():
    assert simulate(story(7_792)).ok


@pytest.mark.parametrize("seed", [53_301, 55_831])
def test_a_region_that_refuses_a_write_does_not_fill_the_cache_with_what_it_has(seed):
    assert simulate(story(seed)).ok


def test_a_refusal_that_comes_too_late_keeps_nobody_waiting():
    assert simulate(story(12_114)).ok


@pytest.mark.parametrize("seed", [9_012, 17_365, 44_034, 63_237, 64_544, 70_877, 71_499])
def test_writes_that_must_leave_their_region_pass_by_one_that_does_not_answer_the_watch(seed):
    assert simulate(story(seed)).ok


@pytest.mark.parametrize("seed", [16_846, 44_413])
def test_writes_do_not_go_back_to_a_region_that_does_not_answer_the_watch_nor_as_soon_as_it_does(seed):
    assert simulate(story(seed)).ok


def test_a_hedge_that_is_sent_just_before_its_deadline_does_not_outlast_it():
    assert simulate(story(202_408)).ok


def test_a_return_waits_for_what_was_written_in_a_region_before_the_last_one():
    assert simulate(story(10_285)).ok


def _sends(*times):
    call = Call(GET_ITEM, {"TableName": "items", "Key": {"pk": {"S": "k"}}}, "items")
    error = errors.InternalServerError("no", status=500)
    return [Attempt("c0", call, "us-east-1", sent, ended, error) for sent, ended in times]


@pytest.mark.parametrize(
    ("times", "broken"),
    [
        ([(n * 0.1, n * 0.1 + 0.1) for n in range(5)], True),
        ([(n * 0.2, n * 0.2 + 0.1) for n in range(5)], False),
        ([(n * 0.1, n * 0.1 + 0.1) for n in range(4)], False),
        ([(0.0, 0.1), (0.05, 0.1), (0.2, 0.3), (0.25, 0.3), (0.4, 0.5)], False),
    ],
)
def test_reads_that_are_repeated_wait_too_but_for_their_hedges(times, broken):
    report = Report()
    judge_sends(ALONE, _sends(*times), [], POLICY, report)
    assert ("no-backoff" in {violation.rule for violation in report.violations}) is broken


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_a_planted_fault_is_found(plant):
    told = TOLD_BY.get(plant, story)
    with planted(plant):
        found = next((seed for seed in each(0, PLANTED_SEEDS) if not simulate(told(seed)).ok), None)
    assert found is not None, f"{plant} was not found in {PLANTED_SEEDS} seeds"


@pytest.mark.parametrize("plant", ["conditional_write_sent_again", "session_forgets", "returns_without_proof"])
def test_a_sample_of_planted_faults_is_found(plant):
    with planted(plant):
        assert any(not simulate(story(seed)).ok for seed in range(20))


def test_nothing_is_broken_where_writes_move_often():
    assert [seed for seed in each(0, 20) if not simulate(moved_often(seed)).ok] == []


def test_there_are_at_least_twenty_planted_faults():
    assert len(PLANTS) >= 20
