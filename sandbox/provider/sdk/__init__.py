"""What the installed `pulumi_aws`, `pulumi_eks` and `pulumi_kubernetes` packages know of their types."""

from sandbox.provider.sdk.catalogue import Catalogue, TypeInfo, catalogue
from sandbox.provider.sdk.shapes import Shape

__all__ = ["Catalogue", "Shape", "TypeInfo", "catalogue"]
