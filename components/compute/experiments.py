"""What an experiment may do in the cluster: act on the pods of the orders service, as FIS documents it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components.base.layer import Component
from components.compute.cluster import NAMESPACE

if TYPE_CHECKING:
    from components.base.place import Place

SERVICE_ACCOUNT = "fis-experiments"
_USER = "fis-experiment"
_RULES = (
    ("", ["configmaps"], ["get", "create", "patch", "delete"]),
    ("", ["pods"], ["create", "list", "get", "delete", "deletecollection"]),
    ("", ["pods/ephemeralcontainers"], ["update"]),
    ("", ["pods/exec"], ["create"]),
    ("apps", ["deployments"], ["get"]),
)
"""API group, resources, verbs (AWS FIS user guide, "EKS pod actions": "Configure the Kubernetes service account")."""


class ExperimentAccess(Component):
    """A service account with a role in the namespace, and the user that the experiments' IAM role is."""

    layer = "compute"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        cluster_name: str,
        role: aws.iam.Role,
        namespace: pulumi.Resource,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        region = place.region
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=SERVICE_ACCOUNT, namespace=NAMESPACE)
        after = self.child(depends_on=[namespace])
        aws.eks.AccessEntry(
            f"{region}-experiments-user",
            cluster_name=cluster_name,
            principal_arn=role.arn,
            user_name=_USER,
            type="STANDARD",
            opts=after,
        )
        kubernetes.core.v1.ServiceAccount(f"{region}-experiments-account", metadata=metadata, opts=after)
        kubernetes.rbac.v1.Role(
            f"{region}-experiments-role",
            metadata=metadata,
            rules=[
                kubernetes.rbac.v1.PolicyRuleArgs(api_groups=[group], resources=resources, verbs=verbs)
                for group, resources, verbs in _RULES
            ],
            opts=after,
        )
        kubernetes.rbac.v1.RoleBinding(
            f"{region}-experiments-binding",
            metadata=metadata,
            role_ref=kubernetes.rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="Role", name=SERVICE_ACCOUNT
            ),
            subjects=[
                kubernetes.rbac.v1.SubjectArgs(kind="ServiceAccount", name=SERVICE_ACCOUNT, namespace=NAMESPACE),
                kubernetes.rbac.v1.SubjectArgs(kind="User", name=_USER, api_group="rbac.authorization.k8s.io"),
            ],
            opts=after,
        )
        self.done()
