"""Keys, identities, records of who did what, and secrets."""

from components.security.audit import Audit
from components.security.boundary import Boundary
from components.security.changes import ChangeAudit
from components.security.keys import MultiRegionKeys, key_alias
from components.security.layer import SecurityLayer
from components.security.outputs import KeyOutputs, SecurityOutputs
from components.security.secrets import Secrets

__all__ = [
    "Audit",
    "Boundary",
    "ChangeAudit",
    "KeyOutputs",
    "MultiRegionKeys",
    "Secrets",
    "SecurityLayer",
    "SecurityOutputs",
    "key_alias",
]
