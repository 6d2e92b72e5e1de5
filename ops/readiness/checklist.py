"""The checklist: eleven required lines and three recommended ones, and the evidence that drills leave.

What must hold is taken from the stack file, whether it holds from the state and the evidence: so the removal of a
resource or of evidence can fail a line and never pass one. What is not known is not proven, and fails.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ops.readiness.finding import Finding, State, none, shown
from ops.readiness.fixes import fix_of
from ops.readiness.pillars import PILLARS, pillar_of
from ops.readiness.production import production

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from ops.readiness.deployed import Deployed
    from settings import Settings

THROTTLES = ("ReadThrottleEvents", "WriteThrottleEvents")
EVIDENCE_DAYS = 92
"""A drill or a proof older than this proves nothing any more: both are quarterly."""
REPORT_DAYS = 62
"""After the end of its month: the choice of capacity is looked at every month, and a month may be late."""


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """All findings, in a stable order."""

    findings: tuple[Finding, ...]

    def lines(self) -> dict[str, State]:
        """A line passes where all its subjects pass, and does not apply where none does."""
        states: dict[str, set[State]] = {}
        for finding in self.findings:
            states.setdefault(finding.line, set()).add(finding.state)
        return {
            line: "failed" if "failed" in found else "passed" if "passed" in found else "not applicable"
            for line, found in states.items()
        }

    def pillars(self) -> dict[str, float]:
        """Pillar → share of its applicable subjects that pass, 0 to 1; without those to which nothing applies."""
        counts: dict[str, list[bool]] = {}
        for finding in self.findings:
            if finding.state != "not applicable":
                counts.setdefault(pillar_of(finding.line), []).append(finding.state == "passed")
        return {name: round(sum(counts[name]) / len(counts[name]), 4) for name in PILLARS if name in counts}

    @property
    def ready(self) -> bool:
        """Whether no required line fails."""
        return not any(finding.required and finding.state == "failed" for finding in self.findings)

    @property
    def score(self) -> float:
        """Share of the applicable subjects that pass, 0 to 1. Which ones apply is the stack file's word alone."""
        applicable = [finding for finding in self.findings if finding.state != "not applicable"]
        passed = sum(finding.state == "passed" for finding in applicable)
        return round(passed / len(applicable), 4) if applicable else 0.0


Evidence = dict[str, "date"]
"""What was shown (`proof`, `restore`, `drill:region-loss`, `objective:rto`) → the day on which it last succeeded."""
PRACTISED = (
    "region-loss", "partition", "table-throttling", "slow-region", "cache-loss", "key-disabled", "zone-loss",
    "bad-deployment",
)  # fmt: skip
"""Scenarios that are practised each quarter; those that repeat a public incident are beside the checklist."""


def assess(settings: Settings, deployed: Deployed, evidence: Mapping[str, date], *, today: date) -> Assessment:
    """Judge a stack."""
    judge = _Judge(settings, deployed, evidence, today)
    found = (replace(one, fix=fix_of(one)) if one.state == "failed" else one for one in judge.run())
    return Assessment(findings=tuple(sorted(found, key=lambda finding: finding.id)))


