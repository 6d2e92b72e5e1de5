"""DynamoDB autoscaling, played on a load.

The rules (Application Auto Scaling user guide, "Target tracking"; DynamoDB developer guide, "Managing throughput with
auto scaling" and "Quotas"):

- up after two minutes above the target, to what puts the load at the target;
- down after fifteen minutes below it, after the cooldown, at most four times a day and once more in each hour
  without a decrease;
- capacity that was not used for up to 300 seconds may be used in a burst; what is beyond is throttled.

DynamoDB's own alarm for going down lies below the target: `slack_points` keeps capacity until the load is that many
percentage points below. With 0 the simulation is the least that autoscaling can provide.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

UP_SECONDS = 120
DOWN_SECONDS = 900
BURST_SECONDS = 300
DAY = 86_400
HOUR = 3600
DECREASES = 4
TINY = 1e-9
"""What a division of floats may be above the whole number that it means."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How capacity follows its use."""

    minimum: float = 1
    maximum: float = math.inf
    target_percent: float = 70
    cooldown_seconds: float = 60
    slack_points: float = 0
    """Percentage points below the target at which capacity begins to go down."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """What autoscaling made of a load."""

    capacity: Sequence[float]
    """Provisioned units in each interval."""
    throttled: float
    """Units that were not served, over all units that were asked for, 0 to 1."""

    @property
    def average(self) -> float:
        """Mean capacity: what is paid for."""
        return sum(self.capacity) / len(self.capacity) if self.capacity else 0.0


def play(load: Sequence[float], interval: float, rule: Rule, *, initial: float | None = None) -> Played:
    """Follow a load, from the capacity that fits its beginning unless another is given.

    Args:
        load: consumed units a second in each interval.
        interval: seconds.
        rule: minimum, maximum, target.
        initial: units at the beginning.
    """
    target = rule.target_percent / 100
    capacity = _within(
        rule, math.ceil(load[0] / target - TINY) if initial is None and load else initial or rule.minimum
    )
    above = below = 0.0
    since_change = math.inf
    decreases: deque[float] = deque()
    burst = 0.0
    kept, asked, lost = [], 0.0, 0.0
    for step, units in enumerate(load):
        kept.append(capacity)
        spare = (capacity - units) * interval
        short = max(-spare - burst, 0.0)
        burst = min(max(burst + spare, 0.0), capacity * BURST_SECONDS)
        asked, lost = asked + units * interval, lost + short
        used = units / capacity
        above = above + interval if used > target else 0.0
        below = below + interval if used < target - rule.slack_points / 100 else 0.0
        since_change += interval
        now = step * interval
        wanted = _within(rule, math.ceil(units / target - TINY))
        if above >= UP_SECONDS and wanted > capacity and since_change >= rule.cooldown_seconds:
            capacity, since_change, above = wanted, 0.0, 0.0
        elif below >= DOWN_SECONDS and wanted < capacity and since_change >= rule.cooldown_seconds:
            while decreases and decreases[0] <= now - DAY:
                decreases.popleft()
            if len(decreases) < DECREASES or now - decreases[-1] >= HOUR:
                decreases.append(now)
                capacity, since_change, below = wanted, 0.0, 0.0
    return Played(capacity=kept, throttled=lost / asked if asked else 0.0)


def _within(rule: Rule, units: float) -> float:
    return min(max(units, rule.minimum), rule.maximum)
