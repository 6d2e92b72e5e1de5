"""A small provider, and programs for it, with which the engine itself is tested and measured."""

from sandbox.engine.testing.host import TestHost
from sandbox.engine.testing.provider import Call, World
from sandbox.engine.testing.sdk import write_program

__all__ = ["Call", "TestHost", "World", "write_program"]