class _Judge:
    def __init__(self, settings: Settings, deployed: Deployed, evidence: Mapping[str, date], today: date) -> None:
        self._settings, self._deployed, self._evidence, self._today = settings, deployed, evidence, today
        self._regions = settings.region_names
        self._home = settings.home.name
        self._tables = dict(settings.data.tables) if settings.data else {}

    def run(self) -> Iterator[Finding]:
        deployed = self._deployed
        for logical, table in self._tables.items():
            yield from self._table(logical, table)
        for region in self._regions:
            role = f"{self._settings.stack.name_prefix}-{region}-app"
            yield shown("least-privilege", region, self._deployed.scoped(role), f"policies of role {role}")
            for service in ("dynamodb", "s3"):
                found = self._deployed.endpoint(service, region)
                yield shown("vpc-endpoints", f"{region}/{service}", found, "an endpoint", required=False)
        yield shown(
            "cross-region-backup", "plan", self._deployed.copied_away(), "a copy to another region", required=False
        )
        yield from production(self._settings, deployed)
        for name in ("proof", "restore", *(f"drill:{scenario}" for scenario in PRACTISED)):
            yield self._aged("evidence", name)
        yield self._aged("capacity-report", "month", days=REPORT_DAYS)
        for name in ("rto", "rpo"):
            if len(self._regions) > 1:
                yield self._aged("objectives", name)
            else:
                yield none("objectives", name, "the stack has one region", required=False)

    def _table(self, logical: str, table: Any) -> Iterator[Finding]:
        deployed, name = self._deployed, table.name
        home = deployed.table(name)
        regions = [self._home, *self._settings.replica_regions(logical)]
        provisioned = table.provisioned is not None
        mode = home.get("billingMode") == ("PROVISIONED" if provisioned else "PAY_PER_REQUEST")
        yield shown("capacity-mode", logical, mode, "the capacity mode of the stack file")
        tags = home.get("tags") or {}
        yield shown("backup-plan", logical, deployed.backed_up(tags), "a backup plan that selects it")
        if table.ttl_attribute is None:
            yield none("ttl", logical, "the stack file names no TTL attribute", required=False)
        else:
            on = (home.get("ttl") or {}).get("enabled") is True
            yield shown("ttl", logical, on, f"TTL on {table.ttl_attribute}", required=False)
        for region in regions:
            yield from self._in_region(f"{logical}/{region}", table, region, provisioned=provisioned)

    def _in_region(self, subject: str, table: Any, region: str, *, provisioned: bool) -> Iterator[Finding]:
        deployed, name = self._deployed, table.name
        replica = deployed.table(name) if region == self._home else deployed.replica(name, region)
        key = (replica.get("serverSideEncryption") or {}).get("kmsKeyArn") or replica.get("kmsKeyArn")
        recovery = replica.get("pointInTimeRecovery")
        recovering = recovery is True or (isinstance(recovery, dict) and recovery.get("enabled") is True)
        watch: Callable[..., bool] = deployed.alarmed
        yield shown("encryption-at-rest", subject, key, "a customer-managed key")
        yield shown("point-in-time-recovery", subject, recovering, "point-in-time recovery")
        yield shown("alarms", subject, watch("SystemErrors", region, TableName=name), "an alarm on system errors")
        throttled = all(watch(metric, region, TableName=name) for metric in THROTTLES)
        yield shown("throttling-alerts", subject, throttled, "alarms on throttled reads and writes")
        slow = watch("SuccessfulRequestLatency", region, TableName=name)
        yield shown("latency-monitoring", subject, slow, "an alarm on latency")
        yield shown("key-cardinality", subject, deployed.watched(name, region), "insights that show hot keys")
        if provisioned:
            yield shown("autoscaling", subject, deployed.scaled(name, region), "targets and policies")
        else:
            yield none("autoscaling", subject, "the table is on demand")
        if not table.indexes:
            yield none("index-capacity", subject, "the table has no index")
        for index in table.indexes:
            on = any(watch(metric, region, TableName=name, GlobalSecondaryIndexName=index) for metric in THROTTLES)
            yield shown("index-capacity", f"{subject}/{index}", on, "an alarm on the index's throttling")

    def _aged(self, line: str, name: str, *, days: int = EVIDENCE_DAYS) -> Finding:
        """Recommended: evidence comes after a deployment, and grows old."""
        day = self._evidence.get({"evidence": name, "objectives": f"objective:{name}"}.get(line, line))
        age = None if day is None else (self._today - day).days
        fresh = age is not None and 0 <= age <= days
        said = "never shown" if age is None else f"shown {age} days ago, good for {days}"
        state: State = "passed" if fresh else "failed"
        return Finding(id=f"{line}/{name}", line=line, required=False, state=state, reason=said)
