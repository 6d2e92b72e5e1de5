"""Alarms, topics, dashboards, traces and logs of a region."""

from components.monitoring.home import HomeAlarms
from components.monitoring.joined import JoinedDashboard
from components.monitoring.layer import MonitoringLayer
from components.monitoring.outputs import MonitoringOutputs

__all__ = ["HomeAlarms", "JoinedDashboard", "MonitoringLayer", "MonitoringOutputs"]
