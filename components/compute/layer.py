"""The compute layer of one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_kubernetes as kubernetes

from components.base.certificate import Certificate
from components.base.layer import Component
from components.compute.balancer import Balancer
from components.compute.cluster import NAMESPACE, Cluster
from components.compute.experiments import SERVICE_ACCOUNT, ExperimentAccess
from components.compute.outputs import ComputeOutputs
from components.compute.workload import TOPOLOGY_MAP, Workload

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi_aws as aws

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from components.security.outputs import SecurityOutputs
    from settings.compute import ComputeSettings


class ComputeLayer(Component):
    """A cluster, the orders service on it, and the load balancer that clients reach."""

    layer = "compute"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        compute: ComputeSettings,
        network: NetworkOutputs,
        security: SecurityOutputs,
        zone_name: str,
        zone_id: pulumi.Output[str],
        place: Place,
        entry_tags: Mapping[str, str],
        stack_tags: Mapping[str, str],
    ) -> None:
        super().__init__(name, opts)
        region = place.region
        certificate = Certificate(
            f"{region}-certificate", self.child(), layer="compute", zone_name=zone_name, zone_id=zone_id, place=place
        )
        balancer = Balancer(
            f"{region}-balancer",
            self.child(),
            service=compute.service,
            certificate_arn=certificate.arn,
            network=network,
            place=place,
            tags=entry_tags,
        )
        cluster = Cluster(
            f"{region}-cluster",
            self.child(),
            compute=compute,
            network=network,
            security=security,
            place=place,
            stack_tags=stack_tags,
        )
        self._kubernetes = kubernetes.Provider(
            f"{region}-kubernetes",
            kubeconfig=cluster.cluster.kubeconfig_json,
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._workload = Workload(
            f"{region}-workload",
            pulumi.ResourceOptions(parent=self, providers=[self._kubernetes]),
            service=compute.service,
            balancer=balancer,
            network=network,
            place=place,
            ready=cluster.ready,
        )
        self._region = region
        self.outputs = ComputeOutputs(
            cluster_name=cluster.cluster_name,
            namespace=NAMESPACE,
            experiment_account=SERVICE_ACCOUNT,
            node_tags=cluster.node_tags,
            balancer_dns_name=balancer.balancer.dns_name,
            balancer_zone_id=balancer.balancer.zone_id,
            balancer_suffix=balancer.balancer.arn_suffix,
            targets_suffix=balancer.targets.arn_suffix,
        )
        self._place = place
        self.done()

    def admit_experiments(self, role: aws.iam.Role) -> None:
        """Let the experiments of the region, which act under this role, act on the pods of the orders service."""
        ExperimentAccess(
            f"{self._region}-experiments",
            pulumi.ResourceOptions(parent=self, providers=[self._kubernetes]),
            cluster_name=self.outputs.cluster_name,
            role=role,
            namespace=self._workload.namespace,
            place=self._place,
        )

    def write_topology(self, text: pulumi.Output[str]) -> None:
        """Hand the topology to the pods of this region, once every region is known."""
        kubernetes.core.v1.ConfigMap(
            f"{self._region}-topology",
            metadata={"name": TOPOLOGY_MAP, "namespace": NAMESPACE},
            data={"topology.json": text},
            opts=pulumi.ResourceOptions(parent=self, provider=self._kubernetes, depends_on=[self._workload.namespace]),
        )
