"""Mends what a drill broke when the drill is gone, however it went.

A process of its own: it reads a pipe that the drill holds open. When the pipe ends, because the drill closed it or
because it was killed, it mends what `drill.json` says. Faults of the gateways carry a lease besides, should this
process be killed too; and the next `holdfast drill` mends what is still written down.

    python -m ops.drill.healer .holdfast/prod
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Self

from ops.drill.standing import Standing


class Healer:
    """The other end of the pipe: while it is open, what is broken may stay so."""

    def __init__(self, folder: Path, standing: Standing) -> None:
        self._folder, self._standing = folder, standing
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._standing.write(self._folder)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ops.drill.healer", str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A Ctrl-C at the terminal is for the drill: the healer sees it end, and heals.
            start_new_session=True,
        )
        if self._process.stdout is None or self._process.stdout.readline() != b"ready\n":
            raise RuntimeError("the process that heals does not start: nothing is made to fail")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.communicate(timeout=60)


def main() -> None:
    """Wait for the end of the pipe, then mend."""
    folder = Path(sys.argv[1])
    standing = Standing.read(folder)
    print("ready", flush=True)
    sys.stdin.buffer.read()
    if standing is not None:
        standing.heal(folder)


if __name__ == "__main__":
    main()
