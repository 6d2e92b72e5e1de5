"""Audit: the trail's data events, threat detection, the recorder of configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.cost.model import ZERO
from ops.cost.pricers.surroundings import decimal
from ops.cost.table_bill import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource


def _trail(trail: Resource, around: Surroundings) -> Iterator[Charge]:
    """The first copy of management events costs nothing; each call of a selected table is a data event."""
    selectors = str(trail.inputs.get("advancedEventSelectors") or trail.inputs.get("eventSelectors") or "")
    watched = [name for name in around.tables if f"table/{name}'" in selectors or "table/*" in selectors]
    events = sum((around.item_calls(name) for name in watched), ZERO)
    yield Charge("data events", "cloudtrail.data-event", events)


def _detector(_detector: Resource, around: Surroundings) -> Iterator[Charge]:
    yield Charge("management events", "guardduty.management-event", decimal(around.usage.management_events))
    yield Charge("flow and DNS logs", "guardduty.log-gb", decimal(around.usage.log_gb))


def _recorder(_recorder: Resource, around: Surroundings) -> Iterator[Charge]:
    yield Charge("recorded changes", "config.item", decimal(around.usage.configuration_items))


PRICERS = {
    "aws:cloudtrail/trail:Trail": _trail,
    "aws:guardduty/detector:Detector": _detector,
    "aws:cfg/recorder:Recorder": _recorder,
}
