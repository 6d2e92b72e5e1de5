"""Faults planted in the client, to see that the simulation and the checker find them.

Each is a small and believable mistake. None is ever on but within `planted(name)`.
"""
# ruff: noqa: SLF001, PT008 - it reaches into what it breaks, and says in a lambda what it puts there

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import mock

from holdfast import errors
from holdfast._attempt import Call, Reply
from holdfast.caching import steps as caching
from holdfast.caching.entry import Entry, generation_key, tag, value_key
from holdfast.resilience import AsyncPipeline, backoff, recent, resolve, router, session, watch
from holdfast.resilience import flight as flights
from holdfast.resilience.breaker import Breaker
from holdfast.resilience.flags import Flag, FlagBoard
from holdfast.resilience.flight import Flight
from holdfast.resilience.limiter import Limiter
from holdfast.testing.cache import MemoryCache
from holdfast.testing.simulation.regions import SimulatedSender
from holdfast.testing.simulation.story import moved_often

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from holdfast.testing.simulation.story import Story

Patch = "contextlib.AbstractContextManager[Any]"


def _constant(target: Any, name: str, value: Any) -> contextlib.AbstractContextManager[Any]:
    return mock.patch.object(target, name, value)


def _property(target: Any, name: str, value: Callable[[Any], Any]) -> contextlib.AbstractContextManager[Any]:
    return mock.patch.object(target, name, property(value))


def conditional_write_sent_again() -> contextlib.AbstractContextManager[Any]:
    """Every call may be repeated, whatever it is."""
    return _property(Call, "repeatable", lambda _: True)


def token_taken_elsewhere() -> contextlib.AbstractContextManager[Any]:
    """A token is believed to hold in every region: an ambiguous transaction moves with the writer."""
    return _property(Call, "repeatable_elsewhere", lambda call: call.repeatable)


def token_dropped() -> contextlib.AbstractContextManager[Any]:
    """The token is lost on the way, so that a transaction sent twice takes effect twice."""
    send = SimulatedSender.send

    async def sending(self: SimulatedSender, call: Call, *rest: Any, **more: Any) -> Reply:
        request = {name: value for name, value in call.request.items() if name != "ClientRequestToken"}
        return await send(self, Call(call.operation, request, call.table, call.deadline, call.region), *rest, **more)

    return mock.patch.object(SimulatedSender, "send", sending)


def write_sent_twice() -> contextlib.AbstractContextManager[Any]:
    """A lost answer is taken for a lost request: the write is sent again as if nothing had arrived."""
    failed = Flight.failed

    def failing(self: Flight, error: errors.HoldfastError) -> None:
        if isinstance(error, errors.ConnectionLostError):
            error.applied = "no"
        failed(self, error)

    return mock.patch.object(Flight, "failed", failing)


def unknown_called_failed() -> contextlib.AbstractContextManager[Any]:
    """A write of unknown outcome is reported as one that had no effect."""
    final = Flight._final

    def finally_(self: Flight, error: errors.HoldfastError) -> errors.HoldfastError:
        found = final(self, error)
        if isinstance(found, errors.OutcomeUnknown):
            return errors.DeadlineExceededError("the write failed")
        return found

    return mock.patch.object(Flight, "_final", finally_)


def timeout_acknowledged() -> contextlib.AbstractContextManager[Any]:
    """A write whose answer did not come in time is reported as done."""
    send = SimulatedSender.send

    async def sending(self: SimulatedSender, call: Call, region: Any, **more: Any) -> Reply:
        try:
            return await send(self, call, region, **more)
        except errors.AttemptTimeoutError:
            if call.operation.access == "write" and call.table != "holdfast-control":
                return Reply(b"{}", region.name)
            raise

    return mock.patch.object(SimulatedSender, "send", sending)


def breaker_admits_two_probes() -> contextlib.AbstractContextManager[Any]:
    """A half-open circuit lets a second probe through as soon as the first has been sent."""
    admit = Breaker.admit

    def admitting(self: Breaker, now: float) -> int:
        if self._state == "half-open" or (
            self._state == "open" and now >= self._retry_at - self._policy.reset_seconds / 2
        ):
            self._retry_at = self._lease_until = now
        return admit(self, now)

    def due(self: Breaker, now: float) -> bool:
        return not self.closed and (
            self._state == "half-open" or now >= self._retry_at - self._policy.reset_seconds / 2
        )

    return _both(mock.patch.object(Breaker, "admit", admitting), mock.patch.object(Breaker, "due", due))


def breaker_never_opens() -> contextlib.AbstractContextManager[Any]:
    """Failures are counted and nothing comes of it."""
    return mock.patch.object(Breaker, "_open", lambda _self, _now: None)


