"""Nothing outlives the supervisor, even when it is killed without a chance to clean up.

The supervisor leads a process group of its own, and everything that it starts stays in that group. A shell in the
group waits on a pipe that only the supervisor holds open; when the pipe closes, however the supervisor ended, the
shell kills the group, itself included. The group's number cannot have been given to others: the shell is in it.
"""

from __future__ import annotations

import os
import subprocess


def start_reaper() -> subprocess.Popen[bytes]:
    """Start the reaper of this process's group. Its stdin must stay open as long as the group shall live."""
    group = os.getpgid(0)
    if group != os.getpid():
        raise RuntimeError("the supervisor must lead its process group: start it with start_new_session")
    return subprocess.Popen(
        ["/bin/sh", "-c", f"cat >/dev/null; kill -KILL -{group}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
