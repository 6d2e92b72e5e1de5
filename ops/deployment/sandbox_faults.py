"""Options of a fault, as they are written on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence


def parse(words: Sequence[str]) -> dict[str, Any]:
    """`rate=0.5` and the like, numbers as numbers.

    Raises:
        OpsError: a word has no `=`.
    """
    found: dict[str, Any] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not name:
            raise OpsError(f"--set {word!r}", fix="write NAME=VALUE, such as rate=0.5", code=Exit.USAGE)
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = value
    return found
