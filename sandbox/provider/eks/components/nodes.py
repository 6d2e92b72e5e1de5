"""Node groups and the security group of nodes."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from sandbox.provider.eks.components.base import Component, Inputs, field

_ROLE = "nodeRole or nodeRoleArn: a managed node group needs an IAM role; pass one of them"
_TEMPLATED = ("kubeletExtraArgs", "bootstrapExtraArgs", "userData", "amiId", "enableIMDSv2", "nodeadmExtraOptions")
"""Options that the real component carries in a launch template of its own, and refuses beside one of the program."""
_REFUSED = "diskSize"
"""What EKS refuses beside a launch template (EKS user guide, "Customize managed nodes with launch templates")."""


def node_security(
    name: str, inputs: Inputs, cluster_name: pulumi.Input[str], group_id: pulumi.Input[str], parent: Component
) -> tuple[aws.ec2.SecurityGroup, aws.ec2.SecurityGroupRule]:
    """The nodes' security group with its rules, and the rule that lets nodes reach the API server."""
    opts = pulumi.ResourceOptions(parent=parent)
    tags = pulumi.Output.all(inputs.get("tags") or {}, cluster_name).apply(
        lambda found: {
            "Name": f"{name}-nodeSecurityGroup",
            f"kubernetes.io/cluster/{found[1]}": "owned",
            **found[0],
        }
    )
    group = aws.ec2.SecurityGroup(
        f"{name}-nodeSecurityGroup", vpc_id=inputs["vpcId"], revoke_rules_on_delete=True, tags=tags, opts=opts
    )

    def rule(suffix: str, text: str, kind: str, ports: tuple[int, int], protocol: str, **peer: Any) -> None:
        aws.ec2.SecurityGroupRule(
            f"{name}-{suffix}",
            description=text,
            type=kind,
            from_port=ports[0],
            to_port=ports[1],
            protocol=protocol,
            security_group_id=group.id,
            opts=opts,
            **peer,
        )

    rule("eksNodeIngressRule", "Nodes reach each other", "ingress", (0, 0), "-1", self=True)
    control_plane = {"source_security_group_id": group_id}
    rule(
        "eksNodeClusterIngressRule",
        "The control plane reaches kubelets and pods",
        "ingress",
        (1025, 65535),
        "tcp",
        **control_plane,
    )
    rule(
        "eksExtApiServerClusterIngressRule",
        "The control plane reaches extension API servers",
        "ingress",
        (443, 443),
        "tcp",
        **control_plane,
    )
    rule("eksNodeInternetEgressRule", "Nodes reach the internet", "egress", (0, 0), "-1", cidr_blocks=["0.0.0.0/0"])
    ingress = aws.ec2.SecurityGroupRule(
        f"{name}-eksClusterIngressRule",
        description="Pods reach the cluster's API server",
        type="ingress",
        from_port=443,
        to_port=443,
        protocol="tcp",
        security_group_id=group_id,
        source_security_group_id=group.id,
        opts=opts,
    )
    return group, ingress


class NodeGroupSecurityGroup(Component):
    """`eks.NodeGroupSecurityGroup`."""

    def __init__(self, name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("eks:index:NodeGroupSecurityGroup", name, opts)
        cluster = pulumi.Output.from_input(inputs["eksCluster"])
        control = pulumi.Output.from_input(inputs["clusterSecurityGroup"])
        group, rule = node_security(
            name, inputs, cluster.apply(lambda c: c.name), control.apply(lambda found: found.id), self
        )
        self.done(
            {
                "securityGroup": group,
                "securityGroupRule": rule,
                "securityGroupId": group.id,
            }
        )


class ManagedNodeGroup(Component):
    """`eks.ManagedNodeGroup`: a node group that AWS manages."""

    def __init__(self, name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("eks:index:ManagedNodeGroup", name, opts)
        role = inputs.get("nodeRoleArn")
        if role is None and inputs.get("nodeRole") is not None:
            role = pulumi.Output.from_input(inputs["nodeRole"]).apply(lambda found: found.arn)
        if role is None:
            raise pulumi.InputPropertyError("nodeRole", _ROLE)
        core = pulumi.Output.from_input(inputs["cluster"]).apply(lambda cluster: field(cluster, "core") or cluster)
        cluster = core.apply(lambda found: field(found, "cluster"))
        templated = [key for key in _TEMPLATED if inputs.get(key) is not None]
        given = inputs.get("launchTemplate")
        beside = [*templated, *([_REFUSED] if inputs.get(_REFUSED) is not None else [])]
        if given is not None and beside:
            raise pulumi.InputPropertyError(
                "launchTemplate", f"goes with none of {', '.join(beside)}; say it in the launch template instead"
            )
        template = self._template(name, inputs) if templated else None
        self.node_group = aws.eks.NodeGroup(
            name,
            cluster_name=inputs.get("clusterName") or cluster.apply(lambda found: found.name),
            node_role_arn=role,
            subnet_ids=inputs.get("subnetIds") or core.apply(lambda found: field(found, "subnetIds")),
            scaling_config=_scaling(inputs.get("scalingConfig")),
            ami_type=inputs.get("amiType"),
            capacity_type=inputs.get("capacityType"),
            disk_size=None if template else inputs.get("diskSize"),
            instance_types=inputs.get("instanceTypes"),
            labels=inputs.get("labels"),
            launch_template={
                "id": template.id,
                "version": template.latest_version.apply(lambda number: str(int(number))),
            }
            if template
            else given,
            node_group_name=inputs.get("nodeGroupName"),
            node_group_name_prefix=inputs.get("nodeGroupNamePrefix"),
            force_update_version=inputs.get("forceUpdateVersion"),
            release_version=inputs.get("releaseVersion"),
            remote_access=_remote_access(inputs.get("remoteAccess")),
            taints=inputs.get("taints"),
            version=inputs.get("version")
            or (None if template or given else cluster.apply(lambda found: found.version)),
            tags=inputs.get("tags"),
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["scalingConfig.desiredSize"] if inputs.get("ignoreScalingChanges") else None,
            ),
        )
        self.done({"nodeGroup": self.node_group, "placementGroupName": ""})

    def _template(self, name: str, inputs: Inputs) -> aws.ec2.LaunchTemplate:
        metadata: Any = {"http_tokens": "required", "http_put_response_hop_limit": 2, "http_endpoint": "enabled"}
        disk = inputs.get("diskSize")
        mappings: Any = [{"device_name": "/dev/xvda", "ebs": {"volume_size": disk}}]
        return aws.ec2.LaunchTemplate(
            f"{name}-launchTemplate",
            image_id=inputs.get("amiId"),
            user_data=inputs.get("userData"),
            metadata_options=metadata if inputs.get("enableIMDSv2") else None,
            block_device_mappings=mappings if disk else None,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _scaling(given: Any) -> Any:
    defaults = {"desiredSize": 2, "minSize": 1, "maxSize": 2}
    return pulumi.Output.from_input(given or {}).apply(
        lambda found: {
            "desired_size": found.get("desiredSize", defaults["desiredSize"]),
            "min_size": found.get("minSize", defaults["minSize"]),
            "max_size": found.get("maxSize", defaults["maxSize"]),
        }
    )


def _remote_access(given: Any) -> Any:
    if given is None:
        return None
    return pulumi.Output.from_input(given).apply(
        lambda found: {
            "ec2_ssh_key": found.get("ec2SshKey"),
            "source_security_group_ids": found.get("sourceSecurityGroupIds"),
        }
    )
