"""Networks, caches, clusters and functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.readiness.finding import Finding, none, shown
from ops.readiness.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator
STURDY = ("automaticFailoverEnabled", "multiAzEnabled", "transitEncryptionEnabled", "atRestEncryptionEnabled")
"""What a Redis of production has switched on."""


class Running(Lines):
    """Networks, caches, clusters and functions."""

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        yield from self._network()
        yield from self._caches()
        yield from self._compute()

    def _network(self) -> Iterator[Finding]:
        if self.settings.network is None:
            yield none("flow-logs", "network", "the stack file has no holdfast:network")
            yield none("closed-default-group", "network", "the stack file has no holdfast:network")
            return
        for region in self.regions:
            logged = self.has("aws:ec2/flowLog:FlowLog", region, lambda one: one.get("trafficType") == "ALL")
            yield shown("flow-logs", region, logged, "flow logs of all traffic")
            closed = self.has("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", region)
            yield shown("closed-default-group", region, closed, "a default security group that is managed")

    def _caches(self) -> Iterator[Finding]:
        cache = self.settings.cache
        if cache is None or cache.dax is None:
            yield none("dax-encryption", "dax", "the stack file has no DAX")
        if cache is None or cache.redis is None:
            yield none("redis-resilience", "redis", "the stack file has no Redis")
        for region in self.regions if cache else ():
            if cache is not None and cache.dax is not None:
                sealed = self.has("aws:dax/cluster:Cluster", region, lambda one: (
                    one.get("clusterEndpointEncryptionType") == "TLS"
                    and (one.get("serverSideEncryption") or {}).get("enabled") is True
                ))  # fmt: skip
                yield shown("dax-encryption", region, sealed, "a DAX cluster with TLS and encryption at rest")
            if cache is not None and cache.redis is not None:
                sturdy = self.has("aws:elasticache/replicationGroup:ReplicationGroup", region, lambda one: all(
                    one.get(name) is True for name in STURDY
                ))  # fmt: skip
                yield shown("redis-resilience", region, sturdy, "a Redis that fails over, encrypted")

    def _compute(self) -> Iterator[Finding]:
        if self.settings.compute is None:
            yield none("cluster", "compute", "the stack file has no holdfast:compute")
        for region in self.regions if self.settings.compute else ():
            closed = self.has("aws:eks/cluster:Cluster", region, lambda one: (
                (one.get("vpcConfig") or {}).get("endpointPrivateAccess") is True and one.get("encryptionConfig")
                and "audit" in (one.get("enabledClusterLogTypes") or ())
            ))  # fmt: skip
            yield shown("cluster", region, closed, "a cluster with private endpoint, encrypted secrets and audit logs")
        if self.settings.serverless is None:
            yield none("functions", "serverless", "the stack file has no holdfast:serverless")
        for region in self.regions if self.settings.serverless else ():
            limited = self.has("aws:lambda/function:Function", region, lambda one: (
                one.get("reservedConcurrentExecutions") and (one.get("tracingConfig") or {}).get("mode") == "Active"
                and (one.get("deadLetterConfig") or {}).get("targetArn")
            ))  # fmt: skip
            yield shown("functions", region, limited, "a function with a limit, traces and a place for failed events")
