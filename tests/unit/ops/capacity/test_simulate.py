from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.capacity.simulate import Rule, play

DAY = 1440


@settings(max_examples=60, deadline=None)
@given(
    units=st.floats(1, 30_000),
    target=st.integers(20, 90),
    initial=st.floats(1, 60_000),
    interval=st.sampled_from([60, 300]),
)
def test_constant_load_ends_within_one_percent_of_load_over_target(units, target, initial, interval):
    """From any beginning. A unit is the smallest step, so small loads are rounded up to one."""
    steps = DAY * 60 // interval
    found = play([units] * steps, interval, Rule(target_percent=target), initial=initial)
    wanted = units / (target / 100)
    assert abs(found.capacity[-1] - wanted) <= max(wanted * 0.01, 1.0)


def test_what_is_paid_on_constant_load_is_load_over_target():
    found = play([700.0] * DAY, 60, Rule(target_percent=70))
    assert found.average == 1000
    assert found.throttled == 0


def test_capacity_stays_between_minimum_and_maximum():
    rule = Rule(minimum=50, maximum=200, target_percent=70)
    found = play([1.0] * 60 + [1000.0] * 60, 60, rule)
    assert min(found.capacity) == 50
    assert max(found.capacity) == 200
    assert found.throttled > 0.5


def test_it_goes_up_after_two_minutes_and_down_after_fifteen():
    found = play([70.0] * 10 + [140.0] * 10 + [70.0] * 40, 60, Rule(target_percent=70))
    assert found.capacity[11] == 100
    assert found.capacity[12] == 200
    # Below the target from minute 20, and fifteen minutes long: down with minute 35.
    assert found.capacity[34] == 200
    assert found.capacity[35] == 100


def test_a_burst_of_five_minutes_is_served_from_what_was_not_used():
    quiet = [50.0] * 60
    short = play([*quiet, 150.0, 150.0], 60, Rule(minimum=100, maximum=100))
    assert short.throttled == 0
    long = play([*quiet, *[150.0] * 60], 60, Rule(minimum=100, maximum=100))
    # An hour of 50 too many is 180,000 units; 300 seconds of 100 are saved up.
    assert math.isclose(long.throttled, (180_000 - 30_000) / (50 * 3600 + 150 * 3600))


def test_decreases_are_rationed():
    load = []
    for peak in range(12):
        load += [1000.0 - peak] * 3 + [100.0 - peak] * 17
    found = play(load, 60, Rule(target_percent=70))
    downs = sum(after < before for before, after in zip(found.capacity, found.capacity[1:], strict=False))
    assert downs <= 4 + 4


def test_slack_keeps_capacity_that_the_least_would_give_back():
    load = [70.0] * 30 + [60.0] * 60
    assert play(load, 60, Rule(target_percent=70)).capacity[-1] == 86
    assert play(load, 60, Rule(target_percent=70, slack_points=20)).capacity[-1] == 100


@pytest.mark.parametrize("load", [[], [0.0] * 5])
def test_nothing_is_no_fault(load):
    assert play(load, 60, Rule()).throttled == 0
