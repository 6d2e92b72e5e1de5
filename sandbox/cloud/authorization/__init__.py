"""Authorization of signed requests: who asks, what for, and whether a policy allows it. Off unless asked for."""

from sandbox.cloud.authorization.guard import Credentials, Guard
from sandbox.cloud.authorization.wish import Wish

__all__ = ["Credentials", "Guard", "Wish"]
