"""What calls return beside plain items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

T = TypeVar("T")


@dataclass(slots=True)
class CallInfo:
    """Filled by a call that is given one (`info=`): where and how it was served.

    Several calls may share one: capacity adds up, the rest is that of the last.
    """

    region: str | None = None
    """The region that served the last attempt."""
    request_id: str | None = None
    attempts: int = 0
    """Answers that came; a paged query has one per page."""
    seconds: float = 0.0
    consumed_capacity: list[Mapping[str, Any]] = field(default_factory=list)
    """As DynamoDB gives it, where `return_consumed_capacity` asks for it."""


@dataclass(slots=True)
class WriteResult:
    """What a put, update or delete gives back."""

    region: str
    """The region that served the write."""
    request_id: str | None = None
    attributes: Any = field(default=None, repr=False)
    """The old or new attributes, where `return_values` asks for them."""
    consumed_capacity: Mapping[str, Any] | None = None
    item_collection_metrics: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Page(Generic[T]):
    """One page of a query or scan."""

    items: Sequence[T] = field(repr=False)
    last_evaluated_key: Mapping[str, Any] | None
    """Where the next page starts (give it as `exclusive_start_key`); None on the last page."""
    count: int
    scanned_count: int
    region: str
    consumed_capacity: Mapping[str, Any] | None = None

    @property
    def has_more(self) -> bool:
        """Whether another page follows."""
        return self.last_evaluated_key is not None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
