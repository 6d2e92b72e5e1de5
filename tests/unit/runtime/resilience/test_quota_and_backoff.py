"""Retries are paid for, and wait."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from holdfast.resilience.backoff import ceiling, full_jitter
from holdfast.resilience.policy import RetryPolicy
from holdfast.resilience.quota import RetryQuota


class QuotaMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.policy = RetryPolicy(quota_tokens=50)
        self.quota = RetryQuota(self.policy)
        self.model = 50

    @rule(timed_out=st.booleans())
    def retry(self, timed_out):
        cost = 10 if timed_out else 5
        paid = self.quota.acquire(timed_out=timed_out)
        assert paid == (cost if self.model >= cost else 0)
        self.model -= paid

    @rule(paid=st.sampled_from([0, 5, 10]))
    def success(self, paid):
        self.quota.release(paid)
        self.model = min(50, self.model + (paid or 1))

    @invariant()
    def never_more_than_it_holds(self):
        assert 0 <= self.quota.tokens <= 50
        assert self.quota.tokens == self.model


TestQuotaMachine = QuotaMachine.TestCase
TestQuotaMachine.settings = settings(max_examples=100, deadline=None)


def test_an_outage_gets_a_hundred_retries_and_then_one_send_per_call():
    quota = RetryQuota(RetryPolicy())
    retries = sum(quota.acquire(timed_out=False) > 0 for _ in range(1000))
    assert retries == 100


@pytest.mark.parametrize(("retry", "seconds"), [(0, 0.05), (1, 0.1), (2, 0.2), (7, 6.4), (8, 10.0), (1000, 10.0)])
def test_ceiling_doubles_from_50_ms_to_10_s(retry, seconds):
    assert ceiling(RetryPolicy(), retry) == pytest.approx(seconds)


@given(st.integers(0, 20), st.integers())
def test_jitter_is_between_nothing_and_the_ceiling(retry, seed):
    wait = full_jitter(RetryPolicy(), retry, random.Random(seed).random)  # noqa: S311 - replayable chance is the point
    assert 0 <= wait < ceiling(RetryPolicy(), retry) + 1e-12


@pytest.mark.parametrize("wrong", [{"retries": -1}, {"base_seconds": 0}, {"multiplier": 0.5}])
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RetryPolicy(**wrong)
