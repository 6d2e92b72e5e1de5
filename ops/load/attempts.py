"""One attempt at an order, whichever way it goes, as the history keeps it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ops.load.history import Attempt
from ops.load.http import Answer, HttpError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def attempt(
    asked: Awaitable[tuple[str | None, Answer]],
    *,
    number: int,
    customer: str,
    clock: Callable[[], float] = time.monotonic,
) -> Attempt:
    """Await the answer to an order, and who served it; whatever becomes of it is an attempt."""
    sent = clock()
    status = region = order_id = None
    error = ""
    try:
        region, answer = await asked
        status = answer.status
        if status in (200, 201):
            order_id = answer.json()["order_id"]
        else:
            error = _code(answer)
    except HttpError as fault:
        error = str(fault)
    except (ValueError, KeyError) as fault:
        status, error = None, type(fault).__name__
    return Attempt(
        order=number,
        customer=customer,
        sent=sent,
        done=clock(),
        status=status,
        region=region,
        order_id=order_id,
        error=error,
    )


def _code(answer: Answer) -> str:
    try:
        return f"{answer.status} {answer.json()['error']['code']}"
    except (ValueError, KeyError, TypeError):
        return str(answer.status)
