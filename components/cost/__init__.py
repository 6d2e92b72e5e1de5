"""Budget, anomaly detection and cost allocation tags."""

from components.cost.layer import CostLayer

__all__ = ["CostLayer"]
