"""Routing without the resilience package: the preferred region first, then the others, one attempt each."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from holdfast import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from holdfast._attempt import Call, Reply, Sender, Timeouts
    from holdfast.topology import Region


class Breaker:
    """Leaves a region after `threshold` failures in a row; after `reset_seconds` one call at a time may probe it."""

    def __init__(self, threshold: int, reset_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._threshold = threshold
        self._reset_seconds = reset_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again = 0.0

    def admits(self) -> bool:
        """Whether a call may go to the region now."""
        if self._failures < self._threshold:
            return True
        with self._lock:
            now = self._clock()
            if self._failures < self._threshold or now < self._closed_again:
                return self._failures < self._threshold
            self._closed_again = now + self._reset_seconds  # this call is the probe; the next may go when it is lost
            return True

    def succeeded(self) -> None:
        """The region answered."""
        if self._failures:
            with self._lock:
                self._failures = 0

    def failed(self) -> None:
        """The region did not answer, or failed."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._threshold:
                self._closed_again = self._clock() + self._reset_seconds


class Failover:
    """A pipeline that tries the regions in order. A write goes on only where the rules of `Call` allow it."""

    def __init__(
        self,
        sender: Sender,
        regions: Sequence[Region],
        *,
        timeouts: Timeouts,
        threshold: int,
        reset_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sender = sender
        self._regions = {region.name: region for region in regions}
        self._order = tuple((region, Breaker(threshold, reset_seconds, clock)) for region in regions)
        self._timeouts = timeouts

    def send(self, call: Call) -> Reply:
        """Send to the first region that answers.

        Raises:
            OutcomeUnknown: a write may have taken effect in a region, and must not be sent elsewhere.
            RegionsUnavailableError: no region could serve it.
        """
        if call.region is not None:
            return self._sender.send(call, self._pinned(call.region), timeouts=self._timeouts)
        causes: dict[str, errors.HoldfastError] = {}
        for region, breaker in self._order:
            if not breaker.admits():
                causes[region.name] = errors.CircuitOpenError("left after repeated failures", region=region.name)
                continue
            try:
                reply = self._sender.send(call, region, timeouts=self._timeouts)
            except (errors.TransportError, errors.InternalServerError) as error:
                breaker.failed()
                if error.applied == "unknown" and not call.repeatable_elsewhere:
                    raise _unknown(call, error) from error
                causes[region.name] = error
            except errors.ServiceError:
                breaker.succeeded()
                raise
            else:
                breaker.succeeded()
                return reply
        if len(causes) == 1:
            raise next(iter(causes.values()))
        said = "; ".join(f"{name}: {cause.message}" for name, cause in causes.items())
        raise errors.RegionsUnavailableError(
            f"no region could serve the call ({said})", causes=causes, operation=call.operation.name, table=call.table
        )

    def close(self) -> None:
        """Close the sender."""
        self._sender.close()

    def _pinned(self, name: str) -> Region:
        region = self._regions.get(name)
        if region is None:
            raise errors.ConfigurationError(f"this client has no region {name!r}; it has {', '.join(self._regions)}")
        return region


def _unknown(call: Call, error: errors.HoldfastError) -> errors.OutcomeUnknown:
    return errors.OutcomeUnknown(
        f"the write may or may not have taken effect ({error.message}); it was not sent again",
        cause=error,
        operation=call.operation.name,
        table=call.table,
        region=error.region,
    )
