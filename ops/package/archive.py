"""Zip files whose bytes follow from their contents alone: sorted names, one time, one mode."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    # A name of its own: two commands may build the same package at the same moment.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".new")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            for member in sorted(files):
                entry = zipfile.ZipInfo(member, _WHEN)
                entry.create_system = _UNIX
                entry.external_attr = _MODE
                entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
                archive.writestr(entry, files[member], compresslevel=9 if compress else None)
        made = temporary.read_bytes()
        if not path.exists() or path.read_bytes() != made:
            temporary.chmod(0o644)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return hashlib.sha256(made).hexdigest()
