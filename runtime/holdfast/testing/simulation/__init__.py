"""Clients over regions that fail, in virtual time: one seed is one story, and replays exactly."""

from holdfast.testing.simulation.story import Fault, Story, shrink, story
from holdfast.testing.simulation.world import Result, simulate

__all__ = ["Fault", "Result", "Story", "shrink", "simulate", "story"]