def breaker_never_closes() -> contextlib.AbstractContextManager[Any]:
    """A probe that succeeds leaves the circuit open."""
    succeeded = Breaker.succeeded

    def succeeding(self: Breaker, ticket: int, now: float) -> None:
        if self._state == "half-open":
            self.failed(ticket, now)
        else:
            succeeded(self, ticket, now)

    return mock.patch.object(Breaker, "succeeded", succeeding)


def no_probe_lease() -> contextlib.AbstractContextManager[Any]:
    """A failed probe does not start a new wait."""
    opened = Breaker._open

    def opening(self: Breaker, now: float) -> None:
        again = self._state == "half-open"
        opened(self, now)
        if again:
            self._retry_at = now

    return mock.patch.object(Breaker, "_open", opening)


def expired_flag_believed() -> contextlib.AbstractContextManager[Any]:
    """A flag holds for ever."""
    return mock.patch.object(Flag, "holds", lambda self, _wall: self.evacuated)


def flag_ignored() -> contextlib.AbstractContextManager[Any]:
    """Flags are read, and nothing comes of it."""
    return mock.patch.object(FlagBoard, "evacuated", lambda _self, _region, _wall: False)


def readmission_missed() -> contextlib.AbstractContextManager[Any]:
    """The first flag that was ever read is kept."""

    def learn(self: FlagBoard, flags: Any) -> None:
        for flag in flags:
            self._flags.setdefault(flag.region, flag)
        self.active = any(flag.evacuated for flag in self._flags.values())

    return mock.patch.object(FlagBoard, "learn", learn)


def no_handover() -> contextlib.AbstractContextManager[Any]:
    """Writes change regions at once, whatever the clocks there show."""
    return mock.patch.object(router.Router, "handover_wait", lambda _self, _state, _now: 0.0)


def returns_without_proof() -> contextlib.AbstractContextManager[Any]:
    """Writes go back as soon as the region answers."""
    return _both(
        mock.patch.object(router.Router, "awaiting_proof", lambda _self: []),
        mock.patch.object(router.Router, "_proven_or_old", lambda _self, _state, _now: True),
        mock.patch.object(recent.Recent, "wait", lambda _self, _keys, _region, _now: 0.0),
    )


def recent_keys_do_not_wait() -> contextlib.AbstractContextManager[Any]:
    """On the way back, nothing waits for the last writes to arrive."""
    return mock.patch.object(recent.Recent, "wait", lambda _self, _keys, _region, _now: 0.0)


def writes_roam() -> contextlib.AbstractContextManager[Any]:
    """A write goes wherever a read would go, call by call."""
    return mock.patch.object(router.Router, "bound", lambda _self, _call: False)


def session_forgets() -> contextlib.AbstractContextManager[Any]:
    """A session accepts whatever a replica gives."""
    return mock.patch.object(session.Session, "accepts", lambda *_args, **_more: True)


def failed_condition_swallowed() -> contextlib.AbstractContextManager[Any]:
    """A condition that does not hold is taken for success."""
    fly = AsyncPipeline._fly

    async def flying(self: Any, call: Call, scope: Any) -> Reply:
        try:
            return await fly(self, call, scope)
        except errors.ConditionalCheckFailedError as error:
            return Reply(b"{}", error.region or "")

    return mock.patch.object(AsyncPipeline, "_fly", flying)


def refusal_retried() -> contextlib.AbstractContextManager[Any]:
    """What the service refused for good is sent again."""
    return mock.patch.object(
        flights, "_retryable", lambda error: isinstance(error, errors.ServiceError) or error.retryable
    )


def no_backoff() -> contextlib.AbstractContextManager[Any]:
    """Retries follow at once."""
    return mock.patch.object(backoff, "full_jitter", lambda *_: 0.0)


def too_many_retries() -> contextlib.AbstractContextManager[Any]:
    """Retries are not counted, and cost nothing."""
    prepare = Flight._prepare_retry

    def preparing(self: Flight, error: errors.HoldfastError) -> None:
        prepare(self, error)
        self._retries = 0

    return mock.patch.object(Flight, "_prepare_retry", preparing)


def deadline_ignored() -> contextlib.AbstractContextManager[Any]:
    """A call goes on after its time."""
    init = Flight.__init__

    def starting(self: Flight, *args: Any) -> None:
        init(self, *args)
        self._deadline += 60.0

    return mock.patch.object(Flight, "__init__", starting)


def places_leak() -> contextlib.AbstractContextManager[Any]:
    """The limit is not given back."""
    return mock.patch.object(Limiter, "release", lambda *_args, **_more: None)


