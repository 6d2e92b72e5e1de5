"""The orders service on Kubernetes: what runs, how much of it, where, and who may talk to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_kubernetes as kubernetes

from components.base.layer import Component
from components.compute.cluster import NAMESPACE, SERVICE_ACCOUNT
from components.compute.registry import image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.base.place import Place
    from components.compute.balancer import Balancer
    from components.network.outputs import NetworkOutputs
    from settings.compute import ServiceSettings

NAME = "orders"
TOPOLOGY_MAP = "topology"
"""ConfigMap that holds `topology.json`; the federation writes it, once every region is known."""
CONTROLLER_CHART = "3.0.0"
"""Version of the chart of the AWS Load Balancer Controller; since 3.0 that of the controller.

Releases 3.0.0 to 3.5.0 were seen in use with both numbers alike (public repositories, searched on 21 November 2026).
"""
_LABELS = {"app.kubernetes.io/name": NAME}


class Workload(Component):
    """Deployment, scaling, budget, network policy, and the binding to the load balancer's target group."""

    layer = "compute"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        service: ServiceSettings,
        balancer: Balancer,
        network: NetworkOutputs,
        place: Place,
        ready: Sequence[pulumi.Resource],
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        self._service = service
        region = place.region
        namespace = kubernetes.core.v1.Namespace(
            f"{region}-namespace",
            metadata={
                "name": NAMESPACE,
                "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
            },
            opts=self.child(depends_on=list(ready)),
        )
        self.namespace = namespace
        kubernetes.core.v1.ServiceAccount(
            f"{region}-service-account",
            metadata=self._metadata(SERVICE_ACCOUNT),
            opts=self.child(depends_on=[namespace]),
        )
        self._deployment(namespace)
        kubernetes.core.v1.Service(
            f"{region}-service",
            metadata=self._metadata(NAME),
            spec={"selector": _LABELS, "ports": [{"name": "http", "port": service.port, "target_port": "http"}]},
            opts=self.child(depends_on=[namespace]),
        )
        kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
            f"{region}-autoscaler",
            metadata=self._metadata(NAME),
            spec={
                "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": NAME},
                "min_replicas": service.minimum,
                "max_replicas": service.maximum,
                "metrics": [
                    {
                        "type": "Resource",
                        "resource": {
                            "name": "cpu",
                            "target": {"type": "Utilization", "average_utilization": service.target_cpu_percent},
                        },
                    }
                ],
            },
            opts=self.child(depends_on=[namespace]),
        )
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{region}-disruption-budget",
            metadata=self._metadata(NAME),
            spec={"max_unavailable": 1, "selector": {"match_labels": _LABELS}},
            opts=self.child(depends_on=[namespace]),
        )
        self._network_policy(network, namespace)
        self._binding(balancer, network, namespace)
        self.done()

    def _metadata(self, name: str) -> kubernetes.meta.v1.ObjectMetaArgs:
        return kubernetes.meta.v1.ObjectMetaArgs(name=name, namespace=NAMESPACE, labels=_LABELS)

    def _deployment(self, namespace: pulumi.Resource) -> None:
        service, place = self._service, self._place
        health = {"path": "/health", "port": "http"}
        container = kubernetes.core.v1.ContainerArgs(
            name=NAME,
            image=image(place, service.image_tag),
            args=["--port", str(service.port)],
            ports=[{"name": "http", "container_port": service.port}],
            env=[
                {"name": "AWS_REGION", "value": place.region},
                {"name": "HOLDFAST_TOPOLOGY", "value": "/etc/holdfast/topology.json"},
                {"name": "HOLDFAST_PUBLISH_METRICS", "value": "1"},
                {
                    "name": "OTEL_EXPORTER_OTLP_ENDPOINT",
                    "value": "http://adot-col-otlp-ingest-collector.opentelemetry-operator-system:4318",
                },
            ],
            resources={
                "requests": {"cpu": service.cpu, "memory": service.memory},
                "limits": {"memory": service.memory},
            },
            readiness_probe={"http_get": health, "period_seconds": 5},
            liveness_probe={"http_get": health, "period_seconds": 10, "failure_threshold": 6},
            security_context={
                "allow_privilege_escalation": False,
                "read_only_root_filesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
            volume_mounts=[{"name": "topology", "mount_path": "/etc/holdfast", "read_only": True}],
        )
        kubernetes.apps.v1.Deployment(
            f"{place.region}-deployment",
            metadata=self._metadata(NAME),
            spec={
                "selector": {"match_labels": _LABELS},
                "strategy": {"type": "RollingUpdate", "rolling_update": {"max_unavailable": 0, "max_surge": "25%"}},
                "template": {
                    "metadata": {"labels": _LABELS},
                    "spec": {
                        "service_account_name": SERVICE_ACCOUNT,
                        "security_context": {
                            "run_as_non_root": True,
                            "run_as_user": 10001,
                            "seccomp_profile": {"type": "RuntimeDefault"},
                        },
                        "topology_spread_constraints": [
                            {
                                "max_skew": 1,
                                "topology_key": "topology.kubernetes.io/zone",
                                "when_unsatisfiable": "DoNotSchedule",
                                "label_selector": {"match_labels": _LABELS},
                            }
                        ],
                        "termination_grace_period_seconds": 45,
                        "containers": [container],
                        "volumes": [{"name": "topology", "config_map": {"name": TOPOLOGY_MAP}}],
                    },
                },
            },
            # The number of pods belongs to the autoscaler.
            opts=self.child(depends_on=[namespace], ignore_changes=["spec.replicas"]),
        )

    def _network_policy(self, network: NetworkOutputs, namespace: pulumi.Resource) -> None:
        """The load balancer reaches the pods; the pods reach DNS, the caches, the collector and AWS over HTTPS."""
        ports = [443, 4318, 6379, 9111]
        kubernetes.networking.v1.NetworkPolicy(
            f"{self._place.region}-network-policy",
            metadata=self._metadata(NAME),
            spec={
                "pod_selector": {"match_labels": _LABELS},
                "policy_types": ["Ingress", "Egress"],
                "ingress": [
                    {
                        "from_": [{"ip_block": {"cidr": network.cidr}}],
                        "ports": [{"protocol": "TCP", "port": self._service.port}],
                    }
                ],
                "egress": [
                    {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]},
                    {"ports": [{"protocol": "TCP", "port": port} for port in ports]},
                ],
            },
            opts=self.child(depends_on=[namespace]),
        )

    def _binding(self, balancer: Balancer, network: NetworkOutputs, namespace: pulumi.Resource) -> None:
        region = self._place.region
        controller = kubernetes.helm.v3.Release(
            f"{region}-balancer-controller",
            name="aws-load-balancer-controller",
            namespace="kube-system",
            chart="aws-load-balancer-controller",
            version=CONTROLLER_CHART,
            repository_opts={"repo": "https://aws.github.io/eks-charts"},
            values={
                "clusterName": self._place.name("eks"),
                "region": region,
                # Pods do not reach the instance metadata service, which the controller would ask for its VPC.
                "vpcId": network.vpc_id,
                "serviceAccount": {"create": True, "name": "aws-load-balancer-controller"},
                "replicaCount": 2,
            },
            opts=self.child(depends_on=[namespace]),
        )
        kubernetes.apiextensions.CustomResource(
            f"{region}-target-binding",
            api_version="elbv2.k8s.aws/v1beta1",
            kind="TargetGroupBinding",
            metadata=self._metadata(NAME),
            spec={
                "serviceRef": {"name": NAME, "port": self._service.port},
                "targetGroupARN": balancer.targets.arn,
                "targetType": "ip",
                "vpcID": network.vpc_id,
                "networking": {
                    "ingress": [
                        {
                            "from": [{"securityGroup": {"groupID": balancer.group.id}}],
                            "ports": [{"protocol": "TCP", "port": self._service.port}],
                        }
                    ]
                },
            },
            opts=self.child(depends_on=[controller]),
        )
