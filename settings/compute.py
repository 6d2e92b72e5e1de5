"""`holdfast:compute`: EKS and the orders service on it."""

from __future__ import annotations

from pydantic import Field

from settings._base import Frozen, LogDays


class NodeSettings(Frozen):
    """Managed nodes over three zones."""

    instance_types: tuple[str, ...] = ("m7g.large",)
    """Instance types, the preferred one first."""
    minimum: int = Field(3, ge=1)
    """Fewest nodes; one per zone."""
    desired: int = Field(3, ge=1)
    """Nodes of a new cluster."""
    maximum: int = Field(9, ge=1)
    """Most nodes; a region must take the load of one that failed."""
    disk_gib: int = Field(50, ge=20)
    """Disk of a node."""


class ServiceSettings(Frozen):
    """The orders service in each region."""

    image_tag: str = Field("0.1.0", pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")
    """Tag of the image in the repository of the stack; tags are never moved."""
    port: int = Field(8080, ge=1024, le=65535)
    """Port of the pods."""
    minimum: int = Field(3, ge=2)
    """Fewest pods; one per zone."""
    maximum: int = Field(24, ge=2)
    """Most pods."""
    cpu: str = Field("500m", pattern=r"^\d+m?$")
    """CPU that a pod asks for."""
    memory: str = Field("512Mi", pattern=r"^\d+(Mi|Gi)$")
    """Memory that a pod asks for, and its limit."""
    target_cpu_percent: int = Field(60, ge=10, le=90)
    """Use of the CPU at which pods are added; the rest is for a region that fails over."""


class ComputeSettings(Frozen):
    """A cluster per region, its nodes and the service."""

    kubernetes_version: str = Field("1.36", pattern=r"^1\.\d{2}$")
    """Version of Kubernetes (EKS user guide, "Kubernetes versions": standard support until August 2027)."""
    public_access_cidrs: tuple[str, ...] = ()
    """Networks from which the API server is reached publicly; empty keeps it private."""
    nodes: NodeSettings = NodeSettings()
    """Nodes."""
    service: ServiceSettings = ServiceSettings()
    """The orders service."""
    log_retention_days: LogDays = 90
    """How long the logs of the control plane and of Container Insights are kept (reference architecture: 90 days)."""
    own_registry: bool = True
    """Whether this stack owns scanning and replication of the account's image registry."""
