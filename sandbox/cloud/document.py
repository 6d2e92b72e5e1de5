"""`sandbox.json`: where a running sandbox is found."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import psutil

NAME = "sandbox.json"

PROTOCOL = 1
"""Raised when a client and a supervisor of different releases would not understand each other."""


@dataclass(frozen=True, kw_only=True)
class SandboxDocument:
    """What the supervisor writes about itself. Only its owner may read it: the incarnation opens the admin API."""

    pid: int
    incarnation: str
    admin: str
    """URL of the admin API."""
    regions: tuple[str, ...]
    account_id: str
    gateways: Mapping[str, str]
    """Region → URL of its gateway."""
    started: str
    """When it started, RFC 3339."""
    redis: Mapping[str, Any] = field(default_factory=dict)
    """Region → endpoint of its Redis cluster, where one was started."""
    services: Mapping[str, str] = field(default_factory=dict)
    """`name@region` → URL of a service that was started."""
    dax: Mapping[str, str] = field(default_factory=dict)
    """Region → endpoint of its DAX stand-in, where one was started."""
    protocol: int = 0
    """`PROTOCOL` of the release that runs."""
    dynamodb: str = "sandbox"
    """What holds the items: `sandbox` (built in) or `local` (DynamoDB Local)."""

    def write(self, directory: Path) -> None:
        """Write the file in one step, so that a reader sees a whole document or none."""
        path = directory / NAME
        temporary = path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file, indent=2)
        temporary.replace(path)

    @classmethod
    def read(cls, directory: Path) -> SandboxDocument | None:
        """The document of a directory, or None where there is none that can be read."""
        try:
            values = json.loads((directory / NAME).read_bytes())
            values["regions"] = tuple(values["regions"])
            # What another release has written beside is not ours to judge.
            names = {field.name for field in fields(cls)}
            return cls(**{name: value for name, value in values.items() if name in names})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def alive(self) -> bool:
        """Whether the process that wrote it still runs (a pid alone may have been given to another)."""
        try:
            process = psutil.Process(self.pid)
            return process.status() != psutil.STATUS_ZOMBIE and "sandbox.cloud.supervisor" in process.cmdline()
        except psutil.Error:
            return False
