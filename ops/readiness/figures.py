"""Figures: that what was deployed has the rates, targets and thresholds of the stack file, and not merely some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.readiness.deployed import INDEX
from ops.readiness.finding import Finding, none, shown
from ops.readiness.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from settings.data import ScalingSettings, TableSettings
    from settings.monitoring import LimitSettings

MILLISECONDS = 1000


class Figures(Lines):
    """Tables, alarms and caches by their figures."""

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        for logical, table in (self.settings.data.tables if self.settings.data else {}).items():
            home = self.deployed.table(table.name)
            yield from self._table(logical, table, home)
            for region in (self.settings.home.name, *self.settings.replica_regions(logical)):
                yield from self._scaling(f"{logical}/{region}", table, region)
                yield from self._alarms(f"{logical}/{region}", table, region)
        yield from self._caches()

    def _table(self, logical: str, table: TableSettings, home: Mapping[str, Any]) -> Iterator[Finding]:
        if table.stream:
            both = home.get("streamEnabled") is True and home.get("streamViewType") == "NEW_AND_OLD_IMAGES"
            yield shown("streams", logical, both, "a stream of new and old images")
        else:
            yield none("streams", logical, "the stack file turns it off")
        if table.ceilings is None:
            yield none("ceilings", logical, "the stack file names no ceiling", required=False)
        else:
            wanted = {
                "maxReadRequestUnits": table.ceilings.read_units,
                "maxWriteRequestUnits": table.ceilings.write_units,
            }
            held = home.get("onDemandThroughput") == wanted
            yield shown("ceilings", logical, held, "the ceilings of the stack file", required=False)
        if not table.indexes:
            yield none("indexes", logical, "the table has no index")
        made = {one.get("name"): one.get("projectionType") for one in home.get("globalSecondaryIndexes") or []}
        for name, index in table.indexes.items():
            right = made.get(name) == index.projection
            yield shown("indexes", f"{logical}/{name}", right, f"the index with projection {index.projection}")

    def _scaling(self, subject: str, table: TableSettings, region: str) -> Iterator[Finding]:
        if table.provisioned is None:
            yield none("scaling-figures", subject, "the table is on demand")
            return
        for way in ("read", "write"):
            scaling: ScalingSettings = getattr(table.provisioned, way)
            unit = f"dynamodb:table:{way.capitalize()}CapacityUnits"
            where = {"resourceId": f"table/{table.name}", "scalableDimension": unit}
            bounds = where | {"minCapacity": scaling.minimum, "maxCapacity": scaling.maximum}
            bounded = self.holds("aws:appautoscaling/target:Target", region, bounds)
            figures = {
                "targetValue": scaling.target_percent,
                "scaleInCooldown": scaling.cooldown_seconds,
                "scaleOutCooldown": scaling.cooldown_seconds,
            }
            followed = any(
                where.items() <= one.items()
                and figures.items() <= (one.get("targetTrackingScalingPolicyConfiguration") or {}).items()
                for one in self.found("aws:appautoscaling/policy:Policy", region)
            )
            told = f"{scaling.minimum} to {scaling.maximum} {way} units at {scaling.target_percent} %"
            yield shown("scaling-figures", f"{subject}/{way}", bounded and followed, told)

    def _alarms(self, subject: str, table: TableSettings, region: str) -> Iterator[Finding]:
        monitoring = self.settings.monitoring
        if monitoring is None:
            yield none("alarm-thresholds", subject, "the stack file has no holdfast:monitoring")
            return
        of = monitoring.tables
        wanted: list[tuple[str, str, str | None, LimitSettings]] = [
            ("ReadThrottleEvents", "Sum", None, of.throttle_events),
            ("WriteThrottleEvents", "Sum", None, of.throttle_events),
            ("SystemErrors", "Sum", None, of.system_errors),
            ("SuccessfulRequestLatency", "Average", None, of.latency_average_ms),
            ("SuccessfulRequestLatency", "p99", None, of.latency_p99_ms),
        ]
        for name in table.indexes:
            wanted += [
                (metric, "Sum", name, of.index_throttle_events)
                for metric in ("ReadThrottleEvents", "WriteThrottleEvents")
            ]
        for metric, statistic, index, limit in wanted:
            dimensions = {"TableName": table.name} | ({INDEX: index} if index else {})
            right = any(
                one.get("threshold") == limit.above
                and one.get("evaluationPeriods") == limit.periods
                and one.get("datapointsToAlarm") == limit.datapoints
                for one in self.deployed.alarms(metric, region, statistic, **dimensions)
            )
            where = "/".join(filter(None, (subject, index, metric, statistic)))
            told = f"an alarm above {limit.above:g} in {limit.datapoints} of {limit.periods} periods"
            yield shown("alarm-thresholds", where, right, told)
        if table.replicas != () and len(self.regions) > 1 and table.consistency == "eventual":
            limit_ms = self.settings.objectives.rpo_seconds * MILLISECONDS
            late = any(
                one.get("threshold") == limit_ms
                for one in self.deployed.alarms("ReplicationLatency", region, "Average", TableName=table.name)
            )
            yield shown("alarm-thresholds", f"{subject}/ReplicationLatency", late, f"an alarm above {limit_ms} ms")

    def _caches(self) -> Iterator[Finding]:
        cache = self.settings.cache
        dax, redis = (cache.dax, cache.redis) if cache else (None, None)
        if dax is None:
            yield none("cache-figures", "dax", "the stack file has no DAX")
        if redis is None:
            yield none("cache-figures", "redis", "the stack file has no Redis")
        for region in self.regions:
            if dax is not None:
                nodes = {"replicationFactor": dax.nodes, "nodeType": dax.node_type}
                right = self.holds("aws:dax/cluster:Cluster", region, nodes)
                yield shown("cache-figures", f"{region}/dax", right, f"{dax.nodes} nodes of {dax.node_type}")
                kept = [
                    {"name": name, "value": str(dax.ttl_seconds * MILLISECONDS)}
                    for name in ("record-ttl-millis", "query-ttl-millis")
                ]
                told = any(
                    all(entry in (one.get("parameters") or []) for entry in kept)
                    for one in self.found("aws:dax/parameterGroup:ParameterGroup", region)
                )
                yield shown("cache-figures", f"{region}/dax-ttl", told, f"items served for {dax.ttl_seconds} s")
            if redis is not None:
                shape = {
                    "numNodeGroups": redis.shards,
                    "replicasPerNodeGroup": redis.replicas_per_shard,
                    "snapshotRetentionLimit": redis.snapshot_retention_days,
                }
                right = self.holds("aws:elasticache/replicationGroup:ReplicationGroup", region, shape)
                told_shape = f"{redis.shards} shards with {redis.replicas_per_shard} replicas"
                yield shown("cache-figures", f"{region}/redis", right, told_shape)
