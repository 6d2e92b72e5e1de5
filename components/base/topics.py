"""Four encrypted topics, one per priority, and their subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import allow, document
from components.base.layer import Component

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings.monitoring import SubscriptionsSettings

PRIORITIES = ("p1", "p2", "p3", "p4")

PUBLISHERS = ("budgets.amazonaws.com", "cloudwatch.amazonaws.com", "costalerts.amazonaws.com", "events.amazonaws.com")
"""Services that tell a topic something, on behalf of this account."""


class Topics(Component):
    """Whom alarms tell."""

    layer = "monitoring"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        subscriptions: SubscriptionsSettings,
        key_arn: pulumi.Output[str] | None,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self.arns: dict[str, str] = {}
        self.policies: list[pulumi.Resource] = []
        for priority in PRIORITIES:
            arn = place.arn("sns", place.name(priority))
            topic = aws.sns.Topic(
                f"{place.region}-topic-{priority}",
                name=place.name(priority),
                display_name=f"{place.prefix} {priority.upper()} {place.region}",
                kms_master_key_id=key_arn,
                opts=self.child(),
            )
            policy = aws.sns.TopicPolicy(
                f"{place.region}-topic-{priority}-policy",
                arn=topic.arn,
                policy=document(
                    allow(
                        "ServicesOfThisAccount",
                        ["sns:Publish"],
                        [arn],
                        principal={"Service": list(PUBLISHERS)},
                        condition={"StringEquals": {"aws:SourceAccount": place.account_id}},
                    )
                ),
                opts=self.child(),
            )
            for number, wanted in enumerate(getattr(subscriptions, priority)):
                aws.sns.TopicSubscription(
                    f"{place.region}-topic-{priority}-{number}",
                    topic=topic.arn,
                    protocol=wanted.protocol,
                    endpoint=wanted.endpoint,
                    opts=self.child(),
                )
            self.arns[priority] = arn
            self.policies.append(policy)
        self.done()
