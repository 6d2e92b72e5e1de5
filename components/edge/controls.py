"""ARC routing controls: dear switches that work when everything else does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from settings.edge import ROUTING_CONTROL_MONTHLY_USD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.base.place import Place
    from settings.edge import RoutingControlSettings


class RoutingControls(Component):
    """A cluster, a switch a region, and the rule that at least one switch stays on."""

    layer = "edge"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        controls: RoutingControlSettings,
        regions: Sequence[str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        pulumi.log.warn(
            f"routing controls cost about ${ROUTING_CONTROL_MONTHLY_USD:,} a month "
            f"(accepted: ${controls.accept_monthly_usd:,})",
            self,
        )
        cluster = aws.route53recoverycontrol.Cluster("cluster", name=place.name("orders"), opts=self.child())
        panel = aws.route53recoverycontrol.ControlPanel(
            "panel", name=place.name("orders"), cluster_arn=cluster.arn, opts=self.child()
        )
        self.checks: dict[str, aws.route53.HealthCheck] = {}
        arns: list[pulumi.Output[str]] = []
        for region in regions:
            control = aws.route53recoverycontrol.RoutingControl(
                f"control-{region}",
                name=place.name(region),
                cluster_arn=cluster.arn,
                control_panel_arn=panel.arn,
                opts=self.child(),
            )
            arns.append(control.arn)
            self.checks[region] = aws.route53.HealthCheck(
                f"control-check-{region}",
                type="RECOVERY_CONTROL",
                routing_control_arn=control.arn,
                tags={"Name": place.name(region, "control")},
                opts=self.child(),
            )
        aws.route53recoverycontrol.SafetyRule(
            "one-stays-on",
            name=place.name("one-stays-on"),
            control_panel_arn=panel.arn,
            asserted_controls=arns,
            wait_period_ms=controls.wait_seconds * 1000,
            rule_config={"inverted": False, "threshold": 1, "type": "ATLEAST"},
            opts=self.child(),
        )
        self.done()
