"""Alarms, topics, dashboards, traces and logs of a region."""

from components.monitoring.api import RELEASE_ALARMS
from components.monitoring.home import HomeAlarms
from components.monitoring.joined import JoinedDashboard
from components.monitoring.layer import MonitoringLayer, receivers_of, table_names
from components.monitoring.outputs import MonitoringOutputs

__all__ = [
    "RELEASE_ALARMS",
    "HomeAlarms",
    "JoinedDashboard",
    "MonitoringLayer",
    "MonitoringOutputs",
    "receivers_of",
    "table_names",
]
