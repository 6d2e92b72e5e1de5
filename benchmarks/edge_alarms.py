"""Who notices a half-ill region, how fast, and who cries wolf: the edge's own rules under a simulated clock.

    python benchmarks/edge_alarms.py [--hours N]

The rules are those of the stack `resilient-api`: a journey of five requests a minute from each of three places, an
alarm after three bad ones in a row; a deep health check every ten seconds, down after three failures in a row; API
errors above 5 % in each of three minutes. Requests fail at random, each by itself, at the given rate; no process runs.
"""

import argparse
import json
import random
import statistics

from ops.edge.journeys import Watch
from ops.load.measures import percentile
from sandbox.cloud.dns.document import CheckSpec, DnsDocument
from sandbox.cloud.dns.health import Health

STEPS = 5
"""Requests of a journey whose failure fails it: create, repeat, list, process, and the token's."""
REQUESTS_A_MINUTE = 600
PLACES = ("us-east-1", "us-west-2", "eu-west-1")
CHECK_SECONDS, MINUTE = 10, 60
ERROR_PERCENT, PERIODS = 5.0, 3


def hour(rate: float, seed: int) -> dict[str, float | None]:
    """Minute of the first alarm of each kind in an hour in which requests fail at a rate; None where none rings."""
    rng = random.Random(seed)  # noqa: S311 - a simulation
    watches = {place: Watch("region") for place in PLACES}
    # The rule alone: nothing is started.
    health = Health(DnsDocument(checks=(CheckSpec(id="d", name="deep", type="HTTPS", failures=3),)), aws_port=0)
    found: dict[str, float | None] = {"journeys (observer)": None, "journeys (any place)": None}
    found |= {"deep health check": None, "API errors": None}
    above = 0
    for second in range(0, 60 * MINUTE, CHECK_SECONDS):
        health.judged("d", passed=rng.random() >= rate, said="")
        if not health.healthy("d"):
            found["deep health check"] = found["deep health check"] or second / MINUTE
        if second % MINUTE:
            continue
        for place, watch in watches.items():
            watch.judged(passed=all(rng.random() >= rate for _ in range(STEPS)), said="")
            if watch.alarm:
                found["journeys (any place)"] = found["journeys (any place)"] or second / MINUTE
                if place == PLACES[-1]:
                    found["journeys (observer)"] = found["journeys (observer)"] or second / MINUTE
        failed = sum(rng.random() < rate for _ in range(REQUESTS_A_MINUTE))
        above = above + 1 if 100 * failed / REQUESTS_A_MINUTE > ERROR_PERCENT else 0
        if above == PERIODS:
            found["API errors"] = found["API errors"] or second / MINUTE + 1
    return found


def many(rate: float, hours: int) -> dict[str, dict[str, float | None]]:
    """Of each kind: the share of hours with an alarm in percent, and the minute of the first one."""
    runs = [hour(rate, seed) for seed in range(hours)]
    result: dict[str, dict[str, float | None]] = {}
    for kind in runs[0]:
        rang = [value for run in runs if (value := run[kind]) is not None]
        result[kind] = {
            "hours with an alarm, percent": round(100 * len(rang) / hours, 2),
            "median minute": round(statistics.median(rang), 1) if rang else None,
            "p90 minute": percentile(rang, 0.9),
        }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=1000)
    hours = parser.parse_args().hours
    rates = {"healthy: 0.1 % of requests fail": 0.001, "1 % fail": 0.01, "grey: 20 % fail": 0.2, "50 % fail": 0.5}
    print(json.dumps({"hours": hours} | {name: many(rate, hours) for name, rate in rates.items()}, indent=2))


if __name__ == "__main__":
    main()
