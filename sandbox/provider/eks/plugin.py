"""An `eks` provider instance: its types are components, made of `aws` resources by `Construct`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.codec import UNKNOWN
from sandbox.provider.checking import types
from sandbox.provider.faults import ProviderError
from sandbox.provider.plugin import Plugin
from sandbox.provider.resource import Kind

if TYPE_CHECKING:
    from pulumi.provider import CallResult, ConstructResult

    from sandbox.provider.sdk import TypeInfo

MADE = (
    "eks:index:Addon",
    "eks:index:Cluster",
    "eks:index:ManagedNodeGroup",
    "eks:index:NodeGroupSecurityGroup",
    "eks:index:VpcCniAddon",
)
"""The components that the stand-in makes."""


class EksPlugin(Plugin):
    """Components of `pulumi_eks`."""

    package = "eks"

    def kind(self, token: str, info: TypeInfo) -> Kind:  # noqa: ARG002  the base's signature
        """Components have no kind of their own; their children are `aws` resources."""
        return Kind(type=token)

    def construct(self, name: str, token: str, inputs: Any, options: Any) -> ConstructResult:
        """Register the component and the children that the real one registers."""
        info = self.info(token)
        if token not in MADE:
            raise ProviderError(
                f"{token} ({name}): the sandbox does not make this component; it makes {', '.join(MADE)}. "
                "Use a ManagedNodeGroup for nodes, or deploy with ENGINE=pulumi"
            )
        faults = types.check(info, {key: _checkable(value) for key, value in inputs.items()})
        if faults:
            raise ProviderError(f"{token} ({name}): " + "; ".join(fault.reason for fault in faults))
        from sandbox.provider.eks import components  # noqa: PLC0415  imports pulumi_aws and pulumi_kubernetes

        return components.construct(name, token, inputs, options)

    def call(self, token: str, args: Any) -> CallResult:
        """Answer `Cluster.getKubeconfig`."""
        from sandbox.provider.eks import components  # noqa: PLC0415  as above

        if token != "eks:index:Cluster/getKubeconfig":  # noqa: S105  the token of a method
            raise ProviderError(f"the eks stand-in has no method {token}")
        return components.get_kubeconfig(args)


def _checkable(value: Any) -> Any:
    """An input as the checks see it: outputs and resources are not looked into."""
    if isinstance(value, dict):
        return {key: _checkable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_checkable(item) for item in value]
    return value if isinstance(value, str | bool | int | float) or value is None else UNKNOWN
