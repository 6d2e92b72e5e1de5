"""A gateway is a region's front door: one port for all its AWS APIs, which can be told to fail."""

from sandbox.cloud.gateway.faults import KINDS, Fault, FaultBook, FaultError
from sandbox.cloud.gateway.gateway import Gateway
from sandbox.cloud.gateway.once import OnceBook
from sandbox.cloud.gateway.route import Route, route_of

__all__ = ["KINDS", "Fault", "FaultBook", "FaultError", "Gateway", "OnceBook", "Route", "route_of"]
