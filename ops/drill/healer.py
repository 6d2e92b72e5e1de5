"""Ends every fault of a drill when the drill is gone, however it went.

A process of its own: it reads a pipe that the drill holds open. When the pipe ends, because the drill closed it or
because it was killed, it heals. Faults of the gateways carry a lease besides, should this process be killed too.

    python -m ops.drill.healer '{"directory": ".holdfast/prod", "faults": true, "keys": [["us-east-1", "arn:…"]]}'
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import boto3

from ops.estate.access import SANDBOX_CREDENTIALS
from sandbox.cloud import Sandbox


class Healer:
    """The other end of the pipe: while it is open, the faults may stand."""

    def __init__(self, directory: Path, *, keys: list[tuple[str, str]]) -> None:
        self._order = json.dumps({"directory": str(directory), "keys": keys})
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ops.drill.healer", self._order],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A Ctrl-C at the terminal is for the drill: the healer sees it end, and heals.
            start_new_session=True,
        )
        if self._process.stdout is None or self._process.stdout.readline() != b"ready\n":
            raise RuntimeError("the process that heals does not start: no fault is set")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.communicate(timeout=30)


def heal(directory: Path, keys: list[tuple[str, str]]) -> None:
    """End all faults of the gateways, and enable the keys."""
    sandbox = Sandbox.attach(directory)
    if sandbox is None:
        return
    sandbox.heal()
    make: Any = boto3.client
    for region, key in keys:
        client = make("kms", region_name=region, endpoint_url=sandbox.gateways[region], **SANDBOX_CREDENTIALS)
        client.enable_key(KeyId=key)


def main() -> None:
    """Wait for the end of the pipe, then heal."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.buffer.read()
    heal(Path(order["directory"]), [(region, key) for region, key in order["keys"]])


if __name__ == "__main__":
    main()
