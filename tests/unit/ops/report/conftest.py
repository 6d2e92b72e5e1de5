"""The report is opened in a browser."""

from tests.unit.ops.browsing import axe, browser

__all__ = ["axe", "browser"]
