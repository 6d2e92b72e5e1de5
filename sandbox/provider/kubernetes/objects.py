"""Kubernetes objects: names, ids, and what cannot change in place.

Sources: the kinds' immutable fields in the Kubernetes API reference, and the naming rules of the Pulumi Kubernetes
provider (`<name>-<8 hex digits>`, marked by the annotation `pulumi.com/autonamed`).
"""

from __future__ import annotations

import functools
import hashlib
import secrets
from collections.abc import Mapping
from typing import Final

from sandbox.codec import UNKNOWN, Secret, Value
from sandbox.provider.checking.types import plain_top
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Kind, Properties

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
"""The one resource that is no object: a Helm release, named by `name`."""
AUTONAMED: Final = "pulumi.com/autonamed"
DIGITS: Final = 8
NAME_LIMIT: Final = 63

CLUSTER_SCOPED: Final = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "FlowSchema",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)
"""Kinds whose objects live in no namespace."""

IMMUTABLE: Final[Mapping[str, frozenset[str]]] = {
    "ClusterRoleBinding": frozenset({"roleRef"}),
    "DaemonSet": frozenset({"spec.selector"}),
    "Deployment": frozenset({"spec.selector"}),
    "Job": frozenset({"spec.selector", "spec.template"}),
    "PersistentVolumeClaim": frozenset(
        {"spec.accessModes", "spec.storageClassName", "spec.volumeName", "spec.selector"}
    ),
    "Pod": frozenset({"spec.containers.name", "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName"}),
    "ReplicaSet": frozenset({"spec.selector"}),
    "RoleBinding": frozenset({"roleRef"}),
    "Secret": frozenset({"type"}),
    "Service": frozenset({"spec.clusterIP"}),
    "StatefulSet": frozenset(
        {"spec.selector", "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"}
    ),
    "StorageClass": frozenset({"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"}),
}
"""Fields that the API server refuses to change, by kind."""

DATA: Final[Mapping[str, frozenset[str]]] = {
    "ConfigMap": frozenset({"data", "binaryData"}),
    "Secret": frozenset({"data", "stringData"}),
}
"""Fields that the real provider replaces an object for, unless it is told to treat them as mutable."""


def kind(token: str, *, namespace: str, mutable_data: bool) -> Kind:
    """How objects of a kind change and are called."""
    cls = token.rsplit(":", 1)[-1]
    if token == RELEASE:
        return Kind(type=token, forces=frozenset({"name", "namespace"}), name=AutoName(limit=53, lower=True))
    forces = {"apiVersion", "kind", "metadata.name", "metadata.namespace"} | IMMUTABLE.get(cls, frozenset())
    if not mutable_data:
        forces |= DATA.get(cls, frozenset())
    return Kind(type=token, forces=frozenset(forces), identity=functools.partial(_identity, cls, namespace))


def name(inputs: Mapping[str, Value]) -> Value:
    """The name of an object; None when it has none."""
    metadata = plain_top(inputs.get("metadata"))
    return plain_top(metadata.get("name")) if isinstance(metadata, dict) else None


def _identity(cls: str, default: str, _context: Context, inputs: Properties) -> str | None:
    given = name(inputs)
    if not isinstance(given, str):
        return None
    if cls in CLUSTER_SCOPED:
        return given
    metadata = inputs["metadata"]
    namespace = metadata.get("namespace") or default
    return None if namespace is UNKNOWN else f"{namespace}/{given}"


def named(
    token: str, logical_name: str, olds: Mapping[str, Value], news: Mapping[str, Value], seed: bytes
) -> dict[str, Value]:
    """The inputs with a name: the given one, the old automatic one, or a new one."""
    inputs = dict(news)
    metadata = plain_top(inputs.get("metadata"))
    if metadata is UNKNOWN or token.endswith(("List", "Patch")):
        return inputs
    metadata = dict(metadata) if isinstance(metadata, dict) else {}
    if metadata.get("name") is not None or metadata.get("generateName") is not None:
        return inputs
    annotations = plain_top(metadata.get("annotations"))
    metadata["name"] = _automatic(logical_name, olds, seed)
    metadata["annotations"] = {**(annotations if isinstance(annotations, dict) else {}), AUTONAMED: "true"}
    wrapped = isinstance(inputs.get("metadata"), Secret)
    inputs["metadata"] = Secret(metadata) if wrapped else metadata
    return inputs


def _automatic(logical_name: str, olds: Mapping[str, Value], seed: bytes) -> str:
    old = plain_top(olds.get("metadata"))
    if isinstance(old, dict) and (old.get("annotations") or {}).get(AUTONAMED) == "true":
        return str(old["name"])
    digits = hashlib.sha256(seed + logical_name.encode()).hexdigest() if seed else secrets.token_hex(DIGITS)
    return f"{logical_name[: NAME_LIMIT - DIGITS - 1].lower()}-{digits[:DIGITS]}"
