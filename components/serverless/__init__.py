"""The orders service as a function of Lambda, in each region."""

from components.serverless.layer import ServerlessLayer
from components.serverless.outputs import ALIAS, FunctionOutputs, ServerlessOutputs

__all__ = ["ALIAS", "FunctionOutputs", "ServerlessLayer", "ServerlessOutputs"]
