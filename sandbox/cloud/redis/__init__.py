"""A Redis cluster for a region: real servers, TLS ended before those that have none."""

from sandbox.cloud.redis.cluster import RedisCluster, RedisOptions

__all__ = ["RedisCluster", "RedisOptions"]
