"""How much of a stack fits into what AWS limits: the documents that name every table of every region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awsfacts import limits
from settings._errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from settings.data import DataSettings
    from settings.regions import RegionSettings

_QUOTES = 3
"""Characters that a list adds to a name: two quotes and a comma."""
_OPERATOR = (1_600, 560)
"""Characters of the operator's policy that name no table: of the whole, and of each region (measured)."""
_APPLICATION = (3_000, 180)
"""The same of the application's policy."""


def faults_of(parts: Mapping[str, Any]) -> Iterator[Fault]:
    """More regions and tables than the policies of a role can name.

    The figures are a little above what the program writes; a test holds them to it.
    """
    regions: Sequence[RegionSettings] | None = parts.get("regions")
    data: DataSettings | None = parts.get("data")
    stack = parts.get("stack")
    if regions is None or data is None or stack is None or parts.get("security") is None:
        return
    sizes = role_policies(regions, data, stack.name_prefix)
    role, size = max(sizes.items(), key=lambda item: item[1])
    if size > limits.ROLE_POLICY_CHARACTERS:
        yield Fault(
            path="holdfast:regions",
            value=len(regions),
            rule=f"{len(regions)} regions of {len(data.tables)} tables make the policy of the role {role!r} about "
            f"{size:,} characters long; IAM holds {limits.ROLE_POLICY_CHARACTERS:,} of a role",
            fix="replicate tables to fewer regions ('replicas' of a table), or make two stacks of them",
        )


def role_policies(regions: Sequence[RegionSettings], data: DataSettings, prefix: str) -> Mapping[str, int]:
    """Role → characters of its policy, at most."""
    tables = indexes = 0
    for region in regions:
        for table in data.tables.values():
            if region.home or table.replicas is None or region.name in table.replicas:
                arn = len(f"arn:aws:dynamodb:{region.name}:111122223333:table/{table.name}") + _QUOTES
                tables += arn
                indexes += sum(arn + len(f"/index/{name}") for name in table.indexes)

    def whole(figures: tuple[int, int], names: int) -> int:
        once, each = figures
        return once + len(regions) * (each + 4 * len(prefix)) + names

    return {"operator": whole(_OPERATOR, tables), "app": whole(_APPLICATION, tables + indexes)}
