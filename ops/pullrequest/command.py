"""`holdfast pr-comment`: files in, a comment out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ops.errors import OpsError
from ops.exits import Exit
from ops.files import read_json, write_text
from ops.pullrequest import forges
from ops.pullrequest.model import CostChange, Note
from ops.pullrequest.publish import publish
from ops.pullrequest.reading import document, read
from ops.pullrequest.render import render

_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")


def comment(
    previews: Sequence[str],
    *,
    costs: Sequence[str],
    commit: str,
    order: int,
    log_url: str,
    key: str,
    room: int | None,
    output: Path | None,
    post: bool,
    number: int | None,
    sarif: Path | None = None,
) -> str:
    """Write the comment, and put it on the pull request where that was asked for.

    Returns:
        The comment; with `post` a line that says what became of it.

    Raises:
        OpsError: a file that cannot be read, or a forge that does not take the comment.
    """
    if not _KEY.fullmatch(key):
        raise OpsError(f"--key {key!r}", why="it may hold letters, digits, `.`, `_` and `-`", code=Exit.USAGE)
    priced = {stack: _cost(path) for stack, path in map(_pair, costs)}
    note = Note(
        commit=commit or forges.commit() or "working tree",
        order=order,
        at=f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        previews=tuple(read(path, stack, priced.get(stack)) for stack, path in map(_pair, previews)),
        log_url=log_url,
    )
    if sarif is not None:
        from ops.pullrequest.sarif import from_previews  # noqa: PLC0415 (all the rules, which a comment does not need)

        write_text(sarif, from_previews(document(path) for _, path in map(_pair, previews)))
    text = render(note, key=key, room=room)
    if output is not None:
        write_text(output, text)
    if not post:
        return text
    done = publish(forges.from_environment(number), note, lambda one: render(one, key=key, room=room), key=key)
    if done.done == "older":
        return "the pull request stands at a newer commit: its comment is left to that commit's run"
    return f"comment {done.comment} {done.done}"


def _pair(word: str) -> tuple[str, Path]:
    stack, equals, path = word.partition("=")
    if not (stack and equals and path):
        raise OpsError(f"{word!r} is no STACK=FILE", fix="write for example prod=preview-prod.json", code=Exit.USAGE)
    return stack, Path(path)


def _cost(path: Path) -> CostChange:
    """The likely case of `holdfast cost --against ... --json`."""
    fix = "write it with: holdfast cost --against STATE --json > FILE"
    told = read_json(path, fix=fix)
    try:
        told = told.get("against", told)
        return CostChange(before=float(told["before"]["likely"]), after=float(told["after"]["likely"]))
    except (AttributeError, ValueError, KeyError, TypeError):
        raise OpsError(f"{path}: is no difference of costs", fix=fix, code=Exit.USAGE) from None
