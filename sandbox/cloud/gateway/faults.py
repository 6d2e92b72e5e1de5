"""Faults: what a gateway does wrong on purpose, for which service, how often, and until when."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from sandbox.cloud.gateway.distributions import Distribution, DistributionError
from sandbox.cloud.kinds import FaultKind

KINDS: tuple[FaultKind, ...] = get_args(FaultKind)

PARTITIONS = frozenset({"cut", "blackhole"})
"""Faults that take a region, or its DynamoDB, off the network: replication stops too."""

_OPTIONS: Mapping[str, frozenset[str]] = {
    "cut": frozenset(),
    "blackhole": frozenset({"direction"}),
    "delay": frozenset({"seconds", "distribution"}),
    "throttle": frozenset({"per_second"}),
    "error": frozenset({"status"}),
    "reset": frozenset(),
    "truncate": frozenset({"keep"}),
    "slow": frozenset({"bytes_per_second"}),
}
_COMMON = frozenset({"rate", "after_seconds", "lease_seconds", "operation"})


class FaultError(ValueError):
    """A fault that cannot be; the message says which option, why, and what to write instead."""


@dataclass(kw_only=True)
class Fault:
    """One fault of one region. Times are seconds of the event loop's clock."""

    id: str
    region: str
    kind: FaultKind
    service: str | None
    """SigV4 service name (`dynamodb`, `s3`, …); None is every service."""
    operation: str | None
    """Name of an operation (`PutItem`); None is every one. Only JSON protocols name theirs in a header."""
    rate: float
    """Share of the requests that it hits, 0 to 1."""
    starts: float
    ends: float | None
    """When its lease ends; None holds until it is healed."""
    distribution: Distribution | None = None
    status: int = 500
    per_second: float | None = None
    keep: float = 0.5
    """Share of the body that a truncated answer keeps."""
    bytes_per_second: float = 1024
    direction: str = "both"
    """`both` loses requests and answers, `response` lets requests arrive and loses the answers only."""
    hits: int = 0
    tokens: float = field(default=0, repr=False)
    refilled: float = field(default=0, repr=False)

    def active(self, now: float) -> bool:
        """Whether its time has come and is not over."""
        return self.starts <= now and (self.ends is None or now < self.ends)

    @property
    def partitions(self) -> bool:
        """Whether it takes the region's DynamoDB off the network for good (not a share of requests)."""
        return (
            self.kind in PARTITIONS
            and self.service in (None, "dynamodb")
            and self.rate >= 1
            and self.operation is None
            and self.direction == "both"
        )

    def describe(self, now: float) -> dict[str, Any]:
        """The fault as JSON, times as seconds from now."""
        return {
            "id": self.id,
            "region": self.region,
            "kind": self.kind,
            "service": self.service,
            "operation": self.operation,
            "rate": self.rate,
            "active": self.active(now),
            "starts_in_seconds": max(0.0, round(self.starts - now, 3)),
            "ends_in_seconds": None if self.ends is None else max(0.0, round(self.ends - now, 3)),
            "hits": self.hits,
        }


