"""Scanning a table in parallel segments, at a bounded rate, from where an earlier scan stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ops.data.digest import Item

Page = list[Item]
PAGE_ITEMS = 1000


class Rate:
    """A bound on pages' items a second, shared by threads; None is no bound."""

    def __init__(self, per_second: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._free_at = clock()
        self._lock = threading.Lock()

    def take(self, amount: int) -> float:
        """Account for an amount; the seconds that the caller must wait."""
        if self._per_second is None:
            return 0.0
        with self._lock:
            now = self._clock()
            start = max(now, self._free_at)
            self._free_at = start + amount / self._per_second
            return start - now


def segment_pages(
    client: Any, table: str, segment: int, total: int, *, start: dict[str, Any] | None = None, rate: Rate | None = None
) -> Iterator[tuple[Page, dict[str, Any] | None]]:
    """The pages of one segment with the key to go on from (None after the last)."""
    following = start
    while True:
        request: dict[str, Any] = {
            "TableName": table,
            "Segment": segment,
            "TotalSegments": total,
            "ConsistentRead": True,
            "Limit": PAGE_ITEMS,
        }
        if following:
            request["ExclusiveStartKey"] = following
        answer = client.scan(**request)
        items: Page = answer["Items"]
        following = answer.get("LastEvaluatedKey")
        if rate is not None and (wait := rate.take(len(items))) > 0:
            time.sleep(wait)
        yield items, following
        if following is None:
            return


def each_segment(total: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work` for each segment at once; the results in order. The first error of any is raised."""
    with ThreadPoolExecutor(max_workers=total) as pool:
        return list(pool.map(work, range(total)))
