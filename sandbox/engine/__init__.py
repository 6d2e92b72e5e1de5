"""The sandbox engine: runs an unchanged Pulumi program where the Pulumi CLI is absent."""

from sandbox.engine.errors import EngineError, StateCorrupted, Unsupported
from sandbox.engine.model import Diagnostic, Event, Finding, Op, Outcome, Pack, PluginHost, Program, Step

__all__ = [
    "Diagnostic",
    "EngineError",
    "Event",
    "Finding",
    "Op",
    "Outcome",
    "Pack",
    "PluginHost",
    "Program",
    "StateCorrupted",
    "Step",
    "Unsupported",
]
