"""The breaker as a state machine, against a model that is told in plain words."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from holdfast.resilience.breaker import Breaker
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


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


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
