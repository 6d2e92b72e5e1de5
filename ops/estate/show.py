"""`holdfast status`: a line for each region as it answers, then what is wrong."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ops.estate.look import Looking, first_line
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ops.console import Output
    from ops.estate.access import Estate
    from ops.estate.early import Begun
    from ops.estate.health import RegionHealth


def line(health: RegionHealth) -> str:
    """Every fact of one region, in one line."""
    where = f"{health.region}{' (home)' if health.home else ''}"
    if not health.reachable:
        return f"{where}: UNREACHABLE, {health.evacuation}"
    lags = ", ".join(f"{name} {_ms(value)}" for name, value in sorted(health.lag_ms.items())) or "no other region"
    tables = health.tables or {}
    active = sum(status == "ACTIVE" for status in tables.values())
    parts = [
        "ok" if health.healthy else "NOT WELL",
        health.evacuation,
        f"write {_ms(health.write_ms)}, read {_ms(health.read_ms)}",
        f"lag to {lags}",
        f"tables {active} of {len(tables)} active",
        f"keys {_keys(health.keys)}",
        f"service {health.service}",
        f"breakers {health.breakers}",
        f"caches {health.caches}",
        f"alarms {', '.join(health.alarms) if health.alarms else 'none'}",
        f"restorable to {_age(health.restorable_age_seconds)} ago",
        f"last backup {_hours(health.backup_age_hours)}",
    ]
    return f"{where}: {'; '.join(parts)}"


def show(
    estate: Estate, services: Callable[[], Mapping[str, str]], output: Output, *, begun: Begun | None = None
) -> Exit:
    """Examine once; the exit code says whether every region is well and in use.

    Args:
        estate: the stack.
        services: says where its orders services are; asked after the first lines, because it takes its time.
        output: where the lines go.
        begun: a look around that is under way, from whose answers to go on.
    """
    started = begun.started if begun else time.monotonic()
    looks = list(begun.shown) if begun else []
    for look in begun.rest if begun else Looking(estate):
        looks.append(look)
        output.say(first_line(look), style="red" if look.fault else None)
    # Only now: it loads boto3, which the first lines need not wait for.
    from ops.estate.health import examine  # noqa: PLC0415

    found: dict[str, RegionHealth] = {}
    for health in examine(estate, services(), looks):
        found[health.region] = health
        output.say(line(health), style=None if health.healthy else "red")
    ordered = [found[name] for name in estate.regions]
    faults = [f"{health.region}: {fault}" for health in ordered for fault in health.faults]
    for fault in faults:
        output.warn(fault)
    left = _left_behind(estate)
    if left is not None:
        output.warn(left)
    healthy = all(health.healthy for health in ordered)
    document: dict[str, Any] = {
        "ok": healthy,
        "stack": estate.topology.stack,
        "left_behind": left,
        "seconds": round(time.monotonic() - started, 3),
        "regions": [health.to_dict() for health in ordered],
    }
    output.result(document)
    return Exit.OK if healthy else Exit.FAILED


def _left_behind(estate: Estate) -> str | None:
    """What a drill left that was killed together with the process that heals."""
    from ops.drill.standing import Standing  # noqa: PLC0415 (after the first lines)

    if estate.workspace is None:
        return None
    left = Standing.left(estate.workspace.root)
    return None if left is None else left.said(estate.workspace.stack)


def _keys(keys: Mapping[str, str] | None) -> str:
    if not keys:
        return "none of the stack's own"
    good = sum(state == "Enabled" for state in keys.values())
    others = [f"{arn} {state}" for arn, state in keys.items() if state != "Enabled"]
    return f"{good} of {len(keys)} enabled{''.join(f', {one}' for one in others)}"


def _ms(value: float | None) -> str:
    return "none in time" if value is None else f"{value:.0f} ms"


def _age(seconds: float | None) -> str:
    return "no moment" if seconds is None else f"{seconds:.0f} s"


def _hours(hours: float | None) -> str:
    return "none" if hours is None else f"{hours:.1f} h ago"
