"""Drills: a region is made to fail on purpose, clients go on, and what happened is measured and signed."""
