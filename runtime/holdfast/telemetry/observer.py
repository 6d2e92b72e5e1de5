"""What a client tells of its calls and attempts, and who listens."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from holdfast import errors
from holdfast.resilience.scope import CURRENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast._attempt import Call, Reply
    from holdfast.resilience.core import Core


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as its caller saw it."""

    operation: str
    table: str
    region: str
    """Where it was served: a region, `cache`, `dax`, or empty when it was not."""
    seconds: float
    error: BaseException | None = None
    consumed_capacity: float | None = None
    """Capacity units, where the call asked for them."""
    principal: str | None = None

    @property
    def success(self) -> bool:
        """Whether it was answered. A condition that does not hold is an answer."""
        return self.error is None or isinstance(self.error, errors.ConditionalCheckFailedError)


class Observer(Protocol):
    """Something that listens. Its methods must be quick, and must not raise."""

    def call(self, record: CallRecord) -> None:
        """A call has ended."""
        ...


class CallObserver:
    """A base with nothing to do, for observers that listen to some things only."""

    def call(self, record: CallRecord) -> None:
        """A call has ended."""

    def starts(self, call: Call) -> Any:
        """A call starts; what is returned is given to `ends`."""

    def ends(self, token: Any, record: CallRecord) -> None:  # noqa: ARG002 - for those who gave one
        """The call of that token has ended."""
        self.call(record)


def capacity_of(reply: Reply) -> float | None:
    """The capacity units that an answer reports, or None."""
    if b"ConsumedCapacity" not in reply.body:
        return None
    found = reply.document.get("ConsumedCapacity")
    parts = found if isinstance(found, list) else [found or {}]
    return float(sum(part.get("CapacityUnits") or 0.0 for part in parts))


def _record(call: Call, started: float, reply: Reply | None, error: BaseException | None) -> CallRecord:
    scope = call.context if call.context is not None else CURRENT.get()
    region = reply.region if reply is not None else getattr(error, "region", None)
    return CallRecord(
        operation=call.operation.name,
        table=call.table or "",
        region=region or "",
        seconds=time.perf_counter() - started,
        error=error,
        consumed_capacity=capacity_of(reply) if reply is not None else None,
        principal=getattr(scope, "principal", None),
    )


class ObservedPipeline:
    """Tells observers of every call of a sync pipeline."""

    def __init__(self, inner: Any, observers: Sequence[CallObserver]) -> None:
        self.inner = inner
        self.core: Core = inner.core
        self._observers = tuple(observers)

    def send(self, call: Call) -> Reply:
        """Send, and tell."""
        started = time.perf_counter()
        tokens = [observer.starts(call) for observer in self._observers]
        reply: Reply | None = None
        error: BaseException | None = None
        try:
            reply = self.inner.send(call)
        except BaseException as raised:
            error = raised
            raise
        else:
            return reply
        finally:
            record = _record(call, started, reply, error)
            for observer, token in zip(self._observers, tokens, strict=True):
                observer.ends(token, record)

    def close(self) -> None:
        """Close what is beneath."""
        self.inner.close()


class AsyncObservedPipeline:
    """Tells observers of every call of an async pipeline."""

    def __init__(self, inner: Any, observers: Sequence[CallObserver]) -> None:
        self.inner = inner
        self.core: Core = inner.core
        self._observers = tuple(observers)

    async def send(self, call: Call) -> Reply:
        """Send, and tell."""
        started = time.perf_counter()
        tokens = [observer.starts(call) for observer in self._observers]
        reply: Reply | None = None
        error: BaseException | None = None
        try:
            reply = await self.inner.send(call)
        except BaseException as raised:
            error = raised
            raise
        else:
            return reply
        finally:
            record = _record(call, started, reply, error)
            for observer, token in zip(self._observers, tokens, strict=True):
                observer.ends(token, record)

    async def close(self) -> None:
        """Close what is beneath."""
        await self.inner.close()
