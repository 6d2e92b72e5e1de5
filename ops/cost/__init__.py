"""What a stack costs: an estimate of its resources, the difference a change makes, and what was really spent.

from ops.cost import difference, estimate, from_state, from_steps
before, after = estimate(from_state(old)), estimate(from_steps(preview["steps"]))
difference(before, after).to_dict()
"""

from ops.cost.difference import Difference, difference
from ops.cost.estimate import estimate
from ops.cost.model import Estimate, Line, Range, Traffic
from ops.cost.resources import Resource, after_preview, from_state, from_steps
from ops.cost.traffic import traffic_of

__all__ = [
    "Difference",
    "Estimate",
    "Line",
    "Range",
    "Resource",
    "Traffic",
    "after_preview",
    "difference",
    "estimate",
    "from_state",
    "from_steps",
    "traffic_of",
]
