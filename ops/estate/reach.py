"""Asking several regions at once, and telling what each answered or why it did not."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Answer(Generic[T]):
    """What one region answered: a value, or the reason why not."""

    region: str
    value: T | None = None
    fault: str = ""

    @property
    def ok(self) -> bool:
        """Whether it answered."""
        return not self.fault


def ask(regions: Iterable[str], question: Callable[[str], T], *, patience: float | None = None) -> Iterator[Answer[T]]:
    """Ask every region at once; the answers come as they arrive.

    Args:
        regions: their names.
        question: asked with the name of each, in a thread of its own.
        patience: seconds after the first region has answered; who is silent then counts as not answering, and is
            not waited for. None waits for all.
    """
    names = list(regions)
    pool = ThreadPoolExecutor(max_workers=max(1, len(names)))
    futures = {pool.submit(question, name): name for name in names}
    left, end = set(futures), None
    try:
        while left:
            seconds = None if end is None else max(0.0, end - time.monotonic())
            done, left = wait(left, timeout=seconds, return_when=FIRST_COMPLETED)
            if not done:
                for future in left:
                    yield Answer(region=futures[future], fault=f"no answer {patience:g} s after the first region's")
                return
            for future in done:
                error = future.exception()
                if error is not None:
                    yield Answer(region=futures[future], fault=reason(error))
                    continue
                if patience is not None and end is None:
                    end = time.monotonic() + patience
                yield Answer(region=futures[future], value=future.result())
    finally:
        pool.shutdown(wait=patience is None, cancel_futures=True)


def reason(error: BaseException) -> str:
    """One line that says why a call failed."""
    response = getattr(error, "response", None)
    if isinstance(response, dict) and "Error" in response:
        return f"{response['Error'].get('Code')}: {response['Error'].get('Message')}"
    return f"{type(error).__name__}: {error}".split("\n", 1)[0]
