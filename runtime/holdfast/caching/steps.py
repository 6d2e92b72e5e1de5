"""Layered reads and invalidating writes as steps, without I/O: sync and async clients, and simulations, run the same.

A read asks Redis for the value and the generation of its key. A fresh value of the current generation is the answer.
Otherwise DAX is asked, if no write of the key is recent, and then the table; the answer is kept under the generation
seen *before* the table was read. A write sets the generation to "being written", then to a new one: a reader that began
before it keeps nothing, or under a generation that has ended.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from holdfast import errors
from holdfast._attempt import Call, Reply
from holdfast.caching.entry import QUIET, WRITING, WRITTEN, Entry, cacheable, may_keep, tag, version_of, written
from holdfast.resilience.breaker import Breaker
from holdfast.resilience.policy import BreakerPolicy
from holdfast.resilience.recent import items_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.caching.policy import CachePolicy
    from holdfast.resilience.scope import Scope
    from holdfast.topology import Table

CATCH_UP = 8
"""Missed writes that are told after one that went well."""
REMEMBERED = 10_000
"""Keys that this process wrote and could not tell the cache of; beyond it the oldest is forgotten."""
UNREACHABLE = (errors.RegionsUnavailableError, errors.CircuitOpenError, errors.DeadlineExceededError,
               errors.TransportError, errors.InternalServerError, errors.OverloadedError)  # fmt: skip
"""When a stale value is better than none."""


@dataclass(frozen=True, slots=True)
class Look:
    """Ask Redis for value and generation; a missing generation is set to `fresh`. Answer: both, the value or None."""

    item: str
    principal: str | None
    fresh: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Fill:
    """Put an entry into Redis if the generation still stands and nothing newer is there."""

    item: str
    principal: str | None
    entry: Entry
    seconds: float


@dataclass(frozen=True, slots=True)
class Begin:
    """Say in Redis that a write of these items is under way. Answer: the last one's generation until then."""

    items: tuple[str, ...]
    generation: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class End:
    """Say in Redis that the write which began with `began` is done."""

    items: tuple[str, ...]
    began: bytes
    generation: bytes
    seconds: float
    wrote: bool = True
    """A write that came to nothing ends only its own mark."""


@dataclass(frozen=True, slots=True)
class ReadDax:
    """Read through DAX. Answer: the document's bytes."""

    call: Call


@dataclass(frozen=True, slots=True)
class Pass:
    """Send the call down the pipeline. Answer: the reply."""

    call: Call


CacheStep = Look | Fill | Begin | End | ReadDax
Step = CacheStep | Pass
Steps = Generator[Step, Any, Reply]


class CacheError(Exception):
    """A cache did not answer. Never seen by a caller."""


@dataclass(slots=True)
class CacheCounts:
    """What the layers have done."""

    redis_hits: int = 0
    negative_hits: int = 0
    dax_hits: int = 0
    table_reads: int = 0
    stale_served: int = 0
    failures: int = 0
    fills: int = 0
    bypassed: int = 0


