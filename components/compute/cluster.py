"""An EKS cluster: private, encrypted, audited, with nodes over three zones and identities per pod."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks

from components.base.documents import allow, document, pod_trust
from components.base.layer import Component
from components.compute.logs import ClusterLogs
from components.compute.nodes import launch_template, node_group

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from components.security.outputs import SecurityOutputs
    from settings.compute import ComputeSettings

LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
"""Every log of the control plane."""

NAMESPACE = "orders"
SERVICE_ACCOUNT = "orders"

_NODE_POLICIES = (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryPullOnly",
)
"""What a node needs (EKS user guide, "Amazon EKS node IAM role")."""

_ADDONS = ("eks-pod-identity-agent", "metrics-server", "cert-manager", "amazon-cloudwatch-observability", "adot")
"""Pod identities, the measures that pods are scaled by, certificates for the collector's webhooks, Container Insights,
and the OpenTelemetry collector.

Names: EKS user guide, "AWS add-ons"; of `metrics-server` and `cert-manager`, "Community add-ons", which their projects
support and AWS only installs (read on 21 November 2026). `adot` asks for cert-manager (AWS Distro for OpenTelemetry,
"EKS add-on", "Requirements"). Each is made after the one before it.
"""

COLLECTOR = ("opentelemetry-operator-system", "adot-col-otlp-ingest")
"""Namespace and service account of the collector that takes OTLP (AWS Distro for OpenTelemetry, "OTLP ingest")."""


class Cluster(Component):
    """The cluster of one region."""

    layer = "compute"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        compute: ComputeSettings,
        network: NetworkOutputs,
        security: SecurityOutputs,
        place: Place,
        stack_tags: Mapping[str, str],
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        self.cluster_name = place.name("eks")
        self.node_tags = {"holdfast:experiments": place.name("nodes")}
        node_role = self._node_role()
        logs = ClusterLogs(
            f"{place.region}-cluster-logs",
            self.child(),
            cluster_name=self.cluster_name,
            retention_days=compute.log_retention_days,
            logs_key_arn=security.keys.logs,
            place=place,
        )
        self.cluster = eks.Cluster(
            f"{place.region}-eks",
            name=self.cluster_name,
            version=compute.kubernetes_version,
            vpc_id=network.vpc_id,
            private_subnet_ids=list(network.application_subnet_ids),
            public_subnet_ids=list(network.public_subnet_ids),
            endpoint_private_access=True,
            endpoint_public_access=bool(compute.public_access_cidrs),
            public_access_cidrs=list(compute.public_access_cidrs) or None,
            authentication_mode=eks.AuthenticationMode.API,
            encryption_config_key_arn=security.keys.data,
            enabled_cluster_log_types=LOG_TYPES,
            skip_default_node_group=True,
            node_associate_public_ip_address=False,
            instance_roles=[node_role],
            create_oidc_provider=True,
            # EKS makes the group of its logs where it finds none, and keeps it for ever.
            opts=self.child(depends_on=logs.groups),
        )
        nodes = node_group(
            compute.nodes,
            cluster=self.cluster,
            role=node_role,
            subnet_ids=network.application_subnet_ids,
            template=launch_template(compute.nodes, {**stack_tags, **self.node_tags}, place, self.child()),
            tags=self.node_tags,
            kubernetes_version=compute.kubernetes_version,
            place=place,
            opts=self.child(),
        )
        self.ready: list[pulumi.Resource] = [nodes]
        for addon in _ADDONS:
            before = self.ready[-1]
            made = aws.eks.Addon(
                f"{place.region}-addon-{addon}",
                cluster_name=self.cluster_name,
                addon_name=addon,
                resolve_conflicts_on_update="OVERWRITE",
                configuration_values=_addon_configuration(addon),
                opts=self.child(depends_on=[before]),
            )
            self.ready.append(made)
        self._identities(security)
        self.done()

    def _node_role(self) -> aws.iam.Role:
        place = self._place
        role = aws.iam.Role(
            f"{place.region}-nodes-role",
            name=place.global_name("nodes"),
            description=f"Nodes of the cluster in {place.region}",
            assume_role_policy=document(allow("Nodes", ["sts:AssumeRole"], principal={"Service": "ec2.amazonaws.com"})),
            opts=self.child(),
        )
        for policy in _NODE_POLICIES:
            aws.iam.RolePolicyAttachment(
                f"{place.region}-nodes-{policy}",
                role=role.name,
                policy_arn=f"arn:aws:iam::aws:policy/{policy}",
                opts=self.child(),
            )
        return role

    def _identities(self, security: SecurityOutputs) -> None:
        """Which pods have which role: the orders service, the load balancer controller, the collectors."""
        place = self._place
        self._pod("orders", NAMESPACE, SERVICE_ACCOUNT, security.app_role_arn)
        self._pod("balancer", "kube-system", "aws-load-balancer-controller", self._role("balancer", _balancer(place)))
        self._pod("insights", "amazon-cloudwatch", "cloudwatch-agent", self._role("insights", _collector(place)))
        self._pod("collector", *COLLECTOR, self._role("collector", _collector(place)))

    def _role(self, label: str, policy: str) -> str:
        place = self._place
        role = aws.iam.Role(
            f"{place.region}-{label}-role",
            name=place.global_name(label),
            description=f"{label} in {place.region}",
            assume_role_policy=pod_trust(place),
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            f"{place.region}-{label}-policy", name="duty", role=role.name, policy=policy, opts=self.child()
        )
        return place.role_arn(place.global_name(label))

    def _pod(self, label: str, namespace: str, service_account: str, role_arn: str) -> None:
        aws.eks.PodIdentityAssociation(
            f"{self._place.region}-pods-{label}",
            cluster_name=self.cluster_name,
            namespace=namespace,
            service_account=service_account,
            role_arn=role_arn,
            opts=self.child(depends_on=[self.cluster]),
        )


def _addon_configuration(addon: str) -> str | None:
    """Traces and metrics of the service go through the collector; the others run as they come."""
    if addon != "adot":
        return None
    ingest = {
        "pipelines": {"traces": {"xray": {"enabled": True}}},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
    }
    return json.dumps({"collector": {"otlpIngest": ingest}})


def _balancer(place: Place) -> str:
    """What the controller needs for a TargetGroupBinding, and nothing that makes a balancer.

    It registers pods with the target group of the stack and lets the load balancer reach them (AWS Load Balancer
    Controller, "Controller installation" and "TargetGroupBinding").
    """
    return document(
        allow(
            "RegisterPods",
            ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
            [place.arn("elasticloadbalancing", f"targetgroup/{place.name('orders')}/*")],
        ),
        # The rules of `networking` go into the security group that EKS makes for the cluster, and only there.
        allow(
            "LetTheBalancerIn",
            ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"],
            [place.arn("ec2", "security-group/*")],
            condition={"StringEquals": {"aws:ResourceTag/aws:eks:cluster-name": place.name("eks")}},
        ),
        # Describing takes no resource (service authorization reference, Elastic Load Balancing and EC2).
        allow(
            "Look",
            [
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeInstances",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            ["*"],
        ),
    )


def _collector(place: Place) -> str:
    return document(
        allow(
            "Logs",
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:PutRetentionPolicy"],
            [
                place.log_group_arn(f"/{place.prefix}/{place.region}/orders"),
                place.log_group_arn(f"/aws/containerinsights/{place.name('eks')}/*"),
            ],
        ),
        # Metrics and traces take no resource (service authorization reference, CloudWatch and X-Ray).
        allow(
            "Metrics",
            ["cloudwatch:PutMetricData"],
            ["*"],
            condition={
                "StringEquals": {
                    "cloudwatch:namespace": ["Application/DynamoDB", "Application/Orders", "ContainerInsights"]
                }
            },
        ),
        allow("Traces", ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTraceSegments"], ["*"]),
    )
