"""The sandbox engine's host of provider plugins."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Self

from sandbox.provider.faults import ProviderError

STOP_SECONDS = 5


class HostError(ProviderError):
    """The helper process cannot start an instance: an unknown package, or the helper is gone."""


class LocalHost:
    """Hosts provider instances of `aws`, `eks` and `kubernetes` in one helper process, a port each.

    The helper starts at once, so that its imports overlap with the program's, and ends with this process.
    `sandbox` is the folder of a sandbox's local state (`.holdfast/<stack>`); without one everything that needs no
    cloud works.
    """

    def __init__(self, sandbox: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._log: IO[bytes] | None = None
        if sandbox is not None:
            logs = sandbox / "logs"
            logs.mkdir(parents=True, exist_ok=True)
            self._log = (logs / "provider.log").open("ab")
        arguments = [str(sandbox.absolute())] if sandbox is not None else []
        self._process: subprocess.Popen[str] | None = subprocess.Popen(
            [sys.executable, "-m", "sandbox.provider.hosting", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
            start_new_session=True,  # Ctrl-C is the engine's to handle: it still needs its providers to finish
        )

    def start(self, package: str, version: str | None, name: str) -> str:
        """Start a new instance of a package's provider; returns its address.

        Args:
            package: `aws`, `eks` or `kubernetes`; `HostError` names any other.
            version: The version that the program's SDK asks for; the stand-in serves the installed SDK's.
            name: The provider resource's name, for the log.
        """
        with self._lock:
            if self._process is None or self._process.stdin is None or self._process.stdout is None:
                raise HostError("the provider host is closed")
            try:
                self._process.stdin.write(json.dumps({"package": package, "version": version, "name": name}) + "\n")
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except BrokenPipeError:
                line = ""
        if not line:
            where = f"; see {self._log.name}" if self._log is not None else ""
            raise HostError(f"the provider host ended before it could start {package} ({name}){where}")
        answer = json.loads(line)
        if "error" in answer:
            raise HostError(answer["error"])
        return f"127.0.0.1:{answer['port']}"

    def close(self) -> None:
        """End the helper and every instance in it; may be called twice."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if self._log is not None:
            self._log.close()
            self._log = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
