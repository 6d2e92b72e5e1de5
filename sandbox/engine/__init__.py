"""The sandbox engine: runs an unchanged Pulumi program where the Pulumi CLI is absent."""

from sandbox.engine import _quiet as _quiet
from sandbox.engine.engine import Engine
from sandbox.engine.errors import EngineError, StateCorrupted, Unsupported
from sandbox.engine.model import Diagnostic, Event, Finding, Op, Outcome, Pack, PluginHost, Program, Step
from sandbox.engine.statefile import Run, StateFile
from sandbox.engine.stateful import STATEFUL, losses
from sandbox.engine.targets import Targets

__all__ = [
    "STATEFUL",
    "Diagnostic",
    "Engine",
    "EngineError",
    "Event",
    "Finding",
    "Op",
    "Outcome",
    "Pack",
    "PluginHost",
    "Program",
    "Run",
    "StateCorrupted",
    "StateFile",
    "Step",
    "Targets",
    "Unsupported",
    "losses",
]
