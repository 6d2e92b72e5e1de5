"""Zones, records and health checks as plain data, read from the deployed stack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class RecordSpec:
    """One record set."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    ttl_seconds: int = 60
    alias: str | None = None
    """What an alias record points at; AWS keeps such an answer for 60 s."""
    set_identifier: str | None = None
    health_check: str | None = None
    policy: str = "simple"
    """`simple`, `latency`, `failover`, `weighted` or `geolocation`."""
    region: str | None = None
    """Of a latency record."""
    role: str | None = None
    """PRIMARY or SECONDARY, of a failover record."""
    weight: int = 0
    place: str | None = None
    """Of a geolocation record: a continent's code, or `*` for everybody else."""


@dataclass(frozen=True, kw_only=True)
class CheckSpec:
    """One health check."""

    id: str
    name: str
    type: str
    """`HTTPS`, `HTTP`, `CALCULATED` or `CLOUDWATCH_METRIC`; any other is well."""
    fqdn: str = ""
    path: str = "/"
    interval_seconds: float = 30
    failures: int = 3
    children: tuple[str, ...] = ()
    threshold: int = 0
    alarm: str = ""
    alarm_region: str = ""


@dataclass(frozen=True, kw_only=True)
class DnsDocument:
    """What is answered, and what is checked."""

    zones: tuple[str, ...] = ()
    records: tuple[RecordSpec, ...] = ()
    checks: tuple[CheckSpec, ...] = ()
    fronts: Mapping[str, str] = field(default_factory=dict)
    """Region → address of its front door."""
    port: int = 0
    """Port of the front doors."""
    pace: float = 1
    """What a second of AWS is here: 0.1 checks ten times as often and keeps answers a tenth of the time."""
    viewer: Mapping[str, str] = field(default_factory=dict)
    """Where the client is: `region` (nearest), `continent`."""

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return json.loads(json.dumps(asdict(self), default=dict))  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> DnsDocument:
        """Read what `to_json` wrote."""
        records = tuple(RecordSpec(**{**item, "values": tuple(item["values"])}) for item in document["records"])
        checks = tuple(CheckSpec(**{**item, "children": tuple(item["children"])}) for item in document["checks"])
        rest = {name: value for name, value in document.items() if name not in ("records", "checks", "zones")}
        return cls(zones=tuple(document["zones"]), records=records, checks=checks, **rest)
