"""Keys and identities."""

from components.security.keys import MultiRegionKeys, RegionKeys
from components.security.layer import SecurityLayer
from components.security.outputs import KeyOutputs, SecurityOutputs

__all__ = ["KeyOutputs", "MultiRegionKeys", "RegionKeys", "SecurityLayer", "SecurityOutputs"]