def resolve_believes() -> contextlib.AbstractContextManager[Any]:
    """`resolve()` says what the caller would like to hear."""
    return mock.patch.object(resolve, "judge", lambda _call, _item: (True, "it must have"))


def writes_hedged() -> contextlib.AbstractContextManager[Any]:
    """Every write is sent once more in the background, to be sure."""
    send = SimulatedSender.send

    async def sending(self: SimulatedSender, call: Call, region: Any, **more: Any) -> Reply:
        reply = await send(self, call, region, **more)
        if call.operation.access == "write" and call.table == "items":
            with contextlib.suppress(errors.HoldfastError):
                await send(self, call, region, **more)
        return reply

    return mock.patch.object(SimulatedSender, "send", sending)


def watch_asleep() -> contextlib.AbstractContextManager[Any]:
    """The watch reads flags but probes nothing."""

    def nothing(_self: Any) -> Iterator[Any]:
        return iter(())

    return mock.patch.object(watch.Watch, "_probe", nothing)


def cache_not_told() -> contextlib.AbstractContextManager[Any]:
    """A write says nothing to the cache."""
    return mock.patch.object(caching.Layers, "_write", _just_pass)


def _just_pass(_self: Any, call: Call, _items: Any) -> Any:
    reply = yield caching.Pass(call)
    return reply


def stale_cache_set() -> contextlib.AbstractContextManager[Any]:
    """A reader puts what it read into the cache, whatever has been written meanwhile."""

    def filling(self: MemoryCache, item: str, principal: str | None, entry: Entry, seconds: float) -> int:
        now = self._get(generation_key(item)) or entry.generation
        self._set(value_key(item, principal), replace(entry, generation=now).pack(), seconds)
        return 1

    return mock.patch.object(MemoryCache, "_fill", filling)


def cache_told_before_only() -> contextlib.AbstractContextManager[Any]:
    """The cache is told of a write before it is sent, and not after."""

    def writing(self: Any, call: Call, items: Any) -> Any:
        yield from self._ask(caching.End(items, b"", b"n::" + self._nonce(), 60.0))
        reply = yield caching.Pass(call)
        return reply

    return _both(
        mock.patch.object(caching.Layers, "_write", writing),
        mock.patch.object(caching, "may_keep", lambda _generation, _region: True),
    )


def cache_key_too_short() -> contextlib.AbstractContextManager[Any]:
    """Keys of the cache are cut: some items share an entry."""
    return mock.patch.object(caching, "tag", lambda table, key: tag(table, key)[:5] + "}")


def consistency_dropped() -> contextlib.AbstractContextManager[Any]:
    """Consistent reads are sent as ordinary ones."""
    send = SimulatedSender.send

    async def sending(self: SimulatedSender, call: Call, region: Any, **more: Any) -> Reply:
        if call.operation.name == "GetItem" and call.table != "holdfast-control":
            call.request.pop("ConsistentRead", None)
        return await send(self, call, region, **more)

    return mock.patch.object(SimulatedSender, "send", sending)


@contextlib.contextmanager
def _both(*patches: contextlib.AbstractContextManager[Any]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patch)
        yield


PLANTS: dict[str, Callable[[], contextlib.AbstractContextManager[Any]]] = {
    plant.__name__: plant
    for plant in (
        conditional_write_sent_again, token_taken_elsewhere, token_dropped, write_sent_twice, unknown_called_failed,
        timeout_acknowledged, breaker_admits_two_probes, breaker_never_opens, breaker_never_closes, no_probe_lease,
        expired_flag_believed, flag_ignored, readmission_missed, no_handover, returns_without_proof,
        recent_keys_do_not_wait, writes_roam, session_forgets, failed_condition_swallowed, refusal_retried, no_backoff,
        too_many_retries, deadline_ignored, places_leak, resolve_believes, writes_hedged, watch_asleep,
        cache_not_told, stale_cache_set, cache_told_before_only, cache_key_too_short,
    )
}  # fmt: skip
"""Every planted fault by name."""


TOLD_BY: dict[str, Callable[[int], Story]] = {"no_handover": moved_often}
"""Faults that show only when writes move, and the stories in which they move often; all others show in any story."""
STRONG_PLANTS: dict[str, Callable[[], contextlib.AbstractContextManager[Any]]] = {
    plant.__name__: plant
    for plant in (consistency_dropped, failed_condition_swallowed, unknown_called_failed, timeout_acknowledged)
}
"""Those that make the history of a table with strong consistency impossible to order."""


def planted(name: str) -> contextlib.AbstractContextManager[Any]:
    """The client with that fault, until the block ends."""
    return (PLANTS | STRONG_PLANTS)[name]()
