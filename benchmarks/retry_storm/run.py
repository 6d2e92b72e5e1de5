"""Retry storm in real time: `python benchmarks/retry_storm/run.py`; with kinds and seconds for fewer, or for longer.

holdfast's sync client and boto3's in each of its retry modes, each in a process of its own, one after another against
the same server of bounded capacity, at ten times what it can answer. The server's capacity is low, so that ten times of
it and all retries are within what one Python process can send.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
KINDS = ("holdfast", "legacy", "standard", "adaptive")
CAPACITY = 20.0
"""Answers a second."""
OVERLOAD = 10
SECONDS = 4.0
GRACE_SECONDS = 30.0
"""Beyond the storm, for a process to start on a busy machine."""


@contextlib.contextmanager
def child(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is gone afterwards."""
    environment = {
        **os.environ, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    for name in ("HOLDFAST_TOPOLOGY", "AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def counts(url: str) -> dict[str, int]:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
        found: dict[str, int] = json.load(answer)
    return found


def storm(kind: str, url: str, capacity: float, seconds: float) -> dict[str, Any]:
    rate = capacity * OVERLOAD
    with child(str(HERE / "caller.py"), kind, url, str(rate), str(seconds)) as caller:
        while counts(url)["answered"] == 0:  # it warms up with one call
            if caller.poll() is not None:
                raise RuntimeError(f"{kind}: the caller ended with {caller.returncode}")
        counts(url)
        output, _ = caller.communicate("go\n", timeout=seconds + GRACE_SECONDS)
    made = json.loads(output)
    seen = counts(url)
    return {
        "goodput of capacity": round(made["good"] / (capacity * seconds), 3),
        "calls, of capacity": round(made["made"] / (capacity * seconds), 1),
        "refused by the server per call": round(seen["refused"] / made["made"], 2),
        **made,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=KINDS, help=f"of {', '.join(KINDS)}")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--capacity", type=float, default=CAPACITY)
    options = parser.parse_args()
    with child(str(HERE / "server.py"), str(options.capacity)) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        found = {kind: storm(kind, url, options.capacity, options.seconds) for kind in options.kinds}
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
