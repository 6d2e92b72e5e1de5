"""The metrics that AWS services publish: an alarm on anything else can never fire."""

from awsfacts.metrics.catalogue import METRICS, Metric, find, why_dead

__all__ = ["METRICS", "Metric", "find", "why_dead"]
