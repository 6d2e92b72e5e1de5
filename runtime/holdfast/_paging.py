"""Pages of a query, a scan or a statement, without input or output: which call comes next, what a reply holds."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from holdfast._attempt import Call, Operation, Reply
from holdfast._requests import Request, read_resume_token, write_resume_token
from holdfast._table import make_call, note
from holdfast.results import Page
from holdfast.values import decode_item

T = TypeVar("T")


class Paging(Generic[T]):
    """One request that is repeated with another start for each page.

    `read` makes a whole answer into a page, faster than item by item with `decode`; None where it cannot.
    """

    def __init__(
        self,
        operation: Operation,
        request: Request,
        table: str | None,
        options: Mapping[str, Any],
        decode: Callable[[Any], T],
        *,
        read: Callable[[Reply], Any] | None = None,
    ) -> None:
        self._operation = operation
        self._request = request
        self._table = table
        self._options = options
        self._decode = decode
        self._read = read

    @property
    def statement(self) -> bool:
        """Whether it is a PartiQL statement, whose pages are marked by a token of the service's."""
        return self._operation.name == "ExecuteStatement"

    def first(self) -> Call:
        """The call for the first page."""
        return make_call(self._operation, self._request, self._table, self._options)

    def after(self, page: Page[T]) -> Call:
        """The call for the page after one that has more."""
        start: dict[str, Any] = {"NextToken": page.resume_token}
        if not self.statement:
            start = {"ExclusiveStartKey": read_resume_token(page.resume_token or "")[0]}
        return make_call(self._operation, {**self._request, **start}, self._table, self._options)

    def page(self, reply: Reply) -> Page[T]:
        """The page that a reply holds."""
        if self._options:
            note(reply, self._options)
        read = self._read and self._read(reply)
        if read is not None:
            last = read.LastEvaluatedKey
            return Page(
                read.Items,
                decode_item(last) if last else None,
                write_resume_token(last) if last else None,
                read.Count,
                read.ScannedCount,
                reply.region,
                read.ConsumedCapacity,
            )
        document = reply.document
        key = document.get("LastEvaluatedKey")
        token = write_resume_token(key) if key else None
        decode = self._decode
        items = [decode(item) for item in document.get("Items", ())]
        return Page(
            items,
            decode_item(key) if key else None,
            document.get("NextToken") if self.statement else token,
            document.get("Count", len(items)),
            document.get("ScannedCount", len(items)),
            reply.region,
            document.get("ConsumedCapacity"),
        )

    def cursor(self) -> Cursor[T]:
        """What an iterator over items needs to know of where it is."""
        token = self._options.get("resume_token")
        skip = read_resume_token(token)[1] if token and not self.statement else 0
        start = self._request.get("ExclusiveStartKey")
        return Cursor(
            start and write_resume_token(_textual(start)),
            skip,
            self._options.get("max_items"),
            exact=not self.statement,
        )


class Cursor(Generic[T]):
    """Where an iterator over items stands: within which page, behind how many of its items."""

    def __init__(self, start: str | None, skip: int, max_items: int | None, *, exact: bool) -> None:
        self._start = start
        self._passed = skip
        self._skip = skip
        self._left = max_items
        self._exact = exact
        self._page: Page[T] | None = None

    @property
    def done(self) -> bool:
        """Whether `max_items` is reached."""
        return self._left is not None and self._left <= 0

    def items(self, page: Page[T]) -> Iterator[T]:
        """The items of the next page that are to be given out."""
        if self._page is not None:
            self._start = self._page.resume_token
        self._page = page
        self._passed = self._skip
        self._skip = 0
        for item in page.items[self._passed :]:
            if self._left is not None:
                if self._left <= 0:
                    return
                self._left -= 1
            self._passed += 1
            yield item

    def rest(self, page: Page[T]) -> Sequence[T]:
        """The items of the next page that are to be given out, all of them now."""
        if self._left is not None or self._skip:
            return list(self.items(page))
        if self._page is not None:
            self._start = self._page.resume_token
        self._page = page
        self._passed = len(page.items)
        return page.items

    @property
    def resume_token(self) -> str | None:
        """From where another iterator goes on after the last item given out; None at the end."""
        page = self._page
        if page is None:
            return write_resume_token(None, self._passed) if not self._start else f"{self._start}.{self._passed}"
        if self._passed >= len(page.items) or not self._exact:
            return page.resume_token
        return f"{self._start or ''}.{self._passed}"


def _textual(key: Mapping[str, Any]) -> dict[str, Any]:
    """A start key of a request (binary as bytes) as an answer would hold it (base64 text)."""
    return {
        name: {tag: b64encode(value).decode("ascii") if tag == "B" else value}
        for name, wire in key.items()
        for tag, value in wire.items()
    }
