"""What the reference architectures ask of zones, buckets, retention, tags, transport and releases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ops.readiness.finding import Finding, none, shown
from ops.readiness.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONES = 2
"""Zones that a workload of production is spread over at least."""
TIERS = ("public", "application", "data")
RECOVERY_TAGS = ("dr-tier", "rto-hours")
"""Tags by which recovery is reviewed, where the stack file sets them."""


class Structure(Lines):
    """Zones, buckets, retention, tags, transport and releases."""

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        yield from self._network()
        yield from self._tables()
        yield from self._backup_rules()
        yield from self._buckets()
        yield from self._caches_and_clusters()
        yield from self._functions()
        yield from self._edge()

    def _network(self) -> Iterator[Finding]:
        network = self.settings.network
        if network is None:
            for line in ("zones", "gateway-per-zone", "log-retention"):
                yield none(line, "network", "the stack file has no holdfast:network")
            return
        for region in self.regions:
            for tier in TIERS:
                zones = {
                    one.get("availabilityZone")
                    for one in self.found("aws:ec2/subnet:Subnet", region)
                    if (one.get("tags") or {}).get("Tier") == tier
                    and (tier == "public" or one.get("mapPublicIpOnLaunch") is False)
                }
                spread = len(zones - {None}) >= ZONES
                yield shown("zones", f"{region}/{tier}", spread, f"{tier} subnets in {ZONES} zones")
            if network.nat == "per-zone":
                places = {one.get("subnetId") for one in self.found("aws:ec2/natGateway:NatGateway", region)}
                yield shown("gateway-per-zone", region, len(places - {None}) >= ZONES, "a NAT gateway in each zone")
            else:
                yield none("gateway-per-zone", region, f"the stack file wants {network.nat} of them")
            kept = self.has("aws:cloudwatch/logGroup:LogGroup", region, lambda one: (
                "flow" in str(one.get("name")) and one.get("kmsKeyId")
                and (one.get("retentionInDays") or 0) >= network.flow_logs_retention_days
            ))  # fmt: skip
            yield shown("log-retention", region, kept, f"encrypted logs kept {network.flow_logs_retention_days} days")

    def _tables(self) -> Iterator[Finding]:
        wanted = dict(self.settings.stack.tags)
        for tag in RECOVERY_TAGS:
            if tag not in wanted:
                yield none("recovery-tags", tag, f"the stack file names no tag {tag}", required=False)
        for logical, table in (self.settings.data.tables if self.settings.data else {}).items():
            home = self.deployed.table(table.name)
            tags = home.get("tags") or {}
            days = table.point_in_time_recovery_days
            window = (home.get("pointInTimeRecovery") or {}).get("recoveryPeriodInDays") == days
            yield shown("recovery-window", logical, window, f"point-in-time recovery over {days} days")
            if not wanted:
                yield none("tags", logical, "the stack file names no tags", required=False)
            else:
                yield shown("tags", logical, wanted.items() <= tags.items(), "the stack's tags", required=False)
            for tag in RECOVERY_TAGS:
                if tag in wanted:
                    yield shown("recovery-tags", f"{tag}/{logical}", tags.get(tag), f"the tag {tag}", required=False)
            for region in (self.settings.home.name, *self.settings.replica_regions(logical)):
                inputs = home if region == self.settings.home.name else self.deployed.replica(table.name, region)
                key = (inputs.get("serverSideEncryption") or {}).get("kmsKeyArn") or inputs.get("kmsKeyArn")
                own = f":kms:{region}:" in str(key)
                yield shown("key-in-region", f"{logical}/{region}", own, "a key of that region itself")

    def _backup_rules(self) -> Iterator[Finding]:
        backup = self.settings.data.backup if self.settings.data else None
        if backup is None:
            yield none("backup-retention", "plan", "the stack file has no holdfast:data.backup")
            return
        rules = [rule for plan in self.found("aws:backup/plan:Plan") for rule in plan.get("rules") or []]
        for name in ("daily", "weekly", "monthly"):
            rule = getattr(backup, name)
            kept = any(
                one.get("schedule") == rule.schedule
                and (one.get("lifecycle") or {}).get("deleteAfter") == rule.delete_after_days
                and _copies(one, rule.copy_delete_after_days)
                for one in rules
            )
            yield shown("backup-retention", name, kept, f"a {name} rule that keeps {rule.delete_after_days} days")

    def _buckets(self) -> Iterator[Finding]:
        data, security = self.settings.data, self.settings.security
        audit = security.audit if security else None
        wanted = {
            "exports": data is not None and data.backup is not None and data.backup.export is not None,
            "trail": audit is not None and audit.trail,
            "changes": audit is not None and audit.changes,
        }
        for purpose, asked in wanted.items():
            if not asked:
                yield none("buckets", purpose, f"the stack file asks for no {purpose}")
                continue
            yield shown("buckets", f"{purpose}/versions", self._bucket(purpose, "bucketVersioning:BucketVersioning", (
                "versioningConfiguration", '"Enabled"')), "versions")  # fmt: skip
            kind = "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
            yield shown(
                "buckets", f"{purpose}/encryption", self._bucket(purpose, kind, ("rules", '"aws:kms"')), "a key"
            )
            kind = "bucketPolicy:BucketPolicy"
            tls = self._bucket(purpose, kind, ("policy", "aws:SecureTransport"))
            yield shown("buckets", f"{purpose}/tls", tls, "a policy that refuses what is not TLS")
            private = self._bucket(purpose, "bucketPublicAccessBlock:BucketPublicAccessBlock", *(
                (name, "true") for name in
                ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
            ))  # fmt: skip
            yield shown("buckets", f"{purpose}/private", private, "a block of public access")

    def _bucket(self, purpose: str, kind: str, *holds: tuple[str, str]) -> bool:
        """Whether the bucket of that purpose has a resource of that kind whose properties hold these words."""
        return self.has(f"aws:s3/{kind}", None, lambda one: (
            str(one.get("bucket")).endswith(f"-{purpose}")
            and all(word in _text(one.get(name)) for name, word in holds)
        ))  # fmt: skip

    def _caches_and_clusters(self) -> Iterator[Finding]:
        redis = self.settings.cache.redis if self.settings.cache else None
        if redis is None:
            yield none("cache-replicas", "redis", "the stack file has no Redis")
        if self.settings.compute is None:
            yield none("cluster-zones", "compute", "the stack file has no holdfast:compute")
        for region in self.regions:
            if redis is not None:
                copied = self.has("aws:elasticache/replicationGroup:ReplicationGroup", region, lambda one: (
                    (one.get("replicasPerNodeGroup") or 0) >= 1
                ))  # fmt: skip
                yield shown("cache-replicas", region, copied, "a replica of each shard")
            if self.settings.compute is not None:
                spread = self.has("aws:eks/cluster:Cluster", region, lambda one: (
                    len((one.get("vpcConfig") or {}).get("subnetIds") or ()) >= ZONES
                ))  # fmt: skip
                yield shown("cluster-zones", region, spread, f"a cluster in {ZONES} subnets")

    def _functions(self) -> Iterator[Finding]:
        serverless = self.settings.serverless
        if serverless is None:
            for line in ("warm-functions", "releases"):
                yield none(line, "serverless", "the stack file has no holdfast:serverless")
            return
        for region in self.regions:
            if serverless.provisioned is None:
                yield none("warm-functions", region, "the stack file keeps no function warm")
            else:
                warm = self.has("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", region)
                yield shown("warm-functions", region, warm, "a function that is kept warm")
            if serverless.release.kind != "canary":
                yield none("releases", region, "the stack file sets the weights of a release by hand")
                continue
            stopped = self.has("aws:codedeploy/deploymentGroup:DeploymentGroup", region, lambda one: (
                (one.get("autoRollbackConfiguration") or {}).get("enabled") is True
                and (one.get("alarmConfiguration") or {}).get("alarms")
            ))  # fmt: skip
            yield shown("releases", region, stopped, "a gradual release that an alarm takes back")

    def _edge(self) -> Iterator[Finding]:
        edge = self.settings.edge
        if edge is None:
            for line in ("transport", "access-logs", "rate-rules"):
                yield none(line, "edge", "the stack file has no holdfast:edge")
            return
        api = "apigateway" if edge.kind == "rest" else "apigatewayv2"
        for region in self.regions:
            safe = self.has(f"aws:{api}/domainName:DomainName", region, lambda one: (
                "TLS_1_2" in json.dumps(one) or "TLS13" in json.dumps(one)
            ))  # fmt: skip
            yield shown("transport", region, safe, "a name that takes TLS 1.2 and newer")
            logged = self.has(f"aws:{api}/stage:Stage", region, lambda one: (
                (one.get("accessLogSettings") or {}).get("destinationArn")
            ))  # fmt: skip
            yield shown("access-logs", region, logged, "access logs")
            if edge.waf is None:
                yield none("rate-rules", region, "the stack file has no firewall")
                continue
            limit = f'"limit": {edge.waf.requests_per_five_minutes}'
            limited = any(
                limit in json.dumps(one.get("rules")) for one in self.found("aws:wafv2/webAcl:WebAcl", region)
            )
            told = self.has("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", region)
            yield shown("rate-rules", region, limited and told, "a limit of each address, and its log")


def _copies(rule: dict[str, Any], days: int | None) -> bool:
    """Whether a rule copies away and keeps the copy that long; every rule does where none is asked for."""
    copies = rule.get("copyActions") or []
    return days is None or any((copy.get("lifecycle") or {}).get("deleteAfter") == days for copy in copies)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
