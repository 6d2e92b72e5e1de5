"""Puts awsfacts into the wheel, and not into an editable install, which finds the checkout's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AwsFactsHook(BuildHookInterface[Any]):
    """Runs before a wheel is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folder of facts, unless the install is editable."""
        if version == "standard":
            build_data["force_include"][str(Path(self.root).parent / "awsfacts")] = "awsfacts"
