"""When runtimes and Kubernetes versions stop to be supported."""

import datetime as dt

import pytest

from awsfacts.iam.deputies import NAMES_ITS_SOURCE
from awsfacts.lifecycles import (
    KUBERNETES_EXTENDED_END,
    KUBERNETES_STANDARD_END,
    LAMBDA_DEPRECATION,
    kubernetes_oldest,
    lambda_deprecated,
)

DAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("runtime", "day", "deprecated"),
    [
        ("python3.9", DAY, True),
        ("python3.10", DAY, True),
        ("python3.10", dt.date(2026, 10, 30), False),
        ("python3.10", dt.date(2026, 10, 31), True),
        ("python3.13", DAY, False),
        ("nodejs99.x", DAY, False),
        ("", DAY, False),
    ],
)
def test_a_runtime_is_deprecated_from_its_day_on(runtime, day, deprecated):
    assert (lambda_deprecated(runtime, day) is not None) is deprecated


def test_the_table_of_runtimes_is_in_order_of_time():
    days = list(LAMBDA_DEPRECATION.values())
    assert days == sorted(days)
    assert len(days) > 40


@pytest.mark.parametrize(
    ("day", "extended", "oldest"),
    [
        (DAY, False, (1, 34)),
        (dt.date(2026, 12, 2), False, (1, 35)),
        (DAY, True, (1, 31)),
        (dt.date(2026, 11, 26), True, (1, 32)),
        (dt.date(2040, 1, 1), False, (1, 36)),
    ],
)
def test_the_oldest_supported_kubernetes(day, extended, oldest):
    assert kubernetes_oldest(day, extended=extended) == oldest


def test_extended_support_lasts_a_year_longer():
    for version, end in KUBERNETES_STANDARD_END.items():
        assert KUBERNETES_EXTENDED_END[version] == end.replace(year=end.year + 1)


def test_each_deputy_is_a_service_principal_with_the_page_that_says_so():
    assert list(NAMES_ITS_SOURCE) == sorted(NAMES_ITS_SOURCE)
    for principal, page in NAMES_ITS_SOURCE.items():
        assert principal.endswith(".amazonaws.com")
        assert ":" in page
