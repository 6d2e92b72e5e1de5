"""The checks before anything is made to fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.errors import OpsError
from ops.estate.health import examine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ops.drill.scenario import Scenario
    from ops.estate.access import Estate

LOOKS = 2
"""A region that does not answer in time is asked once more: a first request may be slow because it is the first."""


def mended(folder: Path, say: Callable[[str], None]) -> None:
    """Mend what an earlier drill left behind, if it died before it could. The stack's lock is held, so it is dead."""
    from ops.drill.standing import Standing  # noqa: PLC0415 (only where there is one)

    left = Standing.read(folder)
    if left is not None:
        say(f"drill {left.drill} died before it mended {left.region}: mending that first")
        left.heal(folder)


def check(estate: Estate, scenario: Scenario, services: dict[str, str]) -> None:
    """The stack is well, and has what the scenario takes away.

    Raises:
        OpsError: a drill on top of a failure is one too many, or there is nothing to make fail.
    """
    missing = [name for name in estate.regions if name not in services]
    if missing:
        raise OpsError(
            f"no orders service is known in {', '.join(missing)}",
            fix="bring the stack up: holdfast up --no-prove"
            if estate.sandboxed
            else 'say where they are: HOLDFAST_SERVICES=\'{"us-east-1": "https://…", …}\'',
        )
    home = estate.topology.home
    if scenario.reads and not (home.redis_endpoint or home.dax_endpoint):
        raise OpsError(
            f"stack {estate.topology.stack!r} has no cache in {home.name} to lose",
            fix="choose another scenario: holdfast drill list",
        )
    for look in range(LOOKS):
        sick = [health for health in examine(estate, services) if not health.healthy]
        if not sick:
            return
        if look == LOOKS - 1:
            raise OpsError(
                "the stack is not well, and a drill would make it worse",
                why="\n".join(f"{one.region}: {'; '.join(one.faults) or one.evacuation}" for one in sick),
                fix="see holdfast status, and begin when all regions are well",
            )


def key_to_disable(estate: Estate, scenario: Scenario) -> str | None:
    """The ARN of the key that the scenario disables, if it does.

    Raises:
        OpsError: the tables have no customer-managed key.
    """
    if not scenario.disables_key:
        return None
    region = estate.topology.home
    table = next(iter(region.tables.values()))
    described = estate.client("dynamodb", region.name).describe_table(TableName=table.name)["Table"]
    arn = described.get("SSEDescription", {}).get("KMSMasterKeyArn")
    if arn is None:
        raise OpsError(
            f"table {table.name} in {region.name} has no customer-managed key to disable", fix="choose another scenario"
        )
    return str(arn)
