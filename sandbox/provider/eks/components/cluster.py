"""`eks.Cluster`: the control plane, its roles, security groups, access entries, add-ons and identity provider."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from sandbox.provider.eks.components.addons import VpcCniAddon, cluster_addon
from sandbox.provider.eks.components.base import Component, Inputs, ServiceRole
from sandbox.provider.eks.components.kubeconfig import kubeconfig
from sandbox.provider.eks.components.nodes import node_security
from sandbox.provider.faults import ProviderError

_AUTO_MODE_POLICIES = (
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
_NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly")
_ISSUER_THUMBPRINT = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"
"""The root certificate that signs EKS's OpenID Connect endpoints; IAM no longer checks it."""
_NOT_MADE = {
    "fargate": "a Fargate profile",
    "creationRoleProvider": "a cluster created by another role",
    "storageClasses": "storage classes",
}


class Cluster(Component):
    """The component; children are named as the real one names them."""

    def __init__(self, name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> None:
        _refuse(name, inputs)
        super().__init__("eks:index:Cluster", name, opts)
        self._name = name
        self._inputs = inputs
        self._auto = bool((inputs.get("autoMode") or {}).get("enabled"))
        self._api = inputs.get("authenticationMode") in {"API", "API_AND_CONFIG_MAP"}
        self._config_map = inputs.get("authenticationMode") != "API"
        self._child = pulumi.ResourceOptions(parent=self)
        self._partition = aws.get_partition_output(opts=pulumi.InvokeOptions(parent=self)).partition
        self._role = None if inputs.get("serviceRole") is not None else self._service_role()
        self._group = self._security_group()
        self._node_role = self._auto_node_role()
        self.cluster = self._control_plane()
        self._finish()

    def _service_role(self) -> ServiceRole:
        return ServiceRole(
            f"{self._name}-eksRole",
            service="eks.amazonaws.com",
            description="Allows EKS to manage clusters on your behalf.",
            policies=("AmazonEKSClusterPolicy", *(_AUTO_MODE_POLICIES if self._auto else ())),
            partition=self._partition,
            tags=self._inputs.get("tags"),
            actions=("sts:AssumeRole", "sts:TagSession"),
            opts=self._child,
        )

    @property
    def _no_groups(self) -> bool:
        skip = self._inputs.get("skipDefaultSecurityGroups")
        return self._auto if skip is None else bool(skip)

    def _tags(self, suffix: str, extra: str) -> pulumi.Output[dict[str, str]]:
        name = f"{self._name}-{suffix}"
        return pulumi.Output.all(self._inputs.get(extra) or {}, self._inputs.get("tags") or {}).apply(
            lambda tags: {"Name": name, **tags[0], **tags[1]}
        )

    def _security_group(self) -> Any:
        if self._inputs.get("clusterSecurityGroup") is not None:
            return pulumi.Output.from_input(self._inputs["clusterSecurityGroup"])
        if self._no_groups:
            return None
        group = aws.ec2.SecurityGroup(
            f"{self._name}-eksClusterSecurityGroup",
            vpc_id=self._inputs.get("vpcId"),
            revoke_rules_on_delete=True,
            tags=self._tags("eksClusterSecurityGroup", "clusterSecurityGroupTags"),
            opts=self._child,
        )
        aws.ec2.SecurityGroupRule(
            f"{self._name}-eksClusterInternetEgressRule",
            description="Allow internet access.",
            type="egress",
            from_port=0,
            to_port=0,
            protocol="-1",
            cidr_blocks=["0.0.0.0/0"],
            security_group_id=group.id,
            opts=self._child,
        )
        return group

    def _auto_node_role(self) -> ServiceRole | None:
        if not self._auto or (self._inputs["autoMode"]).get("createNodeRole") is False:
            return None
        return ServiceRole(
            f"{self._name}-nodeRole",
            service="ec2.amazonaws.com",
            policies=("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"),
            partition=self._partition,
            tags=self._inputs.get("tags"),
            opts=self._child,
        )

    def _group_id(self) -> pulumi.Output[str] | None:
        if self._group is None:
            return None
        group_id: pulumi.Output[str] = (
            self._group.apply(lambda found: found.id) if isinstance(self._group, pulumi.Output) else self._group.id
        )
        return group_id

    def _subnets(self) -> Any:
        given = self._inputs.get("subnetIds")
        if given is not None:
            return given
        public, private = self._inputs.get("publicSubnetIds") or [], self._inputs.get("privateSubnetIds") or []
        return pulumi.Output.all(public, private).apply(lambda lists: [*lists[0], *lists[1]])

    def _control_plane(self) -> aws.eks.Cluster:
        inputs = self._inputs
        group_id = self._group_id()
        key = inputs.get("encryptionConfigKeyArn")
        mode = inputs.get("authenticationMode")
        role = (
            self._role.role.arn
            if self._role is not None
            else pulumi.Output.from_input(inputs["serviceRole"]).apply(lambda found: found.arn)
        )
        ready = [made.ready for made in (self._role, self._node_role) if made is not None]
        arguments: dict[str, Any] = {
            "name": inputs.get("name"),
            "role_arn": role,
            "vpc_config": {
                "security_group_ids": [group_id] if group_id is not None else None,
                "subnet_ids": self._subnets(),
                "endpoint_private_access": inputs.get("endpointPrivateAccess"),
                "endpoint_public_access": inputs.get("endpointPublicAccess"),
                "public_access_cidrs": inputs.get("publicAccessCidrs"),
            },
            "version": inputs.get("version"),
            "enabled_cluster_log_types": inputs.get("enabledClusterLogTypes"),
            "encryption_config": {"provider": {"key_arn": key}, "resources": ["secrets"]} if key is not None else None,
            "access_config": {"authentication_mode": mode, "bootstrap_cluster_creator_admin_permissions": True}
            if mode is not None
            else None,
            "kubernetes_network_config": self._network(),
            "compute_config": self._compute(),
            "storage_config": {"block_storage": {"enabled": True}} if self._auto else None,
            "bootstrap_self_managed_addons": False if self._auto else inputs.get("bootstrapSelfManagedAddons", True),
            "upgrade_policy": {"support_type": inputs["upgradePolicy"].get("supportType")}
            if inputs.get("upgradePolicy")
            else None,
            "deletion_protection": inputs.get("deletionProtection"),
            "tags": self._tags("eksCluster", "clusterTags"),
        }
        return aws.eks.Cluster(
            f"{self._name}-eksCluster",
            **arguments,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=ready,
                ignore_changes=["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
            ),
        )

    def _network(self) -> dict[str, Any] | None:
        cidr, family = self._inputs.get("kubernetesServiceIpAddressRange"), self._inputs.get("ipFamily")
        if not (cidr or family or self._auto):
            return None
        network: dict[str, Any] = {"ip_family": family or "ipv4"}
        if (family or "ipv4") == "ipv4" and cidr:
            network["service_ipv4_cidr"] = cidr
        if self._auto:
            network["elastic_load_balancing"] = {"enabled": True}
        return network

    def _compute(self) -> dict[str, Any] | None:
        if not self._auto:
            return None
        given = self._inputs["autoMode"].get("computeConfig") or {}
        return {
            "enabled": True,
            "node_role_arn": given.get("nodeRoleArn") or (self._node_role.role.arn if self._node_role else None),
            "node_pools": given.get("nodePools") or ["general-purpose", "system"],
        }

    def _finish(self) -> None:
        inputs, name = self._inputs, self._name
        config = kubeconfig(self.cluster, inputs.get("providerCredentialOpts"))
        provider = kubernetes.Provider(
            f"{name}-eks-k8s",
            kubeconfig=config.apply(json.dumps),
            enable_config_map_mutable=inputs.get("enableConfigMapMutable"),
            opts=self._child,
        )
        roles = self._instance_roles()
        access = [*self._access_entries(roles), *self._node_access(roles, provider)]
        if (inputs.get("kubeProxyAddonOptions") or {}).get("enabled", not self._auto):
            cluster_addon(name, "kube-proxy", self.cluster, inputs, self)
        default_cni = inputs.get("useDefaultVpcCni")
        if not self._auto if default_cni is None else not default_cni:
            options = {key: value for key, value in (inputs.get("vpcCniOptions") or {}).items() if value is not None}
            VpcCniAddon(
                f"{name}-vpc-cni",
                {
                    **options,
                    "clusterName": self.cluster.name,
                    "clusterVersion": self.cluster.version,
                    "tags": inputs.get("tags"),
                },
                pulumi.ResourceOptions(parent=self, depends_on=access),
            )
        coredns = inputs.get("corednsAddonOptions") or {}
        wanted = not inputs.get("skipDefaultNodeGroup") or self._auto
        if (
            coredns.get("enabled") is True
            or coredns.get("configurationValues")
            or (wanted and coredns.get("enabled", True))
        ):
            cluster_addon(name, "coredns", self.cluster, inputs, self)
        self._register(config, provider, roles, self._node_security(), self._identity())

    def _instance_roles(self) -> list[Any]:
        inputs = self._inputs
        if inputs.get("instanceRoles") is not None:
            return list(inputs["instanceRoles"])
        if inputs.get("instanceRole") is not None:
            return [inputs["instanceRole"]]
        if not inputs.get("createInstanceRole"):
            return []
        made = ServiceRole(
            f"{self._name}-instanceRole",
            service="ec2.amazonaws.com",
            policies=_NODE_POLICIES,
            partition=self._partition,
            tags=inputs.get("tags"),
            opts=self._child,
        )
        return [made.ready]

    def _access_entries(self, roles: list[Any]) -> list[pulumi.Resource]:
        if not self._api:
            return []
        made: list[pulumi.Resource] = []
        default = roles[0] if roles and self._inputs.get("instanceRoles") is None else None
        if default is not None:
            arn = pulumi.Output.from_input(default).apply(lambda role: role.arn)
            made.append(self._access_entry("defaultNodeGroupInstanceRole", {"principalArn": arn, "type": "EC2_LINUX"}))
        for key, entry in (self._inputs.get("accessEntries") or {}).items():
            made.append(self._access_entry(key, entry))
            for policy, association in (entry.get("accessPolicies") or {}).items():
                made.append(self._association(f"{self._name}-{key}-{policy}", entry, association, made[-1]))
        return made

    def _access_entry(self, key: str, entry: dict[str, Any]) -> aws.eks.AccessEntry:
        return aws.eks.AccessEntry(
            f"{self._name}-{key}",
            cluster_name=self.cluster.name,
            principal_arn=entry["principalArn"],
            type=entry.get("type"),
            user_name=entry.get("username"),
            kubernetes_groups=entry.get("kubernetesGroups"),
            tags=entry.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.cluster]),
        )

    def _association(
        self, name: str, entry: dict[str, Any], association: dict[str, Any], after: pulumi.Resource
    ) -> aws.eks.AccessPolicyAssociation:
        return aws.eks.AccessPolicyAssociation(
            name,
            cluster_name=self.cluster.name,
            principal_arn=entry["principalArn"],
            policy_arn=association["policyArn"],
            access_scope=association["accessScope"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )

    def _node_access(self, roles: list[Any], provider: kubernetes.Provider) -> list[pulumi.Resource]:
        if not self._config_map:
            return []
        arns = [pulumi.Output.from_input(role).apply(lambda found: found.arn) for role in roles]
        data = pulumi.Output.all(
            arns=arns, roles=self._inputs.get("roleMappings") or [], users=self._inputs.get("userMappings") or []
        ).apply(_mappings)
        return [
            kubernetes.core.v1.ConfigMap(
                f"{self._name}-nodeAccess",
                metadata={
                    "name": "aws-auth",
                    "namespace": "kube-system",
                    "annotations": {"pulumi.com/patchForce": "true"},
                },
                immutable=False,
                data=data,
                opts=pulumi.ResourceOptions(parent=self, provider=provider),
            )
        ]

    def _node_security(self) -> tuple[Any, Any]:
        group_id = self._group_id()
        if self._no_groups or group_id is None:
            return None, None
        tags = pulumi.Output.all(self._inputs.get("nodeSecurityGroupTags") or {}, self._inputs.get("tags") or {})
        inputs = {"vpcId": self._inputs.get("vpcId"), "tags": tags.apply(lambda both: {**both[0], **both[1]})}
        return node_security(self._name, inputs, self.cluster.name, group_id, self)

    def _identity(self) -> aws.iam.OpenIdConnectProvider | None:
        if not self._inputs.get("createOidcProvider"):
            return None
        return aws.iam.OpenIdConnectProvider(
            f"{self._name}-oidcProvider",
            client_id_lists=["sts.amazonaws.com"],
            url=self._issuer(),
            thumbprint_lists=[_ISSUER_THUMBPRINT],
            opts=self._child,
        )

    def _issuer(self) -> pulumi.Output[str]:
        issuer: pulumi.Output[str] = self.cluster.identities[0].oidcs[0].issuer
        return issuer

    def _register(
        self,
        config: pulumi.Output[dict[str, Any]],
        provider: kubernetes.Provider,
        roles: list[Any],
        nodes: tuple[Any, Any],
        identity: aws.iam.OpenIdConnectProvider | None,
    ) -> None:
        group, rule = nodes
        own = self.cluster.vpc_config.apply(lambda vpc: vpc.cluster_security_group_id)
        role = self._role.role if self._role is not None else self._inputs["serviceRole"]
        core = {
            "cluster": self.cluster,
            "clusterIamRole": role,
            "clusterSecurityGroup": self._group,
            "endpoint": self.cluster.endpoint,
            "instanceRoles": roles,
            "kubeconfig": config,
            "nodeGroupOptions": {},
            "oidcProvider": identity,
            "provider": provider,
            "subnetIds": self._subnets(),
            "vpcId": self._inputs.get("vpcId"),
        }
        self.done(
            {
                "autoModeNodeRoleName": self._node_role.role.name if self._node_role else "",
                "clusterIngressRuleId": rule.security_group_rule_id if rule is not None else "",
                "clusterSecurityGroup": self._group,
                "clusterSecurityGroupId": self._group_id() or own,
                "core": {key: value for key, value in core.items() if value is not None},
                "defaultNodeGroupAsgName": "",
                "eksCluster": self.cluster,
                "eksClusterIngressRule": rule,
                "fargateProfileId": "",
                "fargateProfileStatus": "",
                "instanceRoles": roles,
                "kubeconfig": config,
                "kubeconfigJson": config.apply(json.dumps),
                "nodeSecurityGroup": group,
                "nodeSecurityGroupId": group.id if group is not None else own,
                "oidcIssuer": self._issuer().apply(lambda url: url.removeprefix("https://")),
                "oidcProviderArn": identity.arn if identity is not None else "",
                "oidcProviderUrl": self._issuer(),
            }
        )


def _mappings(parts: dict[str, Any]) -> dict[str, str]:
    nodes = [
        {
            "rolearn": arn,
            "username": "system:node:{{EC2PrivateDNSName}}",
            "groups": ["system:bootstrappers", "system:nodes"],
        }
        for arn in parts["arns"]
    ]
    roles = [
        {"rolearn": item["roleArn"], "username": item["username"], "groups": item["groups"]} for item in parts["roles"]
    ]
    users = [
        {"userarn": item["userArn"], "username": item["username"], "groups": item["groups"]} for item in parts["users"]
    ]
    data = {"mapRoles": json.dumps(nodes + roles)}
    if users:
        data["mapUsers"] = json.dumps(users)
    return data


def _refuse(name: str, inputs: Inputs) -> None:
    for key, what in _NOT_MADE.items():
        if inputs.get(key):
            raise ProviderError(f"eks:index:Cluster ({name}): the sandbox does not make {what} ({key}); leave it out")
    auto = (inputs.get("autoMode") or {}).get("enabled")
    if not inputs.get("skipDefaultNodeGroup") and not auto:
        raise ProviderError(
            f"eks:index:Cluster ({name}): the sandbox does not make the default node group; set "
            "skip_default_node_group=True and declare a ManagedNodeGroup, or use auto_mode"
        )
    if inputs.get("subnetIds") is not None and (inputs.get("publicSubnetIds") or inputs.get("privateSubnetIds")):
        raise ProviderError(
            f"eks:index:Cluster ({name}): subnetIds excludes publicSubnetIds and privateSubnetIds; give one of the two"
        )
    if auto and inputs.get("authenticationMode") not in {"API", "API_AND_CONFIG_MAP"}:
        raise ProviderError(
            f"eks:index:Cluster ({name}): auto mode needs access entries; set authentication_mode to 'API' or "
            "'API_AND_CONFIG_MAP'"
        )
    if inputs.get("vpcId") is None:
        raise ProviderError(f"eks:index:Cluster ({name}): the sandbox has no default VPC; give vpc_id and subnet_ids")
