"""The control table: a small global table that carries the evacuation flags, by `Settings.control_table`."""

from __future__ import annotations

LOGICAL_NAME = "control"
"""What resources of the control table are named after."""
