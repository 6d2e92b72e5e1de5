"""The breaker as a state machine, against a model that is told in plain words."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from holdfast.resilience.breaker import Breaker, BreakerView
from holdfast.resilience.policy import BreakerPolicy

POLICY = BreakerPolicy(failure_threshold=3, reset_seconds=10, lease_seconds=4, minimum_calls=1000)


class BreakerMachine(RuleBasedStateMachine):
    """Whatever happens in whatever order: one probe at a time, and no word from before counts."""

    def __init__(self):
        super().__init__()
        self.now = 100.0
        self.breaker = Breaker(POLICY)
        self.tickets = []
        self.probe = None
        self.probe_until = 0.0
        self.open_until = None

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.9, 4.1, 9.9, 10.1]))
    def wait(self, seconds):
        self.now += seconds

    @rule()
    def admit(self):
        before = self.breaker.view().state
        ticket = self.breaker.admit(self.now)
        if before == "closed":
            assert ticket
        elif self.now < self.open_until:
            assert not ticket, "an open circuit admitted a call before its reset"
        elif ticket:
            assert self.probe is None or self.now >= self.probe_until, "a second probe beside the first"
            self.probe, self.probe_until = ticket, self.now + POLICY.lease_seconds
        if ticket:
            self.tickets.append((ticket, before == "closed"))

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), good=st.booleans())
    def report(self, data, good):
        ticket, _ = self.tickets.pop(data.draw(st.integers(0, len(self.tickets) - 1)))
        before = self.breaker.view().state
        if good:
            self.breaker.succeeded(ticket, self.now)
        else:
            self.breaker.failed(ticket, self.now)
        after = self.breaker.view().state
        if before == "half-open" and ticket != self.probe:
            assert after == "half-open", "a call from before the opening changed the state"
        if before == "half-open" and ticket == self.probe:
            assert after == ("closed" if good else "open")
        if before == "open":
            assert after == "open"
        if after == "open" and before != "open":
            self.open_until = self.now + POLICY.reset_seconds
        if after != "half-open":
            self.probe = None

    @precondition(lambda self: self.tickets)
    @rule()
    def abandon(self):
        ticket, _ = self.tickets.pop()
        self.breaker.abandoned(ticket)
        if ticket == self.probe:
            self.probe_until = 0.0

    @invariant()
    def flag_and_state_agree(self):
        assert self.breaker.closed == (self.breaker.view().state == "closed")
        assert self.breaker.view().in_flight >= 0


def failing(breaker, times, now=0.0, *, silent=False):
    for _ in range(times):
        breaker.failed(breaker.admit(now), now, silent_since=now if silent else None)


@pytest.mark.parametrize(("failures", "state"), [(4, "closed"), (5, "open")])
def test_opens_after_five_failures_in_a_row(failures, state):
    breaker = Breaker(BreakerPolicy())
    failing(breaker, failures)
    assert breaker.view().state == state


def test_a_success_between_failures_starts_the_count_again():
    breaker = Breaker(BreakerPolicy())
    failing(breaker, 4)
    breaker.succeeded(breaker.admit(0.0), 0.0)
    failing(breaker, 4)
    assert breaker.closed


def test_opens_on_a_rate_though_failures_are_not_in_a_row():
    breaker = Breaker(BreakerPolicy(minimum_calls=10, failure_rate=0.5))
    for _ in range(5):
        breaker.succeeded(breaker.admit(0.0), 0.0)
        breaker.failed(breaker.admit(0.0), 0.0)
    assert not breaker.closed


def test_opens_at_once_when_nothing_in_flight_answers():
    breaker = Breaker(BreakerPolicy())
    tickets = [breaker.admit(1.0) for _ in range(6)]
    breaker.failed(tickets[0], 1.3, silent_since=1.0)
    assert not breaker.closed, "one timeout while five others wait in vain is enough"


def test_a_timeout_among_answers_does_not_open():
    breaker = Breaker(BreakerPolicy())
    tickets = [breaker.admit(1.0) for _ in range(6)]
    breaker.succeeded(tickets[1], 1.1)
    breaker.failed(tickets[0], 1.3, silent_since=1.0)
    assert breaker.closed


def test_probe_after_the_reset_and_not_before():
    breaker = Breaker(BreakerPolicy())
    failing(breaker, 5, now=0.0)
    assert breaker.admit(59.9) == 0
    probe = breaker.admit(60.0)
    assert probe
    assert breaker.admit(60.1) == 0
    breaker.succeeded(probe, 60.2)
    assert breaker.closed


def test_a_lost_probe_is_replaced_and_its_late_answer_ignored():
    breaker = Breaker(BreakerPolicy(lease_seconds=5))
    failing(breaker, 5, now=0.0)
    lost = breaker.admit(60.0)
    assert breaker.admit(64.9) == 0
    second = breaker.admit(65.0)
    breaker.failed(second, 66.0)
    breaker.succeeded(lost, 67.0)
    assert breaker.view().state == "open"
    assert breaker.view().retry_at == 126.0


def rate_only(**values):
    """A breaker that opens by the rate alone."""
    return Breaker(BreakerPolicy(failure_threshold=1000, failure_rate=0.5, **values))


def report(breaker, now, *, good=0, bad=0):
    for _ in range(good):
        breaker.succeeded(breaker.admit(now), now)
    failing(breaker, bad, now)


def test_a_silent_timeout_counts_as_two_failures_and_another_as_one():
    breaker = Breaker(BreakerPolicy())
    failing(breaker, 1, now=1.0, silent=True)
    assert breaker.view().failures == 2
    failing(breaker, 1, now=2.0)
    assert breaker.view().failures == 3


def test_a_timeout_is_not_silent_when_something_was_answered_at_the_moment_it_was_sent():
    breaker = Breaker(BreakerPolicy())
    waiting = breaker.admit(1.0)
    report(breaker, 1.0, good=1)
    breaker.failed(waiting, 2.0, silent_since=1.0)
    assert breaker.view().failures == 1


def test_counts_of_a_view():
    breaker = Breaker(BreakerPolicy())
    assert breaker.view() == BreakerView("closed", failures=0, in_flight=0, opened=0, retry_at=None)
    tickets = [breaker.admit(0.0), breaker.admit(0.0), breaker.admit(0.0)]
    breaker.failed(tickets[0], 0.0)
    assert breaker.view() == BreakerView("closed", failures=1, in_flight=2, opened=0, retry_at=None)
    breaker.succeeded(tickets[1], 0.0)
    assert breaker.view() == BreakerView("closed", failures=0, in_flight=1, opened=0, retry_at=None)
    breaker.abandoned(tickets[2])
    assert breaker.view().in_flight == 0
    failing(breaker, 5)
    assert breaker.view() == BreakerView("open", failures=0, in_flight=0, opened=1, retry_at=60.0)
    probe = breaker.admit(60.0)
    assert breaker.view() == BreakerView("half-open", failures=0, in_flight=1, opened=1, retry_at=65.0)
    breaker.failed(probe, 61.0)
    assert breaker.view() == BreakerView("open", failures=0, in_flight=0, opened=2, retry_at=121.0)


def test_due_from_the_reset_on_and_not_while_a_probe_is_under_way():
    breaker = Breaker(BreakerPolicy(lease_seconds=5))
    assert not breaker.due(100.0), "a closed circuit needs no probe"
    failing(breaker, 5, now=0.0)
    assert [breaker.due(now) for now in (59.9, 60.0)] == [False, True]
    breaker.admit(60.0)
    assert [breaker.due(now) for now in (60.1, 64.9, 65.0)] == [False, False, True]


def test_an_abandoned_probe_gives_way_to_the_next_at_once():
    breaker = Breaker(BreakerPolicy(reset_seconds=0.1, lease_seconds=5))
    failing(breaker, 5, now=0.0)
    breaker.abandoned(breaker.admit(0.1))
    assert breaker.due(0.2)
    assert breaker.admit(0.2)


def test_the_answer_of_a_lost_probe_says_nothing_of_the_one_under_way():
    breaker = Breaker(BreakerPolicy(lease_seconds=5))
    failing(breaker, 5, now=0.0)
    lost = breaker.admit(60.0)
    under_way = breaker.admit(65.0)
    breaker.succeeded(lost, 66.0)
    assert breaker.view().state == "half-open"
    breaker.failed(lost, 66.0)
    assert breaker.view().state == "half-open"
    breaker.succeeded(under_way, 67.0)
    assert breaker.closed


def test_the_lease_of_a_probe_that_failed_does_not_put_off_the_next():
    breaker = Breaker(BreakerPolicy(reset_seconds=0.1, lease_seconds=5))
    failing(breaker, 5, now=0.0)
    assert breaker.view().retry_at == 0.1
    breaker.failed(breaker.admit(0.25), 0.25)
    assert breaker.view().retry_at == 0.35


def test_closing_tells_when_and_starts_every_count_again():
    breaker = rate_only(minimum_calls=4, reset_seconds=1)
    report(breaker, 0.0, bad=4)
    assert breaker.closed_at == float("-inf")
    breaker.succeeded(breaker.admit(1.0), 1.5)
    assert breaker.closed_at == 1.5
    report(breaker, 2.0, bad=3)
    assert breaker.closed, "three calls since it closed"
    report(breaker, 2.0, bad=1)
    assert not breaker.closed


@pytest.mark.parametrize(
    ("good", "bad", "closed"),
    [(5, 2, True), (3, 1, True), (1, 2, True), (2, 2, False), (4, 3, True), (4, 4, False)],
)
def test_the_rate_counts_each_call_once_from_the_fewest_calls_on(good, bad, closed):
    breaker = rate_only(minimum_calls=4)
    report(breaker, 0.0, good=good, bad=bad)
    assert breaker.closed is closed


@pytest.mark.parametrize(("later", "closed"), [(9.9, False), (10.5, True)])
def test_the_rate_is_of_one_window_which_begins_with_its_first_report(later, closed):
    breaker = rate_only(minimum_calls=4, window_seconds=10)
    report(breaker, 0.5, good=1, bad=1)
    report(breaker, later, bad=2)
    assert breaker.closed is closed


# At the end, because it takes longest: a mutant that a test above finds is not run through it.
TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