class Layers:
    """The steps of every call of a client that has caches."""

    def __init__(
        self,
        policy: CachePolicy,
        tables: Mapping[str, Table],
        *,
        redis: bool,
        dax: bool,
        clock: Callable[[], float],
        wall: Callable[[], float],
        random: Callable[[], float],
        nonce: Callable[[], bytes] = lambda: secrets.token_hex(8).encode(),
    ) -> None:
        self.policy = policy
        self.counts = CacheCounts()
        self._tables = tables
        self._redis = redis
        self._dax = dax
        self._clock = clock
        self._wall = wall
        self._random = random
        self._nonce = nonce
        breaker = BreakerPolicy(failure_threshold=policy.failure_threshold, reset_seconds=policy.reset_seconds)
        self.redis_breaker = Breaker(breaker)
        self.dax_breaker = Breaker(breaker)
        self._untold: OrderedDict[str, float] = OrderedDict()
        """Items written here that Redis could not be told of, and until when they are read past every cache."""
        self._kept_seconds = max(policy.ttl_seconds + policy.stale_seconds, policy.dax_ttl_seconds) * 1.2 + 60

    def steps(self, call: Call, scope: Scope | None) -> Steps | None:
        """What to do for a call; None where it only has to be passed on."""
        if call.operation.access == "write":
            items = items_of(call, self._tables)
            return self._write(call, tuple(tag(table, key) for table, key in items)) if items else None
        if not cacheable(call) or call.table is None:
            return None
        if scope is not None and (scope.session is not None or not scope.cache):
            self.counts.bypassed += 1
            return None
        return self._read(call, tag(call.table, call.request["Key"]), scope.principal if scope else None)

    def failed(self, step: CacheStep) -> None:
        """A cache did not answer a step."""
        self.counts.failures += 1
        if isinstance(step, Begin | End):
            until = self._clock() + self._kept_seconds
            for item in step.items:
                self._untold[item] = until
                self._untold.move_to_end(item)
            while len(self._untold) > REMEMBERED:
                self._untold.popitem(last=False)

    # Reads.

    def _read(self, call: Call, item: str, principal: str | None) -> Steps:
        policy = self.policy
        if item in self._untold and not (yield from self._tell(item)):
            self.counts.table_reads += 1
            passed: Reply = yield Pass(call)
            return passed
        value: bytes | None = None
        generation: bytes | None = None
        if self._redis:
            answer = yield from self._ask(Look(item, principal, QUIET + self._nonce(), self._kept_seconds))
            if answer is not None:
                value, generation = answer
        entry = Entry.unpack(value) if value is not None else None
        if entry is not None and entry.generation != generation:
            entry = None
        if entry is not None and self._wall() < entry.fresh_until:
            if entry.body == b"{}":
                self.counts.negative_hits += 1
            self.counts.redis_hits += 1
            return Reply(entry.body, "cache")
        body = yield from self._from_dax(call, generation)
        if body is None:
            self.counts.table_reads += 1
            if generation is not None and generation.startswith(WRITTEN):
                # A read that may be stale could bring back what was there before the write, to be kept for minutes.
                call = replace(call, request={**call.request, "ConsistentRead": True}, body=None)
            try:
                reply: Reply = yield Pass(call)
            except UNREACHABLE:
                if entry is None or not policy.stale_seconds:
                    raise
                self.counts.stale_served += 1
                return Reply(entry.body, "cache")
        else:
            reply = Reply(body, "dax")
        if generation is not None and (body is not None or may_keep(generation, reply.region)):
            yield from self._ask(self._fill(item, principal, reply, generation))
        return reply

    def _fill(self, item: str, principal: str | None, reply: Reply, generation: bytes) -> Fill:
        policy = self.policy
        there = reply.body != b"{}"
        good = policy.ttl_seconds if there else policy.negative_seconds
        good *= 1 - policy.jitter * self._random()
        version = version_of(reply.document, policy.version_attribute) if policy.version_attribute else -1
        entry = Entry(reply.body, generation, self._wall() + good, version)
        self.counts.fills += 1
        return Fill(item, principal, entry, good + policy.stale_seconds)

    def _from_dax(self, call: Call, generation: bytes | None) -> Generator[Step, Any, bytes | None]:
        """The document through DAX, where that cannot be older than a write that has been acknowledged."""
        if not self._dax:
            return None
        if self._redis and generation is None and not self.policy.dax_alone:
            return None
        if generation is not None and not generation.startswith(QUIET):
            return None
        now = self._clock()
        ticket = self.dax_breaker.admit(now)
        if not ticket:
            return None
        try:
            body: bytes = yield ReadDax(call)
        except CacheError:
            self.counts.failures += 1
            self.dax_breaker.failed(ticket, self._clock())
            return None
        except BaseException:
            self.dax_breaker.abandoned(ticket)
            raise
        self.dax_breaker.succeeded(ticket, self._clock())
        self.counts.dax_hits += 1
        return body

    def _ask(self, step: CacheStep) -> Generator[Step, Any, Any]:
        """One request to Redis, unless it has been failing; None when there is no answer."""
        ticket = self.redis_breaker.admit(self._clock())
        if not ticket:
            self.failed(step)
            return None
        try:
            answer = yield step
        except CacheError:
            self.redis_breaker.failed(ticket, self._clock())
            self.failed(step)
            return None
        except BaseException:
            self.redis_breaker.abandoned(ticket)
            raise
        self.redis_breaker.succeeded(ticket, self._clock())
        return True if answer is None else answer

    def _tell(self, item: str) -> Generator[Step, Any, bool]:
        """Tell Redis of a write that it has missed. False: the caches cannot be used for the item yet."""
        if self._clock() >= self._untold.get(item, 0.0):
            self._untold.pop(item, None)
            return True
        if not self._redis:
            return False
        # No region stands in this generation: what is read is not kept until another write, or it runs out.
        told = yield from self._ask(End((item,), b"", written("", self._nonce()), self._kept_seconds))
        if told is None:
            return False
        self._untold.pop(item, None)
        return True

    # Writes.

    def _write(self, call: Call, items: tuple[str, ...]) -> Steps:
        began = WRITING + self._nonce()
        if not self._redis:
            self.failed(Begin(items, began, 0.0))
            passed: Reply = yield Pass(call)
            return passed
        begin = Begin(items, began, self.policy.dirty_seconds)
        stood = yield from self._ask(begin)
        try:
            reply: Reply = yield Pass(call)
        except errors.HoldfastError as error:
            if error.applied != "unknown":
                again = written("", self._nonce())
                if len(items) == 1 and isinstance(stood, bytes) and not stood.startswith(WRITING):
                    # The region that took the last write is still the one to be asked.
                    again = (stood.rpartition(b":")[0] + b":" if stood else QUIET) + self._nonce()
                yield from self._ask(End(items, began, again, self._kept_seconds, wrote=False))
            # else the mark stays until it runs out, and with it every entry: the write may yet arrive
            raise
        told = yield from self._ask(End(items, began, written(reply.region, self._nonce()), self._kept_seconds))
        if told is not None:
            for item in items:
                self._untold.pop(item, None)
            yield from self._catch_up()
        return reply

    def _catch_up(self) -> Generator[Step, Any, None]:
        """Redis answers: tell it of some of what it missed."""
        for item in list(self._untold)[:CATCH_UP]:
            if not (yield from self._tell(item)):
                return


def empty(body: bytes) -> bool:
    """Whether an answer says that there is no such item."""
    return "Item" not in orjson.loads(body)
