"""The nodes of a cluster: what each starts from, and the group that EKS keeps of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws
import pulumi_eks as eks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi

    from components.base.place import Place
    from settings.compute import NodeSettings

AMI_TYPE = "AL2023_ARM_64_STANDARD"
ROOT_DEVICE = "/dev/xvda"
"""The root volume of EKS' images of Amazon Linux 2023; under another name a mapping would add a second volume."""
HOP_LIMIT = 1
"""Hops of an answer of the instance metadata service: it reaches the node and pods on its network, no other pod."""
TAGGED = ("instance", "volume")
"""What the template tags; EKS does not hand the tags of a node group on to either."""


def launch_template(
    nodes: NodeSettings, tags: Mapping[str, str], place: Place, opts: pulumi.ResourceOptions
) -> aws.ec2.LaunchTemplate:
    """What a node starts from: an encrypted disk, metadata for sessions only, the stack's tags.

    It names no image and has no user data: EKS merges its own for the image type of the group. Nor does it name
    instance types, subnets or a role, which stay with the group (EKS user guide, "Customize managed nodes with launch
    templates"). No key: EBS takes the account's key for it, by default `aws/ebs`.
    """
    return aws.ec2.LaunchTemplate(
        f"{place.region}-nodes-template",
        name=place.name("nodes"),
        update_default_version=True,
        block_device_mappings=[
            {
                "device_name": ROOT_DEVICE,
                "ebs": {
                    "volume_size": nodes.disk_gib,
                    "volume_type": "gp3",
                    "encrypted": "true",
                    "delete_on_termination": "true",
                },
            }
        ],
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": HOP_LIMIT,
        },
        tag_specifications=[{"resource_type": kind, "tags": {**tags, "Name": place.name("nodes")}} for kind in TAGGED],
        opts=opts,
    )


def node_group(
    nodes: NodeSettings,
    *,
    cluster: eks.Cluster,
    role: aws.iam.Role,
    subnet_ids: Sequence[pulumi.Input[str]],
    template: aws.ec2.LaunchTemplate,
    tags: Mapping[str, str],
    kubernetes_version: str,
    place: Place,
    opts: pulumi.ResourceOptions,
) -> eks.ManagedNodeGroup:
    """The managed group. It follows the newest version of its template, so that a change of it rolls the nodes.

    The size of the disk and the options of the metadata service are the template's: beside one, EKS refuses the first
    and the component the second. The version of Kubernetes is said here, since the component takes the cluster's only
    for groups without a template: the nodes would stay behind when the cluster is upgraded.
    """
    return eks.ManagedNodeGroup(
        f"{place.region}-nodes",
        cluster=cluster,
        node_group_name=place.name("nodes"),
        node_role=role,
        subnet_ids=list(subnet_ids),
        instance_types=list(nodes.instance_types),
        ami_type=AMI_TYPE,
        version=kubernetes_version,
        launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
            id=template.id, version=template.latest_version.apply(lambda number: str(int(number)))
        ),
        scaling_config=aws.eks.NodeGroupScalingConfigArgs(
            min_size=nodes.minimum,
            desired_size=nodes.desired,
            max_size=nodes.maximum,
        ),
        ignore_scaling_changes=True,
        tags=dict(tags),
        opts=opts,
    )
