"""Global tables: what is written in one region reaches the others, and all come to hold the same."""

from sandbox.cloud.replication.core import Change, Group, Link, Register, Version

__all__ = ["Change", "Group", "Link", "Register", "Version"]
