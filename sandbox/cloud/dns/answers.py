"""Which records answer a question, given what is healthy. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from sandbox.cloud.dns.document import DnsDocument, RecordSpec

ALIAS_SECONDS = 60
"""How long Route 53 lets an answer of an alias record be kept."""
_REGIONAL = re.compile(
    r"\.(?:execute-api|elb)\.([a-z0-9-]+)\.amazonaws\.com\.?$|\.([a-z]{2}(?:-[a-z]+)+-\d)\.elb\.amazonaws\.com\.?$"
)

Answer = tuple[str, str, int, str]
"""Name, type, seconds, value."""


def answer(
    document: DnsDocument,
    name: str,
    *,
    healthy: Callable[[str], bool],
    draw: Callable[[], float] = random.random,
) -> list[Answer] | None:
    """The answers to a question for an address, following CNAMEs; None where the name is in none of the zones.

    Args:
        document: zones, records and front doors.
        name: without a dot at the end, in small letters.
        healthy: says whether a health check passes.
        draw: a number from 0 to 1, for weights.
    """
    if not any(name == zone or name.endswith(f".{zone}") for zone in document.zones):
        return None
    found: list[Answer] = []
    for _ in range(8):
        records = [record for record in document.records if record.name == name and record.type in ("A", "CNAME")]
        chosen = choose(records, document.viewer, healthy, draw)
        if chosen is None:
            return found
        if chosen.alias is not None:
            address = document.fronts.get(region_of(chosen.alias) or "")
            if address is not None:
                found.append((name, "A", _kept(ALIAS_SECONDS, document.pace), address))
            return found
        seconds = _kept(chosen.ttl_seconds, document.pace)
        found += [(name, chosen.type, seconds, value) for value in chosen.values]
        if chosen.type != "CNAME" or not chosen.values:
            return found
        name = chosen.values[0].rstrip(".").lower()
    return found


def choose(
    records: Sequence[RecordSpec],
    viewer: Mapping[str, str],
    healthy: Callable[[str], bool],
    draw: Callable[[], float],
) -> RecordSpec | None:
    """The record that answers, as Route 53 chooses.

    Where no record of a name is healthy, all count as healthy: an answer is better than none.
    """
    if not records:
        return None
    policy = records[0].policy
    well = [record for record in records if record.health_check is None or healthy(record.health_check)]
    if policy == "failover":
        primary = next((record for record in records if record.role == "PRIMARY"), None)
        secondary = next((record for record in records if record.role == "SECONDARY"), None)
        if primary is not None and (primary in well or secondary not in well):
            return primary
        return secondary
    pool = well or list(records)
    if policy == "latency":
        return _nearest(pool, viewer)
    if policy == "weighted":
        return _drawn(pool, draw)
    if policy == "geolocation":
        return _placed(pool, records, viewer)
    return pool[0]


def region_of(alias: str) -> str | None:
    """The region of a regional name of AWS."""
    found = _REGIONAL.search(alias)
    return next((part for part in found.groups() if part), None) if found else None


def _nearest(pool: Sequence[RecordSpec], viewer: Mapping[str, str]) -> RecordSpec:
    return next((record for record in pool if record.region == viewer.get("region")), pool[0])


def _drawn(pool: Sequence[RecordSpec], draw: Callable[[], float]) -> RecordSpec:
    total = sum(record.weight for record in pool)
    if total == 0:
        return pool[int(draw() * len(pool)) % len(pool)]
    left = draw() * total
    for record in pool:
        left -= record.weight
        if left < 0:
            return record
    return pool[-1]


def _placed(pool: Sequence[RecordSpec], every: Iterable[RecordSpec], viewer: Mapping[str, str]) -> RecordSpec | None:
    """The record of the viewer's continent, else the default; without a healthy one of these, any that is."""
    here = next((record for record in pool if record.place == viewer.get("continent")), None)
    default = next((record for record in pool if record.place == "*"), None)
    return here or default or next(iter(pool), None) or next(iter(every), None)


def _kept(seconds: float, pace: float) -> int:
    """Whole seconds, at least one: DNS knows no less."""
    return max(1, round(seconds * pace))
