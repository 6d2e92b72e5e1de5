"""`python -m holdfast.testing.simulation --seeds 100000`: run many stories, and tell the first that fails."""

from __future__ import annotations

import argparse
import gc
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

from holdfast.testing.checker import draw
from holdfast.testing.simulation.plants import PLANTS, planted
from holdfast.testing.simulation.story import Story, shrink, story
from holdfast.testing.simulation.world import simulate

CHUNK = 50
COLLECTED_EVERY = 5
"""Runs between two collections of garbage; one leaves some megabytes."""


@dataclass(slots=True)
class Tally:
    """What came of some seeds."""

    seeds: int = 0
    operations: int = 0
    superseded: int = 0
    failing: list[int] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take another one's numbers in."""
        self.seeds += other.seeds
        self.operations += other.operations
        self.superseded += other.superseded
        self.failing += other.failing
        self.recoveries += other.recoveries
        self.outcomes.update(other.outcomes)


@contextmanager
def _collecting_rarely() -> Iterator[Callable[[], object]]:
    """Leave what a run made to one collection after it: collecting on the way costs a tenth of its time."""
    enabled = gc.isenabled()
    gc.collect()
    gc.freeze()  # what was there before is not looked through each time
    gc.disable()
    try:
        yield gc.collect
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()


def run_seeds(first: int, last: int, plant: str = "") -> Tally:
    """Run the seeds from `first` up to, not including, `last`."""
    logging.getLogger("holdfast").setLevel(logging.CRITICAL)
    tally = Tally()
    with planted(plant) if plant else nullcontext(), _collecting_rarely() as collect:
        for seed in range(first, last):
            if seed % COLLECTED_EVERY == 0:
                collect()
            result = simulate(story(seed))
            tally.seeds += 1
            tally.operations += len(result.ops)
            tally.superseded += len(result.report.superseded)
            tally.outcomes.update(result.counts)
            if result.recovery_seconds is not None:
                tally.recoveries.append(result.recovery_seconds)
            if not result.ok:
                tally.failing.append(seed)
    return tally


def shorten(failing: Story) -> Story:
    """The shortest story found that still breaks a rule which this one breaks.

    Any other rule that a shorter story breaks is another finding, and would be told as the cause of this one.
    """
    rules = simulate(failing).rules
    return shrink(failing, lambda candidate: bool(rules & simulate(candidate).rules))


def explain(seed: int, plant: str = "") -> str:
    """The shortest story found that still fails as the seed's does, and the violation drawn."""
    with planted(plant) if plant else nullcontext():
        rules = simulate(story(seed)).rules
        short = shorten(story(seed))
        result = simulate(short)
    violation = next(found for found in result.report.violations if found.rule in rules)
    return f"{short}\n{draw(violation, result.ops)}"


def main(arguments: list[str] | None = None) -> int:
    """Run, report, and return 1 when a seed failed."""
    parser = argparse.ArgumentParser(prog="python -m holdfast.testing.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plant", choices=sorted(PLANTS), default="", help="plant this fault in the client")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    total = Tally()
    last = options.first + options.seeds
    with ProcessPoolExecutor(options.workers) as pool:
        jobs = [
            pool.submit(run_seeds, first, min(first + CHUNK, last), options.plant)
            for first in range(options.first, last, CHUNK)
        ]
        for job in jobs:
            total.add(job.result())
    seconds = time.monotonic() - started
    recoveries = sorted(total.recoveries) or [0.0]
    print(
        f"{total.seeds} seeds, {total.operations} operations in {seconds:.0f} s; "
        f"writes again after {recoveries[len(recoveries) // 2]:.2f} s (median), "
        f"{recoveries[int(len(recoveries) * 0.99)]:.2f} s (99 %), {recoveries[-1]:.2f} s (most); "
        f"{total.superseded} writes superseded by a failover; {len(total.failing)} seeds failed"
    )
    if total.failing:
        print(explain(total.failing[0], options.plant), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
