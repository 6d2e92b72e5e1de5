"""EKS, the orders service on it, and the load balancer in front."""

from components.compute.layer import ComputeLayer
from components.compute.outputs import ComputeOutputs
from components.compute.registry import Registry

__all__ = ["ComputeLayer", "ComputeOutputs", "Registry"]
