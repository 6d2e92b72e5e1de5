"""Alarms, topics, dashboards, traces and logs of a region."""

from components.monitoring.joined import JoinedDashboard
from components.monitoring.layer import MonitoringLayer
from components.monitoring.outputs import MonitoringOutputs

__all__ = ["JoinedDashboard", "MonitoringLayer", "MonitoringOutputs"]
