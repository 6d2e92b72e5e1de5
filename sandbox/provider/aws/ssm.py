"""To come."""

from sandbox.provider.resource import Kind

KINDS: tuple[Kind, ...] = ()
