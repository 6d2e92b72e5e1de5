"""Copying items from one region to another: in parallel, at a bounded rate, resumable.

An item of the target that is newer is not overwritten: where the items carry a version attribute the larger one
stays, and where they carry none the source wins only if the target lacks the item or `overwrite` says so.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.data.scan import Rate, each_segment, segment_pages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ops.data.digest import Item

SEGMENTS = 4
_NEWER = "attribute_not_exists(#key) OR attribute_not_exists(#version) OR #version < :version"


@dataclass(kw_only=True)
class Copied:
    """What a copy did."""

    read: int = 0
    written: int = 0
    kept: int = 0
    """Items of the target that stayed: present already, or of a newer version."""


class Bookmarks:
    """Where each segment goes on, in a file that is replaced in one step. Another request begins anew."""

    def __init__(self, path: Path, request: dict[str, Any]) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._document: dict[str, Any] = {"request": request, "segments": {}}
        if path.exists():
            found = json.loads(path.read_bytes())
            if found.get("request") == request:
                self._document = found

    def of(self, segment: int) -> tuple[dict[str, Any] | None, bool]:
        """The key to go on from, and whether the segment is done."""
        entry = self._document["segments"].get(str(segment), {})
        return entry.get("key"), bool(entry.get("done"))

    @property
    def resumed(self) -> bool:
        """Whether an earlier run left something."""
        return bool(self._document["segments"])

    def set(self, segment: int, key: dict[str, Any] | None) -> None:
        """A page is written; None is the last."""
        with self._lock:
            self._document["segments"][str(segment)] = {"key": key, "done": key is None}
            temporary = self._path.with_suffix(".new")
            temporary.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(self._document))
            temporary.replace(self._path)

    def finish(self) -> None:
        """All is done: the next run begins anew."""
        self._path.unlink(missing_ok=True)


class Copier:
    """Copies one table. `progress(items)` is told as items are read, from several threads."""

    def __init__(
        self,
        clients: tuple[Any, Any],
        *,
        table: str,
        key_names: tuple[str, ...],
        bookmarks: Bookmarks,
        version: str | None = None,
        overwrite: bool = False,
        rate: Rate | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._source, self._target = clients
        self._table, self._names = table, key_names
        self._bookmarks = bookmarks
        self._version = version
        self._overwrite = overwrite
        self._rate = rate
        self._progress = progress
        self._lock = threading.Lock()
        self.copied = Copied()

    def run(self) -> Copied:
        """Copy what is not copied yet."""
        each_segment(SEGMENTS, self._segment)
        self._bookmarks.finish()
        return self.copied

    def _segment(self, segment: int) -> None:
        start, done = self._bookmarks.of(segment)
        if done:
            return
        for items, following in segment_pages(
            self._source, self._table, segment, SEGMENTS, start=start, rate=self._rate
        ):
            for item in items:
                written = put(
                    self._target, self._table, item,
                    key=self._names[0], version=self._version, overwrite=self._overwrite,
                )  # fmt: skip
                with self._lock:
                    self.copied.written += written
                    self.copied.kept += not written
            with self._lock:
                self.copied.read += len(items)
            self._bookmarks.set(segment, following)
            self._progress(len(items))


def put(client: Any, table: str, item: Item, *, key: str, version: str | None, overwrite: bool) -> bool:
    """Write an item unless the target's own is to stay; says whether it was written."""
    request: dict[str, Any] = {"TableName": table, "Item": item}
    if version is not None and version in item:
        request |= {
            "ConditionExpression": _NEWER,
            "ExpressionAttributeNames": {"#key": key, "#version": version},
            "ExpressionAttributeValues": {":version": item[version]},
        }
    elif not overwrite:
        request |= {"ConditionExpression": "attribute_not_exists(#key)", "ExpressionAttributeNames": {"#key": key}}
    try:
        client.put_item(**request)
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True
