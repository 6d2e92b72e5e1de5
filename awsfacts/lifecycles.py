"""When AWS stops to support Lambda runtimes and Kubernetes versions.

Sources, read on 2026-11-21 in stored copies made after 2026-07-31: the Lambda developer guide, "Lambda runtimes"
(tables "Supported runtimes", whose dates are forecasts, and "Deprecated runtimes"), and the EKS user guide, "Amazon EKS
Kubernetes release calendar".
"""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


def _dates(lines: str) -> Mapping[str, dt.date]:
    pairs = (line.split() for line in lines.strip().splitlines())
    return MappingProxyType({name: dt.date.fromisoformat(day) for name, day in pairs})


LAMBDA_DEPRECATION: Final = _dates("""
    nodejs           2016-08-30
    dotnetcore2.0    2019-05-30
    dotnetcore1.0    2019-06-27
    nodejs6.10       2019-08-12
    nodejs4.3        2020-03-05
    nodejs4.3-edge   2020-03-05
    nodejs8.10       2020-03-06
    python2.7        2021-07-15
    nodejs10.x       2021-07-30
    ruby2.5          2021-07-30
    dotnetcore2.1    2022-01-05
    dotnet5.0        2022-05-10
    python3.6        2022-07-18
    nodejs12.x       2023-03-31
    dotnetcore3.1    2023-04-03
    nodejs14.x       2023-12-04
    python3.7        2023-12-04
    ruby2.7          2023-12-07
    java8            2024-01-08
    go1.x            2024-01-08
    provided         2024-01-08
    dotnet7          2024-05-14
    nodejs16.x       2024-06-12
    python3.8        2024-10-14
    dotnet6          2024-12-20
    nodejs18.x       2025-09-01
    python3.9        2025-12-15
    ruby3.2          2026-03-31
    nodejs20.x       2026-04-30
    provided.al2     2026-07-31
    python3.10       2026-10-31
    dotnet8          2026-11-10
    dotnet9          2026-11-10
    ruby3.3          2027-03-31
    nodejs22.x       2027-04-30
    java8.al2        2027-06-30
    java11           2027-06-30
    java17           2027-06-30
    python3.11       2027-06-30
    ruby3.4          2028-03-31
    nodejs24.x       2028-04-30
    python3.12       2028-10-31
    dotnet10         2028-11-14
    ruby4.0          2029-03-31
    java21           2029-06-30
    java25           2029-06-30
    provided.al2023  2029-06-30
    python3.13       2029-06-30
    python3.14       2029-06-30
""")
"""The day on which AWS deprecates a Lambda runtime. A runtime that is not here has no date."""

KUBERNETES_STANDARD_END: Final = _dates("""
    1.31  2025-11-26
    1.32  2026-03-23
    1.33  2026-07-29
    1.34  2026-12-02
    1.35  2027-03-27
    1.36  2027-08-02
""")
"""The day on which a Kubernetes version of EKS leaves standard support, and its hourly price rises."""

KUBERNETES_EXTENDED_END: Final = _dates("""
    1.31  2026-11-26
    1.32  2027-03-23
    1.33  2027-07-29
    1.34  2027-12-02
    1.35  2028-03-27
    1.36  2028-08-02
""")
"""The day after which AWS upgrades a cluster of this version by itself."""


def lambda_deprecated(runtime: str, day: dt.date) -> dt.date | None:
    """When the runtime was deprecated, if that is not after `day`; None for one that still gets fixes."""
    end = LAMBDA_DEPRECATION.get(runtime)
    return end if end is not None and end <= day else None


def kubernetes_oldest(day: dt.date, *, extended: bool = False) -> tuple[int, int]:
    """The oldest Kubernetes version, as numbers, that has standard (or extended) support on a day.

    After the last date known here it is the newest version known here.
    """
    ends = KUBERNETES_EXTENDED_END if extended else KUBERNETES_STANDARD_END
    supported = [name for name, end in ends.items() if end > day] or [max(ends, key=_numbers)]
    return _numbers(min(supported, key=_numbers))


def _numbers(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor)
