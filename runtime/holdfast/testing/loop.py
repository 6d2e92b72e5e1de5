"""An asyncio event loop whose time is virtual: sleeping costs nothing, and one seed gives one order of events."""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")


class DeadlockError(RuntimeError):
    """Every task waits, and nothing is due: in real time this program would hang."""


class _Selector(selectors.BaseSelector):
    """Has no files, and is never waited for."""

    def __init__(self) -> None:
        self._map: dict[Any, selectors.SelectorKey] = {}

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:  # noqa: ARG002 - its base's
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = selectors.SelectorKey(fileobj, 0, events, data)
        self._map[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._map.pop(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._map


class _Handle(asyncio.TimerHandle):
    """What `call_soon` and `call_at` give: a callback that can be taken back.

    It leaves out what asyncio's own keeps for its debug mode, and is compared with no other: a third of the time of a
    simulation.
    """

    __slots__ = ("arguments", "call", "surroundings", "time")

    def __init__(self, when: float, call: Callable[..., object], arguments: tuple[Any, ...], around: Context) -> None:
        self.time = when
        self.call: Callable[..., object] | None = call
        self.arguments: tuple[Any, ...] = arguments
        self.surroundings = around

    def when(self) -> float:
        return self.time

    def cancel(self) -> None:
        self.call, self.arguments = None, ()

    def cancelled(self) -> bool:
        return self.call is None


_Args = TypeVarTuple("_Args")


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs callbacks in the order in which they become due, on a clock that jumps to the next event."""

    def __init__(self) -> None:
        super().__init__(_Selector())
        self.now = 0.0
        """The same as `time()`, for what is run very often."""
        self._serial = 0
        self._halt = False
        self._due: deque[_Handle] = deque()
        self._later: list[tuple[float, int, Any, tuple[Any, ...] | None]] = []
        """When, in which order, and what: a handle, or a callback that cannot be taken back and its arguments."""

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self.now

    def call_soon(
        self, callback: Callable[[Unpack[_Args]], object], *args: *_Args, context: Context | None = None
    ) -> asyncio.Handle:
        """As of any loop."""
        handle = _Handle(self.now, callback, args, context if context is not None else copy_context())
        self._due.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[_Args]], object], *args: *_Args, context: Context | None = None
    ) -> asyncio.Handle:
        """The same: there is one thread."""
        return self.call_soon(callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[_Args]], object],
        *args: *_Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As of any loop; callbacks of the same moment run in the order of their calls."""
        handle = _Handle(when, callback, args, context if context is not None else copy_context())
        if when <= self.now:
            self._due.append(handle)
        else:
            self._serial += 1
            heappush(self._later, (when, self._serial, handle, None))
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[_Args]], object],
        *args: *_Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As of any loop."""
        return self.call_at(self.now + delay, callback, *args, context=context)

    def later(self, delay: float, callback: Callable[[Unpack[_Args]], object], *args: *_Args) -> None:
        """`call_later` of what is never taken back and looks at no context variable, at half the cost."""
        when = self.now + delay
        if when <= self.now:
            self._due.append(_Handle(when, callback, args, copy_context()))
        else:
            self._serial += 1
            heappush(self._later, (when, self._serial, callback, args))

    def create_future(self) -> asyncio.Future[Any]:
        """As of any loop."""
        return asyncio.Future(loop=self)

    def rest(self, seconds: float) -> asyncio.Future[None]:
        """To be awaited at once: `asyncio.sleep` of more than no time, at half the cost."""
        resting: asyncio.Future[None] = asyncio.Future(loop=self)
        self.later(seconds, end, resting, None)
        return resting

    def stop(self) -> None:
        """As of any loop."""
        super().stop()
        self._halt = True

    def _run_once(self) -> None:
        """Run until the loop is told to stop. Only when nothing is due does the clock move."""
        due, later = self._due, self._later
        self._halt = False
        while not self._halt:
            if due:
                handle = due.popleft()
            elif later:
                when, _, item, arguments = heappop(later)
                if arguments is not None:
                    self.now = when
                    try:
                        item(*arguments)
                    except Exception as error:  # noqa: BLE001 - a loop outlives what it runs, as asyncio's does
                        self.call_exception_handler({"message": f"exception in {item}", "exception": error})
                    continue
                handle = item
                if handle.call is None:
                    continue
                self.now = when
            else:
                raise DeadlockError("every task waits for something that nothing will bring about")
            if handle.call is not None:
                try:
                    handle.surroundings.run(handle.call, *handle.arguments)
                except (SystemExit, KeyboardInterrupt):
                    raise
                except BaseException as error:  # noqa: BLE001 - the same
                    self.call_exception_handler(
                        {"message": f"exception in {handle.call}", "exception": error, "handle": handle}
                    )


def current() -> VirtualLoop:
    """The loop that runs now.

    Raises:
        RuntimeError: none runs.
        TypeError: its time is not virtual.
    """
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        raise TypeError("this needs virtual time: run it with holdfast.testing.loop.run")
    return loop


def end(waited_for: asyncio.Future[_T], result: _T) -> None:
    """Give what somebody waits for, unless nobody waits any more."""
    if not waited_for.done():
        waited_for.set_result(result)


def fail(waited_for: asyncio.Future[Any], error: Exception) -> None:
    """The same with an error."""
    if not waited_for.done():
        waited_for.set_exception(error)


def run(main: Coroutine[Any, Any, _T], loop: VirtualLoop | None = None) -> _T:
    """Run a coroutine in virtual time to its end; what it left running is cancelled.

    Raises:
        DeadlockError: nothing can happen any more.
    """
    loop = loop or VirtualLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        _cancel_rest(loop)
        loop.close()


def _cancel_rest(loop: VirtualLoop) -> None:
    rest = asyncio.all_tasks(loop)
    for task in rest:
        task.cancel()
    if rest:
        loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
