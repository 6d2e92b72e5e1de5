"""A story: which faults come when. It follows from a seed, and shrinks to what matters."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
FaultKind = Literal["lose", "slow", "throttle", "fail", "lossy", "partition", "evacuate", "cache"]
SECONDS = 14.0
"""How long clients work; then everything heals and comes to rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong."""

    kind: FaultKind
    region: str
    at: float
    seconds: float
    how: str = ""
    """`lose`: refused, reset or blackhole. `partition`: the other region, or none for all. `evacuate`: `expires` when
    the flag runs out by itself, else it is taken back. `cache`: down, slow, or replaced by an empty one."""
    amount: float = 0.0

    @property
    def until(self) -> float:
        """When it ends."""
        return self.at + self.seconds

    def __str__(self) -> str:
        detail = " ".join(part for part in (self.how, f"{self.amount:.2f}" if self.amount else "") if part)
        return f"{self.at:6.2f}-{self.until:<6.2f} {self.kind} {self.region}{' ' + detail if detail else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that a run depends on, beside the code."""

    seed: int
    faults: tuple[Fault, ...]
    clients: int = 2
    writers: int = 3
    seconds: float = SECONDS

    def __str__(self) -> str:
        lines = [f"seed {self.seed}: {self.clients} clients, {self.writers} tasks each, {self.seconds:.0f} s"]
        return "\n".join([*lines, *(f"  {fault}" for fault in self.faults)])


def story(seed: int) -> Story:
    """The story of a seed: a region is lost for a while, and up to three more things go wrong."""
    rng = random.Random(seed)  # noqa: S311 - replayable chance is the point
    lost = rng.choice((REGIONS[0], REGIONS[0], rng.choice(REGIONS)))
    seconds = rng.choice((rng.uniform(0.3, 6.0), rng.uniform(0.3, 6.0), rng.uniform(6.0, 9.0)))
    faults = [
        Fault(
            kind="lose", region=lost, at=rng.uniform(1.5, 5.0), seconds=seconds,
            how=rng.choice(("refused", "reset", "blackhole")),
        )
    ]  # fmt: skip
    faults.extend(_more(rng) for _ in range(rng.randrange(4)))
    return Story(seed=seed, faults=tuple(sorted(faults, key=lambda fault: fault.at)))


def moved_often(seed: int) -> Story:
    """Writes change regions six times, and nothing else happens: for faults that show in the moment of a move only."""
    rng = random.Random(seed)  # noqa: S311
    faults = [
        Fault(kind="evacuate", region=REGIONS[0], at=begin + rng.uniform(0, 0.5), seconds=rng.uniform(1.0, 1.5))
        for begin in (0.5, 5.0, 9.5)
    ]
    return Story(seed=seed, faults=tuple(faults))


def _more(rng: random.Random) -> Fault:
    region = rng.choice(REGIONS)
    at, seconds = rng.uniform(0.5, 9.0), rng.uniform(0.2, 4.0)
    kind: FaultKind = rng.choice(("slow", "throttle", "fail", "lossy", "partition", "evacuate", "evacuate", "cache"))
    match kind:
        case "slow":
            return Fault(kind=kind, region=region, at=at, seconds=seconds, amount=rng.choice((0.05, 0.4, 2.0)))
        case "throttle" | "fail" | "lossy":
            return Fault(kind=kind, region=region, at=at, seconds=seconds, amount=rng.choice((0.1, 0.5, 1.0)))
        case "partition":
            other = rng.choice(("", *(name for name in REGIONS if name != region)))
            return Fault(kind=kind, region=region, at=at, seconds=seconds, how=other)
        case "cache":
            return Fault(kind=kind, region=region, at=at, seconds=seconds, how=rng.choice(("down", "slow", "empty")))
        case _:
            how = rng.choice(("", "expires"))
            return Fault(kind=kind, region=region, at=at, seconds=rng.uniform(1.0, 4.0), how=how)


def shrink(failing: Story, fails: Callable[[Story], bool]) -> Story:
    """A shorter story that still fails: fewer faults, fewer clients and tasks, less time."""
    best = failing
    changed = True
    while changed:
        changed = False
        for candidate in _shorter(best):
            if fails(candidate):
                best, changed = candidate, True
                break
    return best


def _shorter(story: Story) -> list[Story]:
    found = [
        replace(story, faults=story.faults[:index] + story.faults[index + 1 :]) for index in range(len(story.faults))
    ]
    if story.clients > 1:
        found.append(replace(story, clients=story.clients - 1))
    if story.writers > 1:
        found.append(replace(story, writers=story.writers - 1))
    if story.seconds > 2:
        last = max((fault.until for fault in story.faults), default=1.0)
        found.extend(replace(story, seconds=s) for s in (last + 1.0, story.seconds * 0.75) if s < story.seconds - 0.5)
    return found
