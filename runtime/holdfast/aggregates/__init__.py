"""Counters, leaderboards and rate windows in Redis, rebuilt from the table after a loss."""

from holdfast.aggregates.redis_aggregates import Counter, Leaderboard, RateWindow

__all__ = ["Counter", "Leaderboard", "RateWindow"]
