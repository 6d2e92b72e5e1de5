"""One connection on an event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from holdfast._core.response import ResponseReader

if TYPE_CHECKING:
    from contextvars import Context

_clock = time.monotonic


class AsyncConnection(asyncio.Protocol):
    """A keep-alive connection: one exchange at a time, `begin(…)` and then `await connection`.

    It is itself what a task waits for (the methods of a "Future-like object", `asyncio.isfuture`), so that the task
    goes on in the turn of the loop in which the answer came. Its one timer looks whether the exchange of that moment
    is late.
    """

    __slots__ = (
        "_asyncio_future_blocking", "_context", "_deadline", "_done", "_error", "_loop", "_timer", "_timer_at",
        "_transport", "_waiter", "alive", "closed", "reader", "sent", "used",
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._asyncio_future_blocking = False
        self._loop = loop
        self._transport: Any = None
        self._waiter: Callable[[AsyncConnection], object] | None = None
        self._context: Context | None = None
        self._done = True
        self._error: BaseException | None = None
        self._deadline = self._timer_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.alive = True
        """Whether the connection can carry a request."""
        self.reader = ResponseReader()
        self.sent = False
        """Whether the last request may have left whole."""
        self.used = _clock()
        self.closed = asyncio.Event()

    def begin(self, data: bytes, now: float, timeout: float) -> None:
        """Send a request; `await` the connection for the answer, which is then in `reader`.

        Raises:
            OSError, EOFError: the connection is broken.
        """
        self.sent = False
        if self._error is not None:
            raise self._error
        deadline = self._deadline = now + timeout
        if self._timer is None or self._timer_at > deadline:
            self._arm(deadline, timeout)
        self.reader.expect()
        self._done = False
        self._transport.write(data)
        self.sent = True

    def __await__(self) -> Any:
        """Wait for the whole answer. Raises TimeoutError, OSError, EOFError, httptools.HttpParserError."""
        if self._done:
            self.result()
            return iter(())
        self._asyncio_future_blocking = True
        return iter((self,))  # a task asks for the `result` then

    def abort(self) -> None:
        """Close it at once."""
        self.alive = False
        self._done = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._done:  # nobody asked: not a connection to go on with
            self._fail(EOFError("closed, because it sent what nobody had asked for"))
            self._transport.abort()
            return
        try:
            complete = self.reader.feed(data)
        except Exception as error:  # noqa: BLE001 - whatever the parser raises belongs to the caller
            self._fail(error)
            return
        if not complete:
            return
        self._done = True
        waiter = self._waiter
        if waiter is None:
            return
        self._waiter = None
        if asyncio.current_task(self._loop) is None and self._context is not None:
            self._context.run(waiter, self)  # the task goes on here and now
        else:  # a transport that calls from within a task: tasks do not nest
            self._loop.call_soon(waiter, self, context=self._context)

    def eof_received(self) -> None:
        self._fail(EOFError("closed by the other side before the answer was complete"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._fail(exc or EOFError("closed before the answer was complete"))
        self.closed.set()

    # What a task calls that waits.

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the connection."""
        return self._loop

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context | None = None) -> None:
        """Call `callback` when the answer is there, or there will be none."""
        self._waiter = callback
        self._context = context

    def result(self) -> None:
        """Nothing; raises what ended the wait."""
        if self._error is not None:
            raise self._error

    def cancel(self, msg: object = None) -> bool:
        """The waiting task was cancelled: the connection cannot be used again."""
        if self._done:
            return False
        self._fail(asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg))
        return True

    def _fail(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
        self.alive = False
        self._done = True
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            self._loop.call_soon(waiter, self, context=self._context)

    def _arm(self, at: float, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = self._loop.call_later(seconds, self._late)

    def _late(self) -> None:
        self._timer = None
        if self._done:
            return  # idle: the next exchange sets a timer
        left = self._deadline - _clock()
        if left > 0:
            self._arm(self._deadline, left)
        else:
            self._fail(TimeoutError())
