"""One call on its way: what to send where, what an outcome means, and what comes next. It does no I/O itself."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from holdfast import errors
from holdfast._attempt import Timeouts
from holdfast.resilience import backoff, homes
from holdfast.resilience.recent import keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast._attempt import Call, Reply
    from holdfast.resilience.breaker import Breaker
    from holdfast.resilience.core import Core
    from holdfast.resilience.latency import Latency
    from holdfast.resilience.limiter import Limiter
    from holdfast.resilience.region import Profile, RegionState
    from holdfast.resilience.scope import Scope
    from holdfast.topology import Region

LOG = logging.getLogger("holdfast")
WORTH_SENDING_SECONDS = 0.005
"""An attempt with less time than this left cannot succeed; it would only add load."""
STALL = 1.25
"""An attempt that took so many times what it was given was held up by its own process."""
REGION_FAULTS = (errors.TransportError, errors.InternalServerError, errors.TableKeyError)
"""What says something about the region and not about the request."""


class Flight:
    """One call and its attempts.

    `step()` says what to do now: 0.0 is "send to `region` with `timeouts`", a number above is "wait that many
    seconds and ask again". After a send exactly one of `succeeded`, `failed`, `abandoned` is called;
    `failed` raises what the caller shall see when there is nothing more to try.
    """

    __slots__ = (
        "_ambiguous", "_bound", "_breaker", "_core", "_deadline", "_limiter", "_paid", "_profile", "_rest", "_retries",
        "_router", "_state", "_ticket", "_tried", "_wait", "call", "hedged", "region", "sent_at", "timeouts",
    )  # fmt: skip

    region: Region
    timeouts: Timeouts
    _state: RegionState
    _profile: Profile
    _breaker: Breaker
    _limiter: Limiter

    def __init__(self, core: Core, call: Call, scope: Scope | None = None) -> None:
        self._core = core
        self.call = call
        self._retries = 0
        self._paid = 0
        self._wait = 0.0
        self._ticket = 0
        self._tried: dict[str, errors.HoldfastError] | None = None
        self._ambiguous: errors.HoldfastError | None = None
        self.sent_at = 0.0
        self.hedged = False
        deadline = call.deadline
        if scope is not None:
            limit = getattr(scope, "deadline", None)
            if limit is not None and (deadline is None or limit < deadline):
                deadline = limit
        self._deadline = deadline if deadline is not None else core.clock() + core.policy.timeout.call_seconds
        self._router = core.router
        self._rest: Sequence[homes.Items] = ()
        self._bound = core.router.bound(call)
        if core.homes is not None and self._bound and call.region is None:
            self._router, self.call, self._rest = core.homes.place(call)

    @property
    def latency(self) -> Latency:
        """The latencies of this operation where it is sent."""
        return self._profile.latency

    def hedge(self) -> Timeouts:
        """A second send beside the first is on its way; how long it may take."""
        self.hedged = True
        self._core.counts["hedges"] += 1
        left = self._deadline - self._core.clock()
        return Timeouts(connect=min(left, self.timeouts.connect), attempt=min(left, self.timeouts.attempt))

    def step(self) -> float:
        """What to do now.

        Raises:
            DeadlineExceededError: the time is used up.
            CircuitOpenError, RegionsUnavailableError: no region takes the call.
            OverloadedError: the table's limit is reached.
            OutcomeUnknown: any of these, after a write that may have taken effect.
        """
        if self._wait:
            wait, self._wait = self._wait, 0.0
            return wait
        core = self._core
        now = core.clock()
        left = self._deadline - now
        if left < WORTH_SENDING_SECONDS:
            raise self._final(errors.DeadlineExceededError("the time given to the call is used up"))
        state = self._choose(now)
        if self._bound and self.call.region is None:
            wait = self._moving(state, now) if self._router.moves else 0.0
            if wait > 0:
                self._breaker.abandoned(self._ticket)
                if now + wait + WORTH_SENDING_SECONDS > self._deadline:
                    raise self._final(
                        errors.DeadlineExceededError("writes are changing regions, and the time is too short")
                    )
                return wait
            if self.call.operation.access == "write":
                self._router.last_write[state.name] = now
        limiter = state.limiter(self.call.table)
        if not limiter.acquire():
            core.counts["rejected"] += 1
            self._breaker.abandoned(self._ticket)
            raise self._final(
                errors.OverloadedError(
                    f"{limiter.in_flight} calls are in flight and the limit is {int(limiter.limit)}; nothing was sent",
                    region=state.name,
                )
            )
        self._limiter = limiter
        self._state = state
        self.region = state.region
        self._profile = profile = state.profile(self.call.operation.name)
        timeouts = profile.timeouts
        if timeouts.attempt * 2 > left:
            # What is left is split: the last attempt has all of it, one that another may follow has half.
            most = left
            if self._retries < core.policy.retry.retries and self.call.repeatable:
                most = max(left / 2, min(left, core.policy.timeout.minimum_seconds))
            if timeouts.attempt > most:
                timeouts = Timeouts(connect=min(most, timeouts.connect), attempt=most)
        self.timeouts = timeouts
        self.sent_at = now
        core.counts["attempts"] += 1
        return 0.0

    def _moving(self, state: RegionState, now: float) -> float:
        """Once writes have moved: seconds until this call may go to `state`, and a note of where it writes."""
        core = self._core
        router = self._router
        write = self.call.operation.access == "write"
        away = write and state is not router.states[0]
        keys = keys_of(self.call, core.tables) if away or core.recent else []
        wait = core.recent.wait(keys, state.name, now)
        if write:
            wait = max(wait, router.handover_wait(state, now))
        if away and wait <= 0:
            core.recent.wrote(keys, state.name, now)
        return wait

    def _choose(self, now: float) -> RegionState:
        """The region of the next attempt, with its breaker's ticket."""
        router = self._router
        call = self.call
        if not self._bound and self._tried is None and call.region is None and not router.flags.active:
            breaker = router.writer.read
            if breaker.closed and (ticket := breaker.admit(now)):  # nearly always
                self._breaker = breaker
                self._ticket = ticket
                return router.writer
        if call.region is not None:
            candidates = [router.pinned(call.region)]
        elif self._ambiguous is not None and not call.repeatable_elsewhere:
            candidates = [self._state]
        elif self._bound:
            candidates = [router.write_target(now)]
        else:
            candidates = router.readable(now, self._tried or {})
        for state in candidates:
            breaker = state.read if call.operation.access == "read" else state.write
            ticket = breaker.admit(now) if breaker.closed or call.region or not router.watched else 0
            if ticket:
                self._breaker = breaker
                self._ticket = ticket
                return state
        raise self._final(self._closed_out(candidates))

    def _closed_out(self, candidates: list[RegionState]) -> errors.HoldfastError:
        router = self._router
        if len(router.states) == 1 or self.call.region is not None:
            name = candidates[0].name if candidates else router.states[0].name
            if self._tried and name in self._tried:
                return self._tried[name]  # what opened the circuit says more than that it is open
            return errors.CircuitOpenError("the region has failed repeatedly; nothing was sent", region=name)
        causes = dict(self._tried or {})
        for state in router.states:
            if state.name not in causes:
                why = "evacuated" if router.evacuated(state) else "left after repeated failures"
                causes[state.name] = errors.CircuitOpenError(why, region=state.name)
        said = "; ".join(f"{name}: {cause.message}" for name, cause in causes.items())
        return errors.RegionsUnavailableError(f"no region could serve the call ({said})", causes=causes)

    def succeeded(self, reply: Reply) -> None:
        """The attempt was answered."""
        core = self._core
        now = core.clock()
        self._profile.observe(now - self.sent_at if self.hedged or not reply.seconds else reply.seconds)
        self._limiter.release(now, self._profile.latency)
        self._breaker.succeeded(self._ticket, now)
        self._state.quota.release(self._paid)
        if self._bound and self.call.region is None and self.call.operation.access == "write":
            self._router.last_write[self._state.name] = now
        if self._rest:
            homes.hand_back(reply, self._rest)

    def abandoned(self) -> None:
        """The attempt was cancelled by its caller."""
        self._breaker.abandoned(self._ticket)
        self._limiter.cancel()

    def failed(self, error: errors.HoldfastError) -> None:
        """The attempt failed. Returns when another may follow.

        Raises:
            HoldfastError: what the caller shall see.
        """
        self._report(error)
        call = self.call
        write = call.operation.access == "write"
        if write and error.applied == "unknown":
            self._ambiguous = error
            if not call.repeatable:
                raise self._final(error) from error
        elif write and self._ambiguous is not None and not error.retryable and call.tokened:
            self._ambiguous = None  # the token makes this answer the answer to every send
        if not _retryable(error):
            raise self._final(error)
        if isinstance(error, REGION_FAULTS):
            # A throttled read stays where it is: elsewhere it would only spread the load.
            if self._tried is None:
                self._tried = {}
            self._tried[self._state.name] = error
        self._prepare_retry(error)

    def _report(self, error: errors.HoldfastError) -> None:
        """Tell breaker, limiter and latency what the outcome says of the region."""
        now = self._core.clock()
        silent = isinstance(error, errors.TransportError) and not isinstance(error, errors.InvalidResponseError)
        timed_out = isinstance(error, errors.AttemptTimeoutError)
        throttled = isinstance(error, errors.ServiceError) and error.throttled
        elapsed = now - self.sent_at
        # Far over its timeout it was this process that stood still, and the region is not to blame.
        stalled = elapsed >= STALL * (self.timeouts.attempt + self.timeouts.connect)
        if timed_out:
            self._core.counts["timeouts"] += 1
            self._profile.observe(elapsed)
        if throttled:
            self._core.counts["throttles"] += 1
        self._limiter.release(now, self._profile.latency, congested=throttled or (timed_out and not stalled))
        if isinstance(error, errors.PoolTimeoutError):
            self._breaker.abandoned(self._ticket)
        elif isinstance(error, REGION_FAULTS):
            waited = not stalled and (timed_out or (silent and elapsed > WORTH_SENDING_SECONDS))
            self._breaker.failed(self._ticket, now, silent_since=self.sent_at if waited else None)
            if not self._breaker.closed:
                self._core.lost(self._state)
                self._core.changed()
        elif isinstance(error, errors.ServiceError):
            self._breaker.succeeded(self._ticket, now)
        else:
            self._breaker.abandoned(self._ticket)

    def _prepare_retry(self, error: errors.HoldfastError) -> None:
        policy = self._core.policy.retry
        if self._retries >= policy.retries:
            raise self._final(error)
        timed_out = isinstance(error, errors.TransportError)
        paid = self._state.quota.acquire(timed_out=timed_out)
        if not paid:
            raise self._final(error)
        self._paid = paid
        wait = backoff.full_jitter(policy, self._retries, self._core.random)
        self._retries += 1
        self._core.counts["retries"] += 1
        if isinstance(error, REGION_FAULTS) and self._elsewhere():
            wait = 0.0
        now = self._core.clock()
        if now + wait + WORTH_SENDING_SECONDS > self._deadline:
            raise self._final(error)
        self._wait = wait
        LOG.warning(
            "%s on %s in %s failed (%s); retry %d of %d in %.0f ms",
            self.call.operation.name, self.call.table, self._state.name, type(error).__name__,
            self._retries, policy.retries, wait * 1000,
        )  # fmt: skip

    def _elsewhere(self) -> bool:
        """Whether the next attempt goes to a region that has not failed this call, so that it need not wait."""
        if self.call.region is not None or (self._ambiguous is not None and not self.call.repeatable_elsewhere):
            return False
        router = self._router
        now = self._core.clock()
        if self._bound:
            return router.write_target(now).name not in (self._tried or {})
        regions = router.readable(now, self._tried or {})
        return bool(regions) and regions[0].name not in (self._tried or {})

    def _final(self, error: errors.HoldfastError) -> errors.HoldfastError:
        """What the caller sees: the error itself, or that a write may have taken effect."""
        call = self.call
        if error.operation is None:
            error.operation, error.table = call.operation.name, call.table
        unknown = self._ambiguous
        if unknown is None or call.operation.access == "read" or isinstance(error, errors.OutcomeUnknown):
            return error
        outcome = errors.OutcomeUnknown(
            f"the write may or may not have taken effect ({unknown.message}); it was not sent again",
            cause=unknown,
            resolver=self._core.resolver(call, unknown.region or self._state.name),
            operation=call.operation.name,
            table=call.table,
            region=unknown.region or self._state.name,
        )
        outcome.__cause__ = error
        return outcome


def _retryable(error: errors.HoldfastError) -> bool:
    if isinstance(error, errors.TransactionCanceledError):
        return error.conflict
    return error.retryable
