"""A laptop's AWS whose regions can fail: never for AWS itself.

`Sandbox` starts, finds and stops it. Everything listens on 127.0.0.1 only and ends with the supervisor process.
"""

from sandbox.cloud.document import SandboxDocument
from sandbox.cloud.errors import PortInUse, Refused, SandboxError
from sandbox.cloud.kinds import FaultKind
from sandbox.cloud.sandbox import Sandbox
from sandbox.cloud.status import PartStatus, ReplicationPair, SandboxStatus

__all__ = [
    "FaultKind",
    "PartStatus",
    "PortInUse",
    "Refused",
    "ReplicationPair",
    "Sandbox",
    "SandboxDocument",
    "SandboxError",
    "SandboxStatus",
]
