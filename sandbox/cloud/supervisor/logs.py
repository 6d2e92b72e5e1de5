"""Log files that stay small."""

from __future__ import annotations

from pathlib import Path

LIMIT_BYTES = 2 * 2**20
"""Size at which a log is set aside; one older file is kept, so that a part takes twice this at most."""


class BoundedLog:
    """A log file of a part: appended to, and set aside as `<name>.1` when it is full."""

    def __init__(self, path: Path, *, limit: int = LIMIT_BYTES) -> None:
        self.path = path
        self._limit = limit
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._size = path.stat().st_size

    def write(self, data: bytes) -> None:
        """Append; bytes beyond the limit go to a new file."""
        if self._size + len(data) > self._limit:
            self._file.close()
            self.path.replace(self.path.with_name(self.path.name + ".1"))
            self._file = self.path.open("ab", buffering=0)
            self._size = 0
        self._file.write(data)
        self._size += len(data)

    def last_line(self) -> str:
        """The last line that says something, at most 300 characters of it."""
        tail = self.path.read_bytes()[-4096:].decode(errors="replace").strip().splitlines()
        return tail[-1][:300] if tail else ""

    def close(self) -> None:
        """Close the file."""
        self._file.close()
