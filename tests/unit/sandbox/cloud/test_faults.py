"""Faults: which requests they hit, when they begin and end, what they refuse to be."""

from __future__ import annotations

import random

import pytest

from sandbox.cloud.gateway import FaultBook, FaultError, route_of
from sandbox.cloud.gateway.distributions import Distribution, DistributionError
from sandbox.cloud.http import Request


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_schedules_and_leases_follow_the_clock() -> None:
    clock, changes = Clock(), []
    book = FaultBook(clock, changed=lambda: changes.append(clock.now))
    fault = book.add("us-east-1", "cut", after_seconds=5, lease_seconds=10)
    assert book.of("us-east-1") == []
    assert book.next_change() == 105
    clock.now = 106
    assert book.of("us-east-1") == [fault]
    assert book.partitioned() == {"us-east-1"}
    assert book.blocks("us-east-1", "elasticache") == "cut"
    assert book.next_change() == 115
    clock.now = 116
    assert book.of("us-east-1") == []
    book.sweep()
    assert list(book) == []
    assert changes == [100.0, 116]


def test_only_a_whole_region_or_its_dynamodb_is_partitioned() -> None:
    book = FaultBook(Clock())
    book.add("a", "cut", service="s3")
    book.add("b", "blackhole", rate=0.5)
    book.add("c", "blackhole", direction="response")
    book.add("d", "error")
    book.add("e", "cut", service="dynamodb")
    book.add("f", "blackhole")
    assert book.partitioned() == {"e", "f"}


def test_a_rate_and_a_quota_hit_their_share() -> None:
    clock = Clock()
    book = FaultBook(clock, seed=1)
    half = book.add("r", "error", rate=0.5)
    hits = sum(book.hits(half, "dynamodb", "PutItem") for _ in range(1000))
    assert 430 < hits < 570
    book.heal()
    limited = book.add("r", "throttle", per_second=10)
    clock.now += 1
    assert [book.hits(limited, "dynamodb", "PutItem") for _ in range(12)] == [False] * 10 + [True] * 2
    clock.now += 0.5
    assert [book.hits(limited, "dynamodb", "PutItem") for _ in range(6)] == [False] * 5 + [True]


def test_service_and_operation_narrow_a_fault() -> None:
    book = FaultBook(Clock())
    fault = book.add("r", "error", service="dynamodb", operation="PutItem")
    assert book.hits(fault, "dynamodb", "PutItem")
    assert not book.hits(fault, "dynamodb", "GetItem")
    assert not book.hits(fault, "s3", "PutItem")


def test_healing_ends_one_a_region_or_all() -> None:
    book = FaultBook(Clock())
    one = book.add("a", "cut")
    book.add("a", "error")
    book.add("b", "cut")
    assert book.heal(fault_id=one.id) == 1
    assert book.heal("a") == 1
    assert book.heal() == 1


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("explode", {}, "write one of cut, blackhole"),
        ("cut", {"seconds": 1}, "fault 'cut' has no option 'seconds'"),
        ("error", {"status": 200}, "status is 200; write a number from 500 to 599"),
        ("delay", {"seconds": "long"}, "write seconds of at least 0"),
        ("delay", {"seconds": 1, "distribution": {"name": "normal"}}, "either seconds or a distribution"),
        ("blackhole", {"direction": "request"}, "write 'both' or 'response'"),
        ("throttle", {"rate": True}, "rate is True; write a number from 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused(kind: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(FaultError, match=message):
        FaultBook(Clock()).add("r", kind, **options)


@pytest.mark.parametrize(
    ("document", "low", "high"),
    [
        ({"name": "constant", "seconds": 0.3}, 0.3, 0.3),
        ({"name": "uniform", "low": 0.1, "high": 0.2}, 0.14, 0.16),
        ({"name": "normal", "mean": 1, "deviation": 0.1}, 0.97, 1.03),
        ({"name": "exponential", "mean": 0.5}, 0.45, 0.55),
        ({"name": "lognormal", "median": 1, "sigma": 0.5}, 1.05, 1.25),
    ],
)
def test_distributions_have_their_mean(document: dict[str, object], low: float, high: float) -> None:
    source = random.Random(3)  # noqa: S311 - test data
    draws = [Distribution.parse(document).draw(source) for _ in range(4000)]
    assert low - 1e-9 <= sum(draws) / len(draws) <= high + 1e-9
    assert min(draws) >= 0


def test_a_distribution_names_what_it_lacks() -> None:
    with pytest.raises(DistributionError, match="high of a uniform delay is None"):
        Distribution.parse({"name": "uniform", "low": 1})


@pytest.mark.parametrize(
    ("headers", "target", "expected"),
    [
        (
            [(b"authorization", b"AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1/dynamodb/aws4_request, X=y")],
            b"/",
            ("dynamodb", "eu-west-1", "AK"),
        ),
        (
            [],
            b"/b/k?X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=1",
            ("s3", "us-east-1", "AK"),
        ),
        ([], b"/", ("", "", "")),
        ([(b"authorization", b"Bearer x")], b"/", ("", "", "")),
    ],
)
def test_the_credential_scope_says_where_a_request_belongs(
    headers: list[tuple[bytes, bytes]], target: bytes, expected: tuple[str, str, str]
) -> None:
    assert tuple(route_of(Request(b"POST", target, headers, b""))) == expected
