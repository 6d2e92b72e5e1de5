"""What serves beside the tables of a region: its caches, and its orders service with its breakers."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.estate.access import Estate
    from ops.estate.health import RegionHealth

DEEP_HEALTH_SECONDS = 3.0
CACHE_SECONDS = 1.0
CACHE_PORTS = {"redis": 6379, "rediss": 6379, "dax": 8111, "daxs": 9111}
"""The default ports of ElastiCache and of DAX, without and with TLS."""


def caches(estate: Estate, health: RegionHealth) -> None:
    """Whether the endpoints of the region's caches accept connections; their nodes are for their own alarms."""
    region = estate.topology.region(health.region)
    found = []
    for name, url in (("Redis", region.redis_endpoint), ("DAX", region.dax_endpoint)):
        if url is None:
            continue
        host, port = cache_address(url)
        try:
            socket.create_connection((host, port), timeout=CACHE_SECONDS).close()
        except OSError as error:
            found.append(f"{name} does not answer")
            health.faults.append(f"{name} at {host}:{port} does not answer: {error}")
        else:
            found.append(f"{name} answers")
    health.caches = ", ".join(found) or "none"


def cache_address(url: str) -> tuple[str, int]:
    """Host and port of a cache's endpoint; the service's own port where it names none."""
    parts = urlsplit(url if "://" in url else f"redis://{url}")
    return parts.hostname or "", parts.port or CACHE_PORTS[parts.scheme]


def service(health: RegionHealth, url: str | None) -> None:
    """What deep health answers; while a region is evacuated it answers 503, and that is no fault."""
    if url is None:
        return
    try:
        with urllib.request.urlopen(f"{url}/health/deep", timeout=DEEP_HEALTH_SECONDS) as answer:  # noqa: S310 (http, from the sandbox's own record)
            document = json.load(answer)
        health.service = f"healthy, probe {document.get('probe_milliseconds', 0):.0f} ms"
    except urllib.error.HTTPError as error:
        health.service = f"answers {error.code}"
        if not health.evacuated:
            health.faults.append(f"deep health of the orders service answers {error.code}")
    except OSError as error:
        health.service = "does not answer"
        health.faults.append(f"the orders service does not answer: {error}")


def breakers(health: RegionHealth, url: str | None) -> None:
    """Shallow health tells them: an open breaker is what a client does about a fault, and no fault of this region."""
    if url is None:
        return
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=DEEP_HEALTH_SECONDS) as answer:  # noqa: S310 (http, from the sandbox's own record)
            told = json.load(answer).get("breakers")
    except (OSError, ValueError, AttributeError):
        return
    if isinstance(told, dict):
        health.breakers = describe_breakers(told)


def describe_breakers(told: Mapping[str, Mapping[str, str]]) -> str:
    """Region → class of operations → state, in a few words."""
    found = [
        f"{region} {kind} {state}"
        for region, kinds in told.items()
        for kind, state in kinds.items()
        if state != "closed"
    ]
    return ", ".join(found) or "closed"
