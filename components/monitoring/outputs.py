"""What the monitoring layer gives to the layers after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi


@dataclass(frozen=True, kw_only=True)
class MonitoringOutputs:
    """Topics and the composite alarm of one region."""

    topics: Mapping[str, str]
    """ARN of the topic of each priority, `p1` to `p4`."""
    region_alarm_arn: str
    """ARN of the alarm that says that the region is unwell."""
    serving_alarm_arn: str
    """ARN of the alarm that says that users of the region suffer: what stops an experiment."""
    ready: pulumi.Resource
    """What must exist before an experiment may be bound to the alarm."""
