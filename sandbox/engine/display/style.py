"""Signs, words and colours of operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.engine.model import Op, RunKind

SIGNS: Final[Mapping[Op, str]] = {
    Op.SAME: " ",
    Op.CREATE: "+",
    Op.UPDATE: "~",
    Op.DELETE: "-",
    Op.REPLACE: "+-",
    Op.CREATE_REPLACEMENT: "++",
    Op.DELETE_REPLACED: "--",
    Op.READ: ">",
    Op.READ_REPLACEMENT: ">>",
    Op.DISCARD: "<",
    Op.DISCARD_REPLACED: "<<",
    Op.REMOVE_PENDING_REPLACE: "-",
    Op.REFRESH: "~",
    Op.IMPORT: "=",
    Op.IMPORT_REPLACEMENT: "=>",
}
_COLORS: Final[Mapping[str, str]] = {
    "green": "\x1b[32m",
    "yellow": "\x1b[33m",
    "red": "\x1b[31m",
    "magenta": "\x1b[35m",
    "cyan": "\x1b[36m",
    "bold": "\x1b[1m",
    "dim": "\x1b[2m",
}
_RESET: Final = "\x1b[0m"
_OP_COLORS: Final[Mapping[Op, str]] = {
    Op.CREATE: "green",
    Op.CREATE_REPLACEMENT: "green",
    Op.UPDATE: "yellow",
    Op.REFRESH: "yellow",
    Op.DELETE: "red",
    Op.DELETE_REPLACED: "red",
    Op.REPLACE: "magenta",
    Op.READ: "cyan",
    Op.READ_REPLACEMENT: "cyan",
    Op.DISCARD: "cyan",
    Op.DISCARD_REPLACED: "cyan",
    Op.IMPORT: "cyan",
    Op.IMPORT_REPLACEMENT: "cyan",
}
PAST: Final[Mapping[Op, str]] = {
    Op.SAME: "",
    Op.CREATE: "created",
    Op.UPDATE: "updated",
    Op.DELETE: "deleted",
    Op.REPLACE: "replaced",
    Op.CREATE_REPLACEMENT: "created replacement",
    Op.DELETE_REPLACED: "deleted original",
    Op.READ: "read",
    Op.READ_REPLACEMENT: "read for replacement",
    Op.DISCARD: "discarded",
    Op.DISCARD_REPLACED: "discarded original",
    Op.REFRESH: "refreshed",
    Op.IMPORT: "imported",
    Op.IMPORT_REPLACEMENT: "imported replacement",
    Op.REMOVE_PENDING_REPLACE: "completed removal",
}
TITLES: Final[Mapping[RunKind, str]] = {
    "preview": "Previewing update",
    "up": "Updating",
    "preview-destroy": "Previewing destroy",
    "destroy": "Destroying",
    "preview-refresh": "Previewing refresh",
    "refresh": "Refreshing",
}


@dataclass(frozen=True, kw_only=True)
class Style:
    """How lines are written. Without colour they are plain text."""

    color: bool = False
    width: int = 100
    """Columns of the terminal; long values are cut to it."""

    def paint(self, text: str, color: str) -> str:
        """The text in a colour."""
        return f"{_COLORS[color]}{text}{_RESET}" if self.color and text else text

    def of(self, op: Op, text: str) -> str:
        """The text in the colour of an operation; a replacement's is red where it stands for a loss."""
        color = _OP_COLORS.get(op)
        return self.paint(text, color) if color else text


PLAIN: Final = Style()
