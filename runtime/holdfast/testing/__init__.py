"""For tests: an in-memory table, scripted faults, and a clock that a test moves."""

from holdfast.testing.clock import FakeClock
from holdfast.testing.memory import AsyncMemoryRegions, LoseAnswer, MemoryRegions
from holdfast.testing.store import Store, Version

__all__ = [
    "AsyncMemoryRegions",
    "FakeClock",
    "LoseAnswer",
    "MemoryRegions",
    "Store",
    "Version",
]
