"""What the clients of a run saw, attempt by attempt. Every figure of a proof or drill is computed from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request and its answer. Times are seconds on the run's monotonic clock."""

    order: int
    """Number of the order in the run; a repeated request keeps it."""
    customer: str
    sent: float
    done: float
    status: int | None
    """HTTP status, or None where no answer came."""
    region: str | None = None
    """The region that served it, as the service says."""
    order_id: str | None = None
    error: str = ""

    @property
    def acknowledged(self) -> bool:
        """Whether the service said that the order is stored (201, or 200 for a repeated request)."""
        return self.status in (200, 201)

    @property
    def seconds(self) -> float:
        """How long the client waited."""
        return self.done - self.sent


class History:
    """The attempts of a run, in the order in which they ended."""

    def __init__(self, attempts: Iterable[Attempt] = ()) -> None:
        self._attempts = list(attempts)

    def add(self, attempt: Attempt) -> None:
        """Record one."""
        self._attempts.append(attempt)

    def __iter__(self) -> Iterator[Attempt]:
        return iter(self._attempts)

    def __len__(self) -> int:
        return len(self._attempts)

    def since(self, index: int) -> list[Attempt]:
        """The attempts from that position on."""
        return self._attempts[index:]

    def latest(self, count: int) -> list[Attempt]:
        """The last attempts."""
        return self._attempts[-count:]

    def between(self, start: float, end: float) -> History:
        """The attempts that ended in `[start, end)`."""
        return History(attempt for attempt in self._attempts if start <= attempt.done < end)

    def acknowledged(self) -> list[Attempt]:
        """The attempts that stored an order."""
        return [attempt for attempt in self._attempts if attempt.acknowledged]

    def write(self, path: Path) -> None:
        """Write one JSON object a line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            for attempt in self._attempts:
                file.write(json.dumps(asdict(attempt), separators=(",", ":")) + "\n")

    @classmethod
    def read(cls, path: Path) -> History:
        """Read what `write` wrote."""
        with path.open(encoding="utf-8") as file:
            documents: Iterator[dict[str, Any]] = (json.loads(line) for line in file)
            return cls([Attempt(**document) for document in documents])
