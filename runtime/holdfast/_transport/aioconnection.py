"""One connection on an event loop."""

from __future__ import annotations

import asyncio
from typing import Any

from holdfast._core.response import ResponseReader


class AsyncConnection(asyncio.Protocol):
    """A keep-alive connection: one exchange at a time.

    Timers cost more than anything else on a fast call, so a connection has one at most, which is not cancelled
    when an answer comes: when it fires, it looks whether the exchange of that moment is late, and else waits on.
    """

    __slots__ = ("_answer", "_deadline", "_error", "_loop", "_timer", "_transport", "closed", "reader", "sent", "used")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: Any = None
        self._answer: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._error: BaseException | None = None
        self.reader = ResponseReader()
        self.sent = False
        """Whether the last request may have left whole."""
        self.used = loop.time()
        self.closed = asyncio.Event()

    def alive(self) -> bool:
        """Whether the connection can carry a request."""
        return self._error is None and not self._transport.is_closing()

    async def exchange(self, data: bytes, timeout: float) -> None:  # noqa: ASYNC109 - part of a Timeouts, in seconds
        """Send a request and read its whole answer into `reader`.

        Raises:
            TimeoutError: not within `timeout` seconds.
            OSError: the connection broke.
            EOFError: it was closed before the answer was complete.
            httptools.HttpParserError: the answer is not HTTP.
        """
        self.sent = False
        if self._error is not None:
            raise self._error
        loop = self._loop
        answer = self._answer = loop.create_future()
        deadline = self._deadline = loop.time() + timeout
        timer = self._timer
        if timer is None:
            self._timer = loop.call_at(deadline, self._late)
        elif timer.when() > deadline:
            timer.cancel()
            self._timer = loop.call_at(deadline, self._late)
        self.reader.expect()
        self._transport.write(data)
        self.sent = True
        try:
            await answer
        finally:
            self._answer = None

    def abort(self) -> None:
        """Close it at once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None:  # nobody asked: not a connection to go on with
            self._transport.abort()
            return
        try:
            complete = self.reader.feed(data)
        except Exception as error:  # noqa: BLE001 - whatever the parser raises belongs to the caller
            self._fail(error)
            return
        if complete and not answer.done():
            answer.set_result(None)

    def eof_received(self) -> None:
        self._fail(EOFError("closed by the other side before the answer was complete"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._fail(exc or EOFError("closed before the answer was complete"))
        self.closed.set()

    def _fail(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
        answer = self._answer
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _late(self) -> None:
        self._timer = None
        answer = self._answer
        if answer is None or answer.done():
            return  # idle: the next exchange sets a timer
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._late)
        else:
            self._fail(TimeoutError())
