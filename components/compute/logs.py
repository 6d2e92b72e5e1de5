"""The log groups of a cluster: EKS and Container Insights would make them themselves, in plain and for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place

INSIGHTS = ("application", "dataplane", "host", "performance")
"""What Container Insights writes (CloudWatch user guide, "Container Insights": "Verify prerequisites", log groups)."""


class ClusterLogs(Component):
    """The group of the control plane and those of Container Insights, encrypted with the region's key for logs."""

    layer = "compute"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        cluster_name: str,
        retention_days: int,
        logs_key_arn: pulumi.Output[str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        # The name of the first is EKS's (EKS user guide, "Send control plane logs to CloudWatch Logs").
        names = {"control-plane": f"/aws/eks/{cluster_name}/cluster"} | {
            label: f"/aws/containerinsights/{cluster_name}/{label}" for label in INSIGHTS
        }
        self.groups: list[pulumi.Resource] = [
            aws.cloudwatch.LogGroup(
                f"{place.region}-logs-{label}",
                name=group,
                retention_in_days=retention_days,
                kms_key_id=logs_key_arn,
                opts=self.child(),
            )
            for label, group in names.items()
        ]
        self.done()
