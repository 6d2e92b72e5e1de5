"""Add-ons of a cluster."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from sandbox.codec import number
from sandbox.provider.eks.components.base import Component, Inputs, field

_NETWORK_SWITCHES = {
    "enablePrefixDelegation": "ENABLE_PREFIX_DELEGATION",
    "enablePodEni": "ENABLE_POD_ENI",
    "externalSnat": "AWS_VPC_K8S_CNI_EXTERNALSNAT",
    "customNetworkConfig": "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG",
    "cniCustomNetworkCfg": "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG",
    "cniExternalSnat": "AWS_VPC_K8S_CNI_EXTERNALSNAT",
    "warmEniTarget": "WARM_ENI_TARGET",
    "warmIpTarget": "WARM_IP_TARGET",
    "warmPrefixTarget": "WARM_PREFIX_TARGET",
    "eniMtu": "AWS_VPC_ENI_MTU",
    "eniConfigLabelDef": "ENI_CONFIG_LABEL_DEF",
    "logFile": "AWS_VPC_K8S_CNI_LOG_FILE",
    "logLevel": "AWS_VPC_K8S_CNI_LOGLEVEL",
    "nodePortSupport": "AWS_VPC_CNI_NODE_PORT_SUPPORT",
    "vethPrefix": "AWS_VPC_K8S_CNI_VETHPREFIX",
    "cniConfigureRpfilter": "AWS_VPC_CNI_CONFIGURE_RPFILTER",
}
"""Options of the VPC CNI and the environment variables that carry them (documentation of amazon-vpc-cni-k8s)."""


def newest(addon: str, kubernetes_version: pulumi.Input[str], opts: pulumi.InvokeOptions) -> pulumi.Output[str]:
    """The newest version of an add-on for a Kubernetes version."""
    found = aws.eks.get_addon_version_output(
        addon_name=addon, kubernetes_version=kubernetes_version, most_recent=True, opts=opts
    )
    return found.version


def text(values: Any) -> Any:
    """Configuration values as the API takes them: JSON with sorted keys; None stays None."""
    if not values:
        return None
    return pulumi.Output.from_input(values).apply(lambda found: json.dumps(_whole(found), sort_keys=True))


def _whole(value: Any) -> Any:
    """Numbers arrive as floats; JSON has whole ones as they were written."""
    if isinstance(value, dict):
        return {key: _whole(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_whole(entry) for entry in value]
    return number(value) if isinstance(value, float) else value


def cluster_addon(name: str, addon: str, cluster: aws.eks.Cluster, inputs: Inputs, parent: Component) -> aws.eks.Addon:
    """One of the add-ons that a cluster brings (`kube-proxy`, `coredns`)."""
    options = inputs.get("kubeProxyAddonOptions" if addon == "kube-proxy" else "corednsAddonOptions") or {}
    version = options.get("version") or newest(addon, cluster.version, pulumi.InvokeOptions(parent=parent))
    return aws.eks.Addon(
        f"{name}-{addon}",
        cluster_name=cluster.name,
        addon_name=addon,
        addon_version=version,
        preserve=True,
        resolve_conflicts_on_create=options.get("resolveConflictsOnCreate") or "OVERWRITE",
        resolve_conflicts_on_update=options.get("resolveConflictsOnUpdate") or "OVERWRITE",
        configuration_values=text(options.get("configurationValues")),
        tags=inputs.get("tags"),
        opts=pulumi.ResourceOptions(parent=parent),
    )


class Addon(Component):
    """`eks.Addon`."""

    def __init__(self, name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("eks:index:Addon", name, opts)
        core = pulumi.Output.from_input(inputs["cluster"]).apply(lambda cluster: field(cluster, "core") or cluster)
        cluster = core.apply(lambda found: field(found, "cluster"))
        aws.eks.Addon(
            name,
            cluster_name=cluster.apply(lambda found: found.name),
            addon_name=inputs["addonName"],
            addon_version=inputs.get("addonVersion"),
            configuration_values=text(inputs.get("configurationValues")),
            preserve=inputs.get("preserve"),
            resolve_conflicts_on_create=inputs.get("resolveConflictsOnCreate"),
            resolve_conflicts_on_update=inputs.get("resolveConflictsOnUpdate"),
            service_account_role_arn=inputs.get("serviceAccountRoleArn"),
            tags=inputs.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.done({})


class VpcCniAddon(Component):
    """`eks.VpcCniAddon`: the network plugin."""

    def __init__(self, name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("eks:index:VpcCniAddon", name, opts)
        version = inputs.get("addonVersion") or newest(
            "vpc-cni", inputs["clusterVersion"], pulumi.InvokeOptions(parent=self)
        )
        addon = aws.eks.Addon(
            name,
            cluster_name=inputs["clusterName"],
            addon_name="vpc-cni",
            addon_version=version,
            preserve=True,
            resolve_conflicts_on_create=inputs.get("resolveConflictsOnCreate") or "OVERWRITE",
            resolve_conflicts_on_update=inputs.get("resolveConflictsOnUpdate") or "OVERWRITE",
            configuration_values=text(self._values(inputs)),
            service_account_role_arn=inputs.get("serviceAccountRoleArn"),
            tags=inputs.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.done({"addon": addon})

    @staticmethod
    def _values(inputs: Inputs) -> dict[str, Any]:
        environment = {
            variable: _switch(inputs[option])
            for option, variable in _NETWORK_SWITCHES.items()
            if inputs.get(option) is not None
        }
        values: dict[str, Any] = dict(inputs.get("configurationValues") or {})
        if environment:
            values["env"] = {**environment, **values.get("env", {})}
        if inputs.get("enableNetworkPolicy") is not None:
            values["enableNetworkPolicy"] = _switch(inputs["enableNetworkPolicy"])
        return values


def _switch(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, pulumi.Output) else str(value)
