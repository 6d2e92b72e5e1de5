"""One read on two blocking connections: the caller's own thread waits for both, and takes the first answer.

What loses is closed, as its answer would be taken for that of the next request.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING

from holdfast import errors
from holdfast._transport.connection import fault_of, where_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast._attempt import Call, Reply, Timeouts
    from holdfast._transport.channel import Channel
    from holdfast._transport.pool import Pool
    from holdfast.topology import Region

SECOND_CONNECTION_SECONDS = 0.05
"""The most that the second send waits for a connection: meanwhile nobody looks for the first's answer."""
_clock = time.monotonic


class _Runner:
    """One of the two sends."""

    __slots__ = ("_call", "_channel", "_pool", "_region", "_started", "_timeouts", "connection")

    def __init__(
        self, channel: Channel, pool: Pool, call: Call, region: Region, *, timeouts: Timeouts, wait: float
    ) -> None:
        self._channel = channel
        self._pool = pool
        self._call = call
        self._region = region
        self._timeouts = timeouts
        data = channel.request(call)
        try:
            self.connection = pool.acquire(wait)
        except errors.TransportError as error:
            for name, value in where_of(call, region.name).items():
                setattr(error, name, value)
            raise
        self._started = _clock()
        try:
            self.connection.begin(data, timeouts.attempt)
        except BaseException as error:
            fault = self.failed(error)
            if fault is error:
                raise
            raise fault from error

    def failed(self, error: BaseException) -> BaseException:
        """Close the connection; what the caller shall see."""
        self._pool.discard(self.connection)
        return fault_of(error, self._call, self._region.name, self._timeouts, self.connection)

    def late(self) -> BaseException:
        """What the caller shall see when the time is up."""
        return fault_of(TimeoutError(), self._call, self._region.name, self._timeouts, self.connection)

    def lost(self) -> None:
        """Nobody waits for the answer."""
        self._pool.discard(self.connection)

    def reply(self) -> Reply:
        """The answer that has been read. Raises what it says."""
        connection = self.connection
        try:
            reply = connection.reader.reply(self._call, self._region.name, _clock() - self._started)
        except errors.ServiceError as error:
            self._channel.learn(error, connection.reader)
            self._pool.release(connection)
            raise
        except BaseException as error:
            fault = self.failed(error)
            if fault is error:
                raise
            raise fault from error
        self._pool.release(connection)
        return reply

    def alone(self, deadline: float, *, ready: bool = False) -> Reply:
        """Wait for this one only."""
        try:
            self.connection.finish(deadline, ready=ready)
        except BaseException as error:
            fault = self.failed(error)
            if fault is error:
                raise
            raise fault from error
        return self.reply()


def race(
    channel: Channel,
    pool: Pool,
    call: Call,
    region: Region,
    *,
    timeouts: Timeouts,
    after: float,
    launch: Callable[[], bool],
) -> Reply:
    """Send, and when `after` seconds have brought nothing and `launch()` agrees, send once more beside it.

    Raises:
        TransportError, ServiceError: when both have failed, what the first said; or the only one that was sent.
    """
    first = _Runner(channel, pool, call, region, timeouts=timeouts, wait=timeouts.connect)
    deadline = _clock() + timeouts.attempt
    # With TLS the first thing to read may be a ticket and no answer: then this read goes without its hedge.
    if first.connection.ready(after):
        return first.alone(deadline, ready=True)
    if not launch():
        return first.alone(deadline)
    try:
        second = _Runner(
            channel, pool, call, region, timeouts=timeouts, wait=min(timeouts.connect, SECOND_CONNECTION_SECONDS)
        )
    except errors.HoldfastError:
        return first.alone(deadline)
    return _first_of([first, second], deadline)


def _first_of(running: list[_Runner], deadline: float) -> Reply:
    told: BaseException | None = None
    try:
        while running:
            ready = _ready(running, deadline - _clock())
            for runner in ready:
                try:
                    if not runner.connection.advance():
                        continue
                except BaseException as error:  # noqa: BLE001 - raised when the other has failed too
                    running.remove(runner)
                    told = told or runner.failed(error)
                    continue
                running.remove(runner)
                try:
                    return runner.reply()
                except errors.HoldfastError as error:
                    told = told or error
            if not ready and running:
                told = told or running[0].late()
                break
    finally:
        for runner in running:
            runner.lost()
    if told is None:
        raise RuntimeError("a race ended with neither answer nor error")
    raise told


def _ready(running: list[_Runner], seconds: float) -> list[_Runner]:
    """Those that have something to read, within `seconds`."""
    poll = select.poll()
    by_file = {runner.connection.fileno(): runner for runner in running}
    for file in by_file:
        poll.register(file, select.POLLIN | select.POLLHUP)
    return [by_file[file] for file, _ in poll.poll(max(0.0, seconds) * 1000)]
