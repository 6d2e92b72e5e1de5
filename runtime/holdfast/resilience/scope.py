"""What a block of code asks for all its calls: a deadline, a session, a principal, no caches."""

from __future__ import annotations

import contextlib
import time
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.resilience.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The wishes that hold for a call. They travel in a context variable, or in `Call.context`."""

    deadline: float | None = None
    """On the clock of the client, which is `time.monotonic()`."""
    session: Session | None = None
    principal: str | None = None
    """Whose data it is: caches keep principals apart."""
    cache: bool = True
    """False reads from the table itself."""


_EMPTY = Scope()
CURRENT: ContextVar[Scope | None] = ContextVar("holdfast_scope", default=None)
"""The scope of the running code; None when there is none."""


@contextlib.contextmanager
def scope(
    *,
    timeout: float | None = None,
    deadline: float | None = None,
    session: Session | None = None,
    principal: str | None = None,
    cache: bool | None = None,
) -> Iterator[Scope]:
    """Set what holds for every call beneath, in this thread or task and those it starts.

    Args:
        timeout: seconds from now after which nobody waits for an answer. An outer, sooner deadline stays.
        deadline: the same as a moment of `time.monotonic()`.
        session: reads see what was written in it.
        principal: keeps cached values apart.
        cache: False goes past every cache.
    """
    outer = CURRENT.get() or _EMPTY
    ends = [end for end in (outer.deadline, deadline, None if timeout is None else time.monotonic() + timeout) if end]
    inner = replace(
        outer,
        deadline=min(ends) if ends else None,
        session=session or outer.session,
        principal=principal or outer.principal,
        cache=outer.cache if cache is None else cache,
    )
    token = CURRENT.set(inner)
    try:
        yield inner
    finally:
        CURRENT.reset(token)
