"""What an account has before a stack is deployed into it by a pipeline: a place for state, a key for secrets, roles."""

from components.bootstrap.pipelines import Pipelines
from components.bootstrap.state import StateStore

__all__ = ["Pipelines", "StateStore"]
