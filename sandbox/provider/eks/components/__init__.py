"""The components of `pulumi_eks` as the sandbox makes them.

Children bear the names that the real components (release 4) give them, so that a stack file moves between the sandbox
and AWS without a rename.
"""

# The packages must be registered before a reference to one of their resources is read.
import pulumi_aws as _aws  # noqa: F401  registers
import pulumi_eks as _eks  # noqa: F401  registers
import pulumi_kubernetes as _kubernetes  # noqa: F401  registers
from pulumi.provider import CallResult, ConstructResult

from sandbox.provider.eks.components.addons import Addon, VpcCniAddon
from sandbox.provider.eks.components.cluster import Cluster
from sandbox.provider.eks.components.kubeconfig import get_kubeconfig
from sandbox.provider.eks.components.nodes import ManagedNodeGroup, NodeGroupSecurityGroup

_CLASSES = {
    "eks:index:Addon": Addon,
    "eks:index:Cluster": Cluster,
    "eks:index:ManagedNodeGroup": ManagedNodeGroup,
    "eks:index:NodeGroupSecurityGroup": NodeGroupSecurityGroup,
    "eks:index:VpcCniAddon": VpcCniAddon,
}


def construct(name: str, token: str, inputs: dict[str, object], options: object) -> ConstructResult:
    """Make a component; its state is what it registers as outputs."""
    component = _CLASSES[token](name, inputs, options)  # type: ignore[arg-type]  # options are the SDK's own
    return ConstructResult(urn=component.urn, state=component.state)


__all__ = ["CallResult", "construct", "get_kubeconfig"]
