"""Keys and identities."""

from components.security.keys import MultiRegionKeys, key_alias
from components.security.layer import SecurityLayer
from components.security.outputs import KeyOutputs, SecurityOutputs

__all__ = ["KeyOutputs", "MultiRegionKeys", "SecurityLayer", "SecurityOutputs", "key_alias"]
