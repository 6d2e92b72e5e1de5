"""The engine's own service: logs, by which the program and its packs tell what they have to say."""

from __future__ import annotations

from typing import Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from sandbox.engine.model import Severity
from sandbox.engine.run import Run

_SEVERITIES: Final[tuple[Severity, ...]] = ("debug", "info", "warning", "error")
ENGINE_VERSION: Final = "3.260.0"
"""The Pulumi engine whose behaviour this one follows."""


class EngineService(engine_pb2_grpc.EngineServicer):
    """Serves one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._root = ""

    async def Log(self, request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        """A line by level; what is ephemeral is for a live display alone."""
        if not request.ephemeral:
            severity = _SEVERITIES[min(request.severity, 3)]
            self._run.say(severity, request.message, request.urn, logged=True)
        return empty_pb2.Empty()

    async def GetRootResource(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """The stack's URN."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    async def SetRootResource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Remember the stack's URN."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    async def StartDebugging(self, _request: Any, context: Any) -> Any:  # noqa: N802
        """Refused: there is no debugger to attach."""
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "the sandbox engine attaches no debugger")

    async def RequirePulumiVersion(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """A program may ask for a range of versions; this engine follows one."""
        return engine_pb2.RequirePulumiVersionResponse()
