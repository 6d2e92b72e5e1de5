"""The API of each region, the names that lead to it, and who watches it."""

from components.edge.controls import RoutingControls
from components.edge.dashboards import EdgeDashboard, Watched
from components.edge.journeys import Journeys, canary_name
from components.edge.layer import EdgeLayer
from components.edge.names import Names
from components.edge.observer import APPLICATION_FAULT, Observer, decision_name
from components.edge.outputs import EdgeOutputs

__all__ = [
    "APPLICATION_FAULT",
    "EdgeDashboard",
    "EdgeLayer",
    "EdgeOutputs",
    "Journeys",
    "Names",
    "Observer",
    "RoutingControls",
    "Watched",
    "canary_name",
    "decision_name",
]
