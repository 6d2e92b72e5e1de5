"""What calls return beside plain items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from holdfast.values import decode_item

if TYPE_CHECKING:
    from holdfast._attempt import Reply

T = TypeVar("T")


@dataclass(slots=True)
class CallInfo:
    """Filled by a call that is given one (`info=`): where and how it was served.

    Several calls may share one: capacity adds up, the rest is that of the last.
    """

    region: str | None = None
    """The region that served the last answer."""
    request_id: str | None = None
    answers: int = 0
    """Answers that came; a paged query has one per page."""
    seconds: float = 0.0
    """Time on the network, over all answers."""
    consumed_capacity: list[Mapping[str, Any]] = field(default_factory=list)
    """As DynamoDB gives it, where `return_consumed_capacity` asks for it."""

    def add(self, reply: Reply) -> None:
        """Take note of an answer."""
        self.region = reply.region
        self.request_id = reply.request_id
        self.answers += 1
        self.seconds += reply.seconds
        capacity = reply.document.get("ConsumedCapacity") if b'"ConsumedCapacity"' in reply.body else None
        if capacity is not None:
            self.consumed_capacity += capacity if isinstance(capacity, list) else [capacity]


@dataclass(slots=True)
class WriteResult:
    """What a put, update, delete or transaction gives back."""

    region: str
    """The region that served the write."""
    request_id: str | None = None
    attributes: Any = field(default=None, repr=False)
    """The old or new attributes, where `return_values` asks for them."""
    consumed_capacity: Any = None
    """As DynamoDB gives it: a mapping, or a list of them where several tables were written."""
    item_collection_metrics: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Page(Generic[T]):
    """One page of a query, a scan or a statement."""

    items: Sequence[T] = field(repr=False)
    last_evaluated_key: Mapping[str, Any] | None = field(repr=False)
    """Where the next page starts (give it as `exclusive_start_key`); None on the last page."""
    resume_token: str | None = field(repr=False)
    """The same as text (give it as `resume_token`)."""
    count: int
    scanned_count: int
    region: str
    consumed_capacity: Mapping[str, Any] | None = None

    @property
    def has_more(self) -> bool:
        """Whether another page may follow."""
        return self.resume_token is not None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(slots=True)
class StatementResult:
    """The answer to one statement of a batch: an item, or why it failed, or neither."""

    item: dict[str, Any] | None = field(default=None, repr=False)
    error_code: str | None = None
    error_message: str | None = None

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> StatementResult:
        """Of an answer of DynamoDB's."""
        error = answer.get("Error") or {}
        item = answer.get("Item")
        return cls(decode_item(item) if item is not None else None, error.get("Code"), error.get("Message"))
