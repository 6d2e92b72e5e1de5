"""One comment a pull request, whoever runs at the same time: the newest commit's text stands in the oldest comment.

No forge has a conditional write for comments. So a run looks before it writes, at the comments and at the commit that
the pull request stands at: a run of another commit is an older one, and leaves what is there. It looks again
afterwards, and writes again where its text was overwritten. What is left is a run that looks, loses milliseconds to a
push and a whole newer run, and then writes; the newer run's previews take longer than that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from ops.pullrequest import marker
from ops.pullrequest.forges import Comment, Forge
from ops.pullrequest.marker import Marker
from ops.pullrequest.model import Note

_TRIES: Final = 5


@dataclass(frozen=True, kw_only=True)
class Published:
    """What became of a note."""

    done: Literal["created", "updated", "older"]
    """`older`: the pull request stands at a newer commit, and its comment was left."""
    comment: str
    """Its id; empty where an older run found none."""


def publish(forge: Forge, note: Note, write: Callable[[Note], str], *, key: str = "default") -> Published:
    """Put the note where it belongs.

    Args:
        forge: the pull request.
        note: what to tell; its history is taken from the comment that is there.
        write: the text of a note.
        key: which of our comments, where a repository has several.

    Raises:
        OpsError: the forge does not answer, or refuses.
    """
    done: Literal["created", "updated"] = "updated"
    for _ in range(_TRIES):
        found = _ours(forge, key)
        newest = max((mark for _, mark in found), key=lambda mark: mark.order, default=None)
        if forge.head() != note.commit or (newest is not None and newest.order > note.order):
            return Published(done="older", comment=found[0][0].id if found else "")
        if not found:
            forge.create(write(note))
            done = "created"
            continue
        first, mark = found[0]
        if mark.order == note.order and mark.commit == note.commit:
            _unite(forge, found, note.order)
            return Published(done=done, comment=first.id)
        history = newest.past() if newest is not None and newest.commit != note.commit else ()
        forge.update(first.id, write(replace(note, history=history)))
    return Published(done=done, comment=_ours(forge, key)[0][0].id)


def _ours(forge: Forge, key: str) -> list[tuple[Comment, Marker]]:
    """Our comments of this key with their marks, the oldest first."""
    found = []
    for comment in forge.comments():
        mark = marker.read(comment.body)
        if mark is not None and mark.key == key:
            found.append((comment, mark))
    return found


def _unite(forge: Forge, found: list[tuple[Comment, Marker]], order: int) -> None:
    """Two runs may both have found nothing and written: the newest text goes into the oldest comment, the rest away."""
    if len(found) < 2:
        return
    if found[0][1].order < order:
        text = next(comment.body for comment, mark in found if mark.order == order)
        forge.update(found[0][0].id, text)
    for comment, _ in found[1:]:
        forge.delete(comment.id)
