"""The most accessed keys of each table, from its contributor insights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ops.estate.access import Estate

HOURS = 24
TOP = 5


@dataclass(frozen=True, kw_only=True)
class HotKey:
    """A key, and its share of what the rule counted."""

    table: str
    region: str
    kind: str
    """`accessed` or `throttled`."""
    key: str
    share: float

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {**vars(self), "share": round(self.share, 4)}


@dataclass(frozen=True, kw_only=True)
class HotKeys:
    """What was found, and where nothing could be."""

    keys: tuple[HotKey, ...]
    unknown: tuple[str, ...]
    """`table in region: why`."""


def hot_keys(estate: Estate, tables: Iterable[str], *, until: datetime) -> HotKeys:
    """The top keys of the last day, in every region."""
    found: list[HotKey] = []
    unknown: list[str] = []
    for region in estate.regions:
        for table in tables:
            try:
                rules = estate.client("dynamodb", region).describe_contributor_insights(TableName=table)
                for rule in rules.get("ContributorInsightsRuleList") or []:
                    found += _top(estate, region, table, rule, until)
                if rules.get("ContributorInsightsStatus") != "ENABLED":
                    unknown.append(f"{table} in {region}: contributor insights are not on")
            except (BotoCoreError, ClientError) as error:
                unknown.append(f"{table} in {region}: {error}")
    return HotKeys(keys=tuple(found), unknown=tuple(unknown))


def _top(estate: Estate, region: str, table: str, rule: str, until: datetime) -> list[HotKey]:
    report = estate.client("cloudwatch", region).get_insight_rule_report(
        RuleName=rule,
        StartTime=until - timedelta(hours=HOURS),
        EndTime=until,
        Period=3600,
        MaxContributorCount=TOP,
    )
    total = report.get("AggregateValue") or 0.0
    # DynamoDB names its rules …-PKC-… and …-SKC-… for what is accessed, …-PKT-… and …-SKT-… for what is throttled.
    kind = "throttled" if "-PKT-" in rule or "-SKT-" in rule else "accessed"
    return [
        HotKey(
            table=table,
            region=region,
            kind=kind,
            key=" / ".join(one["Keys"]),
            share=one["ApproximateAggregateValue"] / total if total else 0.0,
        )
        for one in report.get("Contributors") or []
    ]
