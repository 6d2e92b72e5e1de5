"""The checklist: eleven required lines and three recommended ones, and the evidence that drills leave.

What must hold is taken from the stack file, whether it holds from the state and the evidence: so the removal of a
resource or of evidence can fail a line and never pass one. What is not known is not proven, and fails.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from ops.readiness.deployed import Deployed
    from settings import Settings

State = Literal["passed", "failed", "not applicable"]
THROTTLES = ("ReadThrottleEvents", "WriteThrottleEvents")
EVIDENCE_DAYS = 92
"""A drill or a proof older than this proves nothing any more: both are quarterly."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One subject of one line."""

    id: str
    """`<line>/<subject>`; stable from run to run."""
    line: str
    required: bool
    state: State
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return asdict(self)


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
"""What was shown (`proof`, `drill:region-loss`) → the day on which it last succeeded."""


def assess(settings: Settings, deployed: Deployed, evidence: Mapping[str, date], *, today: date) -> Assessment:
    """Judge a stack."""
    judge = _Judge(settings, deployed, evidence, today)
    return Assessment(findings=tuple(sorted(judge.run(), key=lambda finding: finding.id)))


class _Judge:
    def __init__(self, settings: Settings, deployed: Deployed, evidence: Mapping[str, date], today: date) -> None:
        self._settings, self._deployed, self._evidence, self._today = settings, deployed, evidence, today
        self._regions = settings.region_names
        self._home = settings.home.name
        self._tables = dict(settings.data.tables) if settings.data else {}

    def run(self) -> Iterator[Finding]:
        for logical, table in self._tables.items():
            yield from self._table(logical, table)
        for region in self._regions:
            role = f"{self._settings.stack.name_prefix}-{region}-app"
            yield self._finding("least-privilege", region, self._deployed.scoped(role), f"policies of role {role}")
            for service in ("dynamodb", "s3"):
                found = self._deployed.endpoint(service, region)
                yield self._finding("vpc-endpoints", f"{region}/{service}", found, "an endpoint", required=False)
        yield self._finding(
            "cross-region-backup", "plan", self._deployed.copied_away(), "a copy to another region", required=False
        )
        for name in ("proof", "drill:region-loss"):
            yield self._aged(name)

    def _table(self, logical: str, table: Any) -> Iterator[Finding]:
        deployed, name = self._deployed, table.name
        home = deployed.table(name)
        regions = [self._home, *self._settings.replica_regions(logical)]
        provisioned = table.provisioned is not None
        mode = home.get("billingMode") == ("PROVISIONED" if provisioned else "PAY_PER_REQUEST")
        yield self._finding("capacity-mode", logical, mode, "the capacity mode of the stack file")
        tags = home.get("tags") or {}
        yield self._finding("backup-plan", logical, deployed.backed_up(tags), "a backup plan that selects it")
        if table.ttl_attribute is None:
            yield self._none("ttl", logical, "the stack file names no TTL attribute", required=False)
        else:
            on = (home.get("ttl") or {}).get("enabled") is True
            yield self._finding("ttl", logical, on, f"TTL on {table.ttl_attribute}", required=False)
        for region in regions:
            yield from self._in_region(f"{logical}/{region}", table, region, provisioned=provisioned)

    def _in_region(self, subject: str, table: Any, region: str, *, provisioned: bool) -> Iterator[Finding]:
        deployed, name = self._deployed, table.name
        replica = deployed.table(name) if region == self._home else deployed.replica(name, region)
        key = (replica.get("serverSideEncryption") or {}).get("kmsKeyArn") or replica.get("kmsKeyArn")
        recovery = replica.get("pointInTimeRecovery")
        recovering = recovery is True or (isinstance(recovery, dict) and recovery.get("enabled") is True)
        watch: Callable[..., bool] = deployed.alarmed
        yield self._finding("encryption-at-rest", subject, key, "a customer-managed key")
        yield self._finding("point-in-time-recovery", subject, recovering, "point-in-time recovery")
        yield self._finding(
            "alarms", subject, watch("SystemErrors", region, TableName=name), "an alarm on system errors"
        )
        throttled = all(watch(metric, region, TableName=name) for metric in THROTTLES)
        yield self._finding("throttling-alerts", subject, throttled, "alarms on throttled reads and writes")
        slow = watch("SuccessfulRequestLatency", region, TableName=name)
        yield self._finding("latency-monitoring", subject, slow, "an alarm on latency")
        yield self._finding("key-cardinality", subject, deployed.watched(name, region), "insights that show hot keys")
        if provisioned:
            yield self._finding("autoscaling", subject, deployed.scaled(name, region), "targets and policies")
        else:
            yield self._none("autoscaling", subject, "the table is on demand")
        if not table.indexes:
            yield self._none("index-capacity", subject, "the table has no index")
        for index in table.indexes:
            on = any(watch(metric, region, TableName=name, GlobalSecondaryIndexName=index) for metric in THROTTLES)
            yield self._finding("index-capacity", f"{subject}/{index}", on, "an alarm on the index's throttling")

    def _aged(self, name: str) -> Finding:
        shown = self._evidence.get(name)
        age = None if shown is None else (self._today - shown).days
        fresh = age is not None and 0 <= age <= EVIDENCE_DAYS
        said = "never shown" if age is None else f"shown {age} days ago, good for {EVIDENCE_DAYS}"
        return Finding(
            id=f"evidence/{name}", line="evidence", required=False, state="passed" if fresh else "failed", reason=said
        )

    def _finding(self, line: str, subject: str, proof: object, what: str, *, required: bool = True) -> Finding:
        state: State = "passed" if proof else "failed"
        reason = f"the state records {what}" if proof else f"the state does not record {what}"
        return Finding(id=f"{line}/{subject}", line=line, required=required, state=state, reason=reason)

    def _none(self, line: str, subject: str, reason: str, *, required: bool = True) -> Finding:
        return Finding(id=f"{line}/{subject}", line=line, required=required, state="not applicable", reason=reason)
