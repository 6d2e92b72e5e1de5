"""Leaving a region and coming back: observed, planned, approved, executed over data planes, and resumable."""