class FaultBook:
    """The faults of all regions. `changed` is called when one is added, begins, ends or is healed."""

    def __init__(
        self, clock: Callable[[], float], *, changed: Callable[[], None] = lambda: None, seed: int | None = None
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._random = random.Random(seed)  # noqa: S311 - faults, not secrets
        self._numbers = itertools.count(1)
        self._faults: list[Fault] = []

    def add(self, region: str, kind: str, *, service: str | None = None, **options: Any) -> Fault:
        """Add a fault.

        Args:
            region: the region whose gateway fails.
            kind: one of `KINDS`.
            service: SigV4 service name, or None for all.
            options: `rate` (0 to 1), `operation`, `after_seconds` (begins later), `lease_seconds` (ends by itself),
                and those of the kind: `seconds` or `distribution` (delay), `per_second` (throttle), `status` (error),
                `keep` (truncate, share of the body), `bytes_per_second` (slow), `direction` (blackhole).

        Raises:
            FaultError: an unknown kind or option, or a value out of range.
        """
        fault = self._fault(region, kind, service, options)
        self._faults.append(fault)
        self._changed()
        return fault

    def _fault(self, region: str, kind: str, service: str | None, options: Mapping[str, Any]) -> Fault:
        if kind not in KINDS:
            raise FaultError(f"fault kind {kind!r} is not known; write one of {', '.join(KINDS)}")
        allowed = _OPTIONS[kind] | _COMMON
        for name in options:
            if name not in allowed:
                raise FaultError(f"fault {kind!r} has no option {name!r}; it has {', '.join(sorted(allowed))}")
        now = self._clock()
        starts = now + _number(options, "after_seconds", 0, low=0)
        lease = options.get("lease_seconds")
        rate = _number(options, "rate", 1, low=0, high=1)
        fault = Fault(
            id=f"fault-{next(self._numbers)}",
            region=region,
            kind=kind,
            service=service,
            operation=options.get("operation"),
            rate=rate,
            starts=starts,
            ends=None if lease is None else starts + _number(options, "lease_seconds", 0, low=0),
            status=int(_number(options, "status", 500, low=500, high=599)),
            keep=_number(options, "keep", 0.5, low=0, high=1),
            bytes_per_second=_number(options, "bytes_per_second", 1024, low=1),
            direction=options.get("direction", "both"),
            refilled=now,
        )
        if fault.direction not in ("both", "response"):
            raise FaultError(f"direction is {fault.direction!r}; write 'both' or 'response'")
        if kind == "delay":
            try:
                fault.distribution = Distribution.parse(options.get("distribution"), options.get("seconds"))
            except DistributionError as error:
                raise FaultError(str(error)) from None
        if "per_second" in options:
            fault.per_second = _number(options, "per_second", 0, low=0)
        return fault

    def heal(self, region: str | None = None, fault_id: str | None = None) -> int:
        """End the faults of a region, one fault, or all; says how many there were."""
        before = len(self._faults)
        self._faults = [
            fault
            for fault in self._faults
            if (region is not None and fault.region != region) or (fault_id is not None and fault.id != fault_id)
        ]
        if len(self._faults) != before:
            self._changed()
        return before - len(self._faults)

    def sweep(self) -> None:
        """Drop what has ended."""
        now = self._clock()
        kept = [fault for fault in self._faults if fault.ends is None or now < fault.ends]
        if len(kept) != len(self._faults):
            self._faults = kept
            self._changed()

    def next_change(self) -> float | None:
        """When the next fault begins or ends by itself, or None."""
        now = self._clock()
        times = [fault.starts for fault in self._faults if fault.starts > now]
        times += [fault.ends for fault in self._faults if fault.ends is not None]
        return min(times, default=None)

    def of(self, region: str) -> list[Fault]:
        """The faults of a region that are active now."""
        if not self._faults:
            return []
        now = self._clock()
        return [fault for fault in self._faults if fault.region == region and fault.active(now)]

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def blocks(self, region: str, service: str) -> str | None:
        """Whether a service of a region is off the network now: `cut`, `blackhole`, or None."""
        for fault in self.of(region):
            if fault.kind in PARTITIONS and fault.rate >= 1 and fault.service in (None, service):
                return fault.kind
        return None

    def partitioned(self) -> frozenset[str]:
        """The regions whose DynamoDB is off the network now."""
        now = self._clock()
        return frozenset(fault.region for fault in self._faults if fault.partitions and fault.active(now))

    def hits(self, fault: Fault, service: str, operation: str) -> bool:
        """Whether this request is one that the fault hits; draws from its rate and its quota."""
        if fault.service is not None and fault.service != service:
            return False
        if fault.operation is not None and fault.operation != operation:
            return False
        if fault.rate < 1 and self._random.random() >= fault.rate:
            return False
        if fault.per_second is not None and self._within_quota(fault):
            return False
        fault.hits += 1
        return True

    def _within_quota(self, fault: Fault) -> bool:
        """A token bucket of one second: what is within `per_second` goes through."""
        now = self._clock()
        limit = fault.per_second or 0
        fault.tokens = min(max(limit, 1), fault.tokens + (now - fault.refilled) * limit)
        fault.refilled = now
        if fault.tokens < 1:
            return False
        fault.tokens -= 1
        return True

    def draw(self, fault: Fault) -> float:
        """A delay in seconds."""
        return fault.distribution.draw(self._random) if fault.distribution is not None else 0.0


def _number(options: Mapping[str, Any], name: str, default: float, *, low: float, high: float | None = None) -> float:
    value = options.get(name, default)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or value < low
        or (high is not None and value > high)
    ):
        span = f"from {low:g} to {high:g}" if high is not None else f"of at least {low:g}"
        raise FaultError(f"{name} is {value!r}; write a number {span}")
    return float(value)
