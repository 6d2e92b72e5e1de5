"""What a sandbox says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class PartStatus:
    """One process of the sandbox."""

    name: str
    state: str
    """`running`, `starting`, `stopped`, or `crashed`."""
    pid: int | None
    memory_mb: float
    """Resident memory of the process and its children, in MB (2**20 bytes)."""
    detail: str = ""
    """Of a crashed part: how it ended, and the last line of its log."""


@dataclass(frozen=True, kw_only=True)
class ReplicationPair:
    """Replication from one region to another, over all their global tables. Lags in seconds, write to arrival."""

    source: str
    target: str
    lag_setting_seconds: float
    """What a change waits on its way, as it was set."""
    backlog: int
    """Changes that were written in the source and have not arrived."""
    delivered: int
    blocked: bool
    """Whether a partition holds them up."""
    last_lag_seconds: float | None
    p50_lag_seconds: float | None
    p99_lag_seconds: float | None


@dataclass(frozen=True, kw_only=True)
class SandboxStatus:
    """A sandbox at one moment."""

    incarnation: str
    started: str
    account_id: str
    regions: tuple[str, ...]
    gateways: Mapping[str, str]
    services: Mapping[str, str]
    redis: Mapping[str, Any]
    dax: Mapping[str, str]
    dynamodb: str
    parts: tuple[PartStatus, ...]
    faults: tuple[Mapping[str, Any], ...]
    authorization: bool = False
    """Whether requests are judged by the policies of who signed them."""

    @property
    def healthy(self) -> bool:
        """Whether no part has crashed."""
        return not self.crashed

    @property
    def crashed(self) -> tuple[str, ...]:
        """The names of the parts that have crashed."""
        return tuple(part.name for part in self.parts if part.state == "crashed")

    @property
    def memory_mb(self) -> float:
        """Resident memory of all parts together, in MB."""
        return round(sum(part.memory_mb for part in self.parts), 1)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> SandboxStatus:
        """Read what the admin API answers."""
        names = {field.name for field in fields(cls)}
        values = {name: value for name, value in document.items() if name in names}
        values["regions"] = tuple(values["regions"])
        values["parts"] = tuple(PartStatus(**part) for part in values["parts"])
        values["faults"] = tuple(values["faults"])
        return cls(**values)
