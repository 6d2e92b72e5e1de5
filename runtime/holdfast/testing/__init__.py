"""For tests: an in-memory table, scripted faults, a clock that a test moves, and an event loop in virtual time."""

from holdfast.testing.clock import FakeClock
from holdfast.testing.loop import DeadlockError, VirtualLoop, run
from holdfast.testing.memory import AsyncMemoryRegions, LoseAnswer, MemoryRegions
from holdfast.testing.store import Store, Version

__all__ = [
    "AsyncMemoryRegions",
    "DeadlockError",
    "FakeClock",
    "LoseAnswer",
    "MemoryRegions",
    "Store",
    "Version",
    "VirtualLoop",
    "run",
]
