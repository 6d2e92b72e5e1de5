"""EKS, the orders service on it, and the load balancer in front."""

from components.compute.outputs import ComputeOutputs

__all__ = ["ComputeOutputs"]
