"""Ending with the process that started this one, so that a sandbox leaves nothing behind."""

from __future__ import annotations

import os
import signal
import threading
import time

INTERVAL_SECONDS = 0.5


def exit_with_parent() -> None:
    """Ask this process to stop (SIGTERM, so that it closes what it holds) when its parent is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(INTERVAL_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
