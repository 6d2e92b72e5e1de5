"""`holdfast:sandbox`: what a laptop's AWS listens on. It has no effect in AWS."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from settings._base import Frozen, Port, RegionName


class SandboxSettings(Frozen):
    """Ports on the loopback interface; a region that is not named gets a free one."""

    ports: Mapping[RegionName, Port] = Field(default_factory=dict)
    """Region → port of its gateway."""
