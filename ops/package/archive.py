"""Zip files whose bytes follow from their contents alone: sorted names, one time, one mode."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""
_MODE = 0o100644 << 16
_UNIX = 3


def write(path: Path, files: Mapping[str, bytes], *, compress: bool) -> str:
    """Write a zip file in one step; returns the SHA-256 of its bytes.

    Args:
        path: the file.
        files: name in the archive → contents.
        compress: whether to deflate. What zlib makes differs between its releases, so that only archives that nobody
            compares between machines are compressed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    with zipfile.ZipFile(temporary, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.create_system = _UNIX
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
            archive.writestr(entry, files[name], compresslevel=9 if compress else None)
    digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
    if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        temporary.replace(path)
    temporary.unlink(missing_ok=True)
    return digest
