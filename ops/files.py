"""Files that a user names: what is wrong with one is the user's to mend, and never a fault of this command."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path, *, fix: str) -> str:
    """The text of a file, UTF-8.

    Args:
        path: what the command line names.
        fix: which file to name instead, or how to make it.

    Raises:
        OpsError: it is not there, cannot be read, or is no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise OpsError(f"{path}: cannot be read: {error.strerror}", fix=fix, code=Exit.USAGE) from None
    except UnicodeDecodeError:
        raise OpsError(f"{path}: is no UTF-8 text", fix=fix, code=Exit.USAGE) from None


def read_json(path: Path, *, fix: str) -> Any:
    """The document in a file.

    Raises:
        OpsError: as `read_text`, or it is not JSON.
    """
    try:
        return json.loads(read_text(path, fix=fix))
    except ValueError as error:
        raise OpsError(f"{path}: is not JSON: {error}", fix=fix, code=Exit.USAGE) from None


def require_writable(path: Path) -> None:
    """Refuse a file that cannot be written before the work whose result it is to hold. Nothing is made.

    Raises:
        OpsError: it is a folder, is beneath a file, or may not be written.
    """
    exists = path.exists()
    place = path if exists else next(folder for folder in path.absolute().parents if folder.exists())
    if path.is_dir():
        raise _not_writable(path, os.strerror(errno.EISDIR))
    if not exists and not place.is_dir():
        raise _not_writable(path, os.strerror(errno.ENOTDIR))
    if not os.access(place, os.W_OK):
        raise _not_writable(path, os.strerror(errno.EACCES))


def write_text(path: Path, text: str) -> None:
    """Write a file, UTF-8, and the folders that lead to it.

    Raises:
        OpsError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _not_writable(path, error.strerror) from None


def _not_writable(path: Path, why: str | None) -> OpsError:
    return OpsError(
        f"{path}: cannot be written: {why}", fix="name a file in a folder that you may write to", code=Exit.USAGE
    )
