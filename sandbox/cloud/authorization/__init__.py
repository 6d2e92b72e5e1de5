"""Authorization of signed requests: who asks, what for, and whether a policy allows it. Off unless asked for."""

from sandbox.cloud.authorization.guard import Guard
from sandbox.cloud.authorization.wish import Wish

__all__ = ["Guard", "Wish"]
