"""The cost layer: once per stack, told to the topics of the home region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from components.base.place import Place
    from settings.cost import CostSettings

TAGS = ("CostCenter", "Environment", "Service", "Stack")
"""Tags by which the bill is divided."""


class CostLayer(Component):
    """A monthly budget of what carries the stack's tag, actual and forecast."""

    layer = "cost"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        cost: CostSettings,
        topics: Mapping[str, str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        aws.budgets.Budget(
            "budget",
            name=place.name("monthly"),
            budget_type="COST",
            limit_amount=str(cost.monthly_usd),
            limit_unit="USD",
            time_unit="MONTHLY",
            cost_filters=[{"name": "TagKeyValue", "values": [f"user:Stack${place.stack}"]}],
            notifications=[
                {
                    "comparison_operator": "GREATER_THAN",
                    "notification_type": kind,
                    "threshold": percent,
                    "threshold_type": "PERCENTAGE",
                    "subscriber_sns_topic_arns": [topics["p3"]],
                }
                for percent in cost.alert_percents
                for kind in ("ACTUAL", "FORECASTED")
            ],
            opts=self.child(),
        )
        if cost.own_account_settings:
            self._account(cost, topics, place)
        self.done()

    def _account(self, cost: CostSettings, topics: Mapping[str, str], place: Place) -> None:
        """Settings of the whole account, which one stack owns."""
        monitor = aws.costexplorer.AnomalyMonitor(
            "anomalies",
            name=place.name("services"),
            monitor_type="DIMENSIONAL",
            monitor_dimension="SERVICE",
            opts=self.child(),
        )
        aws.costexplorer.AnomalySubscription(
            "anomalies-told",
            name=place.name("anomalies"),
            frequency="IMMEDIATE",
            monitor_arn_lists=[monitor.arn],
            subscribers=[{"type": "SNS", "address": topics["p3"]}],
            threshold_expression={
                "dimension": {
                    "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "match_options": ["GREATER_THAN_OR_EQUAL"],
                    "values": [str(cost.anomaly_usd)],
                }
            },
            opts=self.child(),
        )
        for tag in TAGS:
            aws.costexplorer.CostAllocationTag(
                f"allocation-{tag.lower()}", tag_key=tag, status="Active", opts=self.child()
            )
