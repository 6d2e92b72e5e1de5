"""The plan of a failover: which checks hold, which do not, and the steps. A pure function of the facts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from ops.failover.lease import majority

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.failover.facts import Facts, RegionFacts, TableFacts

Kind = Literal["failover", "failback"]

LAG_LIMIT_MS = 2_000.0
"""More lag than this and a failover leaves acknowledged writes behind until the region is back."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A precondition that does not hold."""

    check: str
    """Its name, stable, for scripts."""
    message: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would be done, and what speaks against it."""

    kind: Kind
    source: str
    target: str
    faults: tuple[Fault, ...]
    warnings: tuple[str, ...]
    """What an operator should know and cannot change now."""
    steps: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return asdict(self)


STEPS: dict[str, str] = {
    "lease": "take the lease of the operation in the control table, so that two operators do not work at once",
    "drain": "wait until what {drained} acknowledged has reached {serving}",
    "compare": "compare every item's digest in {source} and {target}",
    "flag": "tell every client: {flag}",
    "spread": "wait until every region that answers shows the flag",
    "health": "wait until deep health of {source} answers {status}",
    "serve": "write and read in {serving}",
    "release": "release the lease",
}
ORDER: dict[Kind, tuple[str, ...]] = {
    "failover": ("lease", "flag", "spread", "health", "drain", "serve", "release"),
    "failback": ("lease", "drain", "compare", "flag", "spread", "health", "serve", "release"),
}


def describe(step: str, plan: Plan) -> str:
    """A step in words."""
    leaving = plan.kind == "failover"
    return STEPS[step].format(
        source=plan.source,
        target=plan.target,
        flag=f"leave {plan.source}" if leaving else f"{plan.source} may be used again",
        status="503" if leaving else "200",
        drained=plan.source if leaving else plan.target,
        serving=plan.target if leaving else plan.source,
    )


def next_region(facts: Facts, source: str) -> str | None:
    """Where clients go when they leave a region: the first other in their order that is not evacuated."""
    for name in facts.order:
        region = facts.regions[name]
        if name != source and not region.evacuated and region.reachable:
            return name
    return None


def failover(facts: Facts, source: str, target: str) -> Plan:
    """The plan to leave `source` for `target`."""
    faults = [*_common(facts), *_target(facts, target), *_capacity(facts, source, target)]
    left, taken = facts.regions[source], facts.regions[target]
    if left.evacuated:
        faults.append(
            Fault(
                check="already-evacuated",
                message=f"{source} is evacuated already",
                fix="look at it with: holdfast status",
            )
        )
    if taken.evacuated:
        faults.append(
            Fault(
                check="target-evacuated",
                message=f"{target} is evacuated itself",
                fix=f"choose another with --to, or readmit it first: holdfast failback --from {target}",
            )
        )
    goes = next_region(facts, source)
    if goes is not None and goes != target and not taken.evacuated and taken.reachable:
        faults.append(
            Fault(
                check="client-order",
                message=f"clients that leave {source} go to {goes}, which stands before {target} in their order",
                fix=f"write --to {goes}, or evacuate {goes} too",
            )
        )
    warnings = []
    if left.reachable and taken.reachable:
        faults += _lag(facts, source, target)
    if not left.reachable:
        warnings.append(
            f"{source} does not answer ({left.fault}): "
            "what it acknowledged and did not replicate arrives when it is back"
        )
    return Plan(
        kind="failover",
        source=source,
        target=target,
        faults=tuple(faults),
        warnings=tuple(warnings),
        steps=ORDER["failover"],
    )


def failback(facts: Facts, source: str, target: str) -> Plan:
    """The plan to use `source` again; `target` is the region that serves in its place."""
    faults = [*_common(facts), *_target(facts, source)]
    if not facts.regions[source].evacuated:
        faults.append(
            Fault(check="not-evacuated", message=f"{source} is in use", fix="nothing is to be done: holdfast status")
        )
    if facts.regions[source].reachable and facts.regions[target].reachable:
        faults += _lag(facts, target, source)
    return Plan(
        kind="failback", source=source, target=target, faults=tuple(faults), warnings=(), steps=ORDER["failback"]
    )


def _common(facts: Facts) -> Iterator[Fault]:
    if facts.operation is not None:
        yield Fault(
            check="operation-running",
            message=f"another operation is at work: {facts.operation}",
            fix="wait for it, or talk to that operator; its lease ends by itself",
        )
    answering = [name for name in facts.order if facts.regions[name].reachable]
    if len(answering) < majority(len(facts.order)):
        yield Fault(
            check="control-plane-alone",
            message=f"only {', '.join(answering) or 'no region'} answers: too few to hear the flag and hold the lease",
            fix="check this machine's network and credentials: holdfast doctor",
        )
    for name in facts.order:
        epochs = {region: facts.regions[region].flag_epochs.get(name, 0) for region in answering}
        if len(set(epochs.values())) > 1:
            behind = [region for region, epoch in epochs.items() if epoch < max(epochs.values())]
            yield Fault(
                check="stale-flag",
                message=f"{', '.join(behind)} shows an older flag of {name} than the others",
                fix="the control table does not replicate there; wait, and see holdfast status",
            )


def _target(facts: Facts, name: str) -> Iterator[Fault]:
    region = facts.regions[name]
    if not region.reachable:
        yield Fault(
            check="target-unreachable",
            message=f"{name} does not answer: {region.fault}",
            fix="choose another region with --to",
        )
        return
    for table in facts.tables:
        found = region.tables.get(table)
        if found is None:
            yield Fault(
                check="table-missing",
                message=f"{name} has no replica of table {table}",
                fix="deploy the stack's replicas: pulumi up",
            )
        else:
            yield from _table(name, table, found)
    yield from _health(name, region)


def _table(region: str, name: str, table: TableFacts) -> Iterator[Fault]:
    if table.status != "ACTIVE":
        yield Fault(
            check="table-not-active",
            message=f"table {name} in {region} is {table.status}",
            fix="wait until it is ACTIVE, or choose another region with --to",
        )
    if table.key_state not in ("Enabled", "none"):
        yield Fault(
            check="key-not-enabled",
            message=f"the key of table {name} in {region} is {table.key_state}",
            fix=f"enable it: aws kms enable-key --region {region} (or cancel its deletion)",
        )
    if not table.recovery:
        yield Fault(
            check="no-recovery",
            message=f"table {name} in {region} has no point-in-time recovery",
            fix="deploy the stack: pulumi up",
        )


def _health(name: str, region: RegionFacts) -> Iterator[Fault]:
    if region.service_region is not None and region.service_region != name:
        yield Fault(
            check="wrong-health-check",
            message=f"the health check of {name} is answered by {region.service_region}",
            fix="point the region's health check at its own service",
        )
    elif region.service_healthy is False and not region.evacuated:
        yield Fault(
            check="service-unhealthy",
            message=f"deep health of the orders service in {name} fails",
            fix="choose another region with --to, or mend the service first",
        )


def _lag(facts: Facts, source: str, target: str) -> Iterator[Fault]:
    lag = facts.lag_ms.get((source, target))
    if lag is None or lag > LAG_LIMIT_MS:
        measured = "nothing arrived in time" if lag is None else f"{lag:.0f} ms"
        yield Fault(
            check="lag",
            message=f"replication from {source} to {target} lags: {measured}, at most {LAG_LIMIT_MS:.0f} ms wanted",
            fix="wait until it has drained, or go with --accept lag: the rest arrives later",
        )


def _capacity(facts: Facts, source: str, target: str) -> Iterator[Fault]:
    region = facts.regions[target]
    for name, (reads, writes) in facts.load.items():
        table = region.tables.get(name)
        if table is None:
            continue
        needs = (
            ("write", writes, table.write_maximum, table.warm_writes),
            ("read", reads, table.read_maximum, table.warm_reads),
        )
        for kind, load, maximum, warm in needs:
            carried = f"table {name}: {source} carries {load:.0f} {kind} units a second"
            if maximum is not None and load > maximum:
                yield Fault(
                    check="capacity",
                    message=f"{carried}, {target} allows {maximum}",
                    fix=f"raise the table's maximum in {target}",
                )
            if warm is not None and load > warm:
                yield Fault(
                    check="warm-throughput",
                    message=f"{carried}, {target} is warm for {warm}",
                    fix=f"warm the table in {target} first (UpdateTable WarmThroughput), or expect throttling",
                )
        quota = region.account_write_maximum
        if quota is not None and writes > quota:
            yield Fault(
                check="quota",
                message=f"table {name}: {writes:.0f} write units a second; the account's quota in {target} is {quota}",
                fix="ask for a higher DynamoDB quota in that region",
            )
