from __future__ import annotations

import pytest

from ops.load.history import Attempt, History
from ops.load.measures import longest_silence, percentile, resumed, summary


def attempt(done: float, *, status: int | None = 201, region: str | None = "us-east-1", error: str = "") -> Attempt:
    return Attempt(order=0, customer="c", sent=done - 0.01, done=done, status=status, region=region, error=error)


def test_writes_flow_again_at_the_first_acknowledgement_of_a_full_window():
    lucky, steady = [1.0], [3.0 + index / 50 for index in range(60)]
    assert resumed([*lucky, *steady], 0.5, rate=50) == pytest.approx(2.5)


def test_one_lucky_write_is_no_failover():
    assert resumed([1.0, 2.5, 4.0], 0.5, rate=50) is None


def test_acknowledgements_before_the_cut_do_not_count():
    before = [index / 100 for index in range(100)]
    assert resumed(before, 1.0, rate=50) is None


@pytest.mark.parametrize(
    ("times", "expected"),
    [([], 10.0), ([4.0], 6.0), ([1.0, 2.0, 9.0], 7.0), ([-5.0, 20.0], 10.0)],
)
def test_longest_silence_counts_the_edges(times, expected):
    assert longest_silence(times, 0.0, 10.0) == expected


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_percentile_is_the_nearest_rank(share, expected):
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected


def test_percentile_of_nothing_is_nothing():
    assert percentile([], 0.5) is None


def test_a_summary_tells_who_served_and_what_failed():
    history = History(
        [
            attempt(1.0),
            attempt(1.5, region="us-west-2"),
            attempt(1.6, status=503, region=None, error="503 unavailable"),
            attempt(1.7, status=None, region=None, error="ReadTimeout"),
            attempt(2.0),
        ]
    )
    found = summary(history, 1.0, 2.0)
    assert found["acknowledged"] == 2
    assert found["acknowledged_per_second"] == 2.0
    assert found["served_by"] == {"us-east-1": 1, "us-west-2": 1}
    assert found["errors"] == {"503 unavailable": 1, "ReadTimeout": 1}
    assert found["latency_ms"]["p99"] == pytest.approx(10.0)


def test_a_history_survives_its_file(tmp_path):
    history = History([attempt(1.0), attempt(2.0, status=None, error="ConnectError")])
    history.write(tmp_path / "deep" / "history.jsonl")
    assert list(History.read(tmp_path / "deep" / "history.jsonl")) == list(history)
