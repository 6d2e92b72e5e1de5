"""`python -m holdfast.testing.simulation --seeds 100000`: run many stories, and tell the first that fails."""

from __future__ import annotations

import argparse
import gc
import logging
import math
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import nullcontext
from pathlib import Path

from holdfast.testing.checker import draw
from holdfast.testing.simulation.plants import PLANTS, planted
from holdfast.testing.simulation.record import Record, Tally
from holdfast.testing.simulation.story import Story, shrink, story
from holdfast.testing.simulation.world import simulate

CHUNK = 50
SAID_EVERY_SECONDS = 60.0
COLLECTED_EVERY = 5
"""Runs between two collections of garbage; one leaves some megabytes."""


def each(first: int, last: int) -> Iterator[int]:
    """The seeds from `first` up to, not including, `last`.

    What a run leaves is collected between runs: collecting on the way costs a tenth of its time, and much more in a
    process that has loaded a lot.
    """
    enabled = gc.isenabled()
    gc.collect()
    gc.freeze()  # what was there before is not looked through each time
    gc.disable()
    try:
        for seed in range(first, last):
            if seed % COLLECTED_EVERY == 0:
                gc.collect()
            yield seed
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()


def run_seeds(first: int, last: int, plant: str = "") -> Tally:
    """Run those seeds."""
    logging.getLogger("holdfast").setLevel(logging.CRITICAL)
    tally = Tally()
    with planted(plant) if plant else nullcontext():
        for seed in each(first, last):
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


def _summary(total: Tally, seconds: float) -> str:
    recoveries = sorted(total.recoveries) or [0.0]
    return (
        f"{total.seeds} seeds, {total.operations} operations in {seconds:.0f} s; "
        f"writes again after {recoveries[len(recoveries) // 2]:.2f} s (median), "
        f"{recoveries[int(len(recoveries) * 0.99)]:.2f} s (99 %), {recoveries[-1]:.2f} s (most); "
        f"{total.superseded} writes superseded by a failover; {len(total.failing)} seeds failed"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run, report, and return 1 when a seed failed."""
    parser = argparse.ArgumentParser(prog="python -m holdfast.testing.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plant", choices=sorted(PLANTS), default="", help="plant this fault in the client")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin nothing after that long")
    parser.add_argument("--resume", type=Path, help="keep what is done in this file, and go on from it")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    last = options.first + options.seeds
    record = Record(options.resume, options.plant)
    chunks = [
        (first, min(first + CHUNK, last))
        for first in range(options.first, last, CHUNK)
        if not record.has(first, min(first + CHUNK, last))
    ]
    total = record.total(options.first, last)
    if total.seeds:
        print(f"{total.seeds} seeds are done, of this very code: {options.resume}", flush=True)
    said = time.monotonic()
    with ProcessPoolExecutor(options.workers) as pool:
        running: dict[Future[Tally], tuple[int, int]] = {}
        while running or chunks:
            while chunks and len(running) < options.workers and time.monotonic() - started < options.minutes * 60:
                chunk = chunks.pop(0)
                running[pool.submit(run_seeds, *chunk, options.plant)] = chunk
            if not running:
                print(f"stopped after {options.minutes:g} minutes; {len(chunks) * CHUNK} seeds are left", flush=True)
                break
            for job in wait(running, return_when=FIRST_COMPLETED).done:
                tally = job.result()
                record.add(*running.pop(job), tally)
                total.add(tally)
            if time.monotonic() - said >= SAID_EVERY_SECONDS:
                said = time.monotonic()
                print(f"{total.seeds} of {options.seeds} seeds, {len(total.failing)} failed", flush=True)
    print(_summary(total, time.monotonic() - started))
    if total.failing:
        print(explain(total.failing[0], options.plant), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that its workers end with it
    sys.exit(main())
