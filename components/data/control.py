"""The control table: a small global table that carries the evacuation flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from settings.data import KeyAttribute, TableSettings

if TYPE_CHECKING:
    from settings import Settings

LOGICAL_NAME = "control"
"""What resources of the control table are named after."""


def control_table(settings: Settings) -> TableSettings:
    """The control table as settings of a table: one item per flag, under the key `scope`, in every region.

    Flags expire by themselves, so that a forgotten drill does not keep a region out of service.
    """
    return TableSettings(
        name=settings.control_table_name,
        partition_key=KeyAttribute(name="scope"),
        ttl_attribute="expires",
        deletion_protection=settings.stack.protect,
    )
