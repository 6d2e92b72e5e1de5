"""Asking several regions at once, and telling what each answered or why it did not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
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


def ask(regions: Iterable[str], question: Callable[[str], T]) -> Iterator[Answer[T]]:
    """Ask every region at once; the answers come as they arrive."""
    names = list(regions)
    with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
        futures = {pool.submit(question, name): name for name in names}
        for future in as_completed(futures):
            error = future.exception()
            if error is None:
                yield Answer(region=futures[future], value=future.result())
            else:
                yield Answer(region=futures[future], fault=reason(error))


def reason(error: BaseException) -> str:
    """One line that says why a call failed."""
    response = getattr(error, "response", None)
    if isinstance(response, dict) and "Error" in response:
        return f"{response['Error'].get('Code')}: {response['Error'].get('Message')}"
    return f"{type(error).__name__}: {error}".split("\n", 1)[0]
