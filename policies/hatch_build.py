"""Puts awsfacts into the distributions, and not into an editable install, which finds the checkout's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AwsFactsHook(BuildHookInterface[Any]):
    """Runs before a distribution is built. A wheel made of the source distribution finds the facts inside of it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folder of facts, unless the install is editable."""
        inside, beside = Path(self.root) / "awsfacts", Path(self.root).parent / "awsfacts"
        if version == "standard":
            build_data["force_include"][str(inside if inside.is_dir() else beside)] = "awsfacts"
