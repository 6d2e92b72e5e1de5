"""The kubeconfig of a cluster: it authenticates by `aws eks get-token`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.provider import CallResult

from sandbox.provider.eks.components.base import field


def kubeconfig(cluster: Any, options: Mapping[str, Any] | None = None) -> pulumi.Output[dict[str, Any]]:
    """The document for a cluster; `options` may name a role (`roleArn`) and a profile (`profileName`)."""
    return pulumi.Output.all(
        name=cluster.name,
        endpoint=cluster.endpoint,
        authority=cluster.certificate_authority,
        region=cluster.arn.apply(lambda arn: arn.split(":")[3]),
        options=options or {},
    ).apply(_document)


def _document(parts: dict[str, Any]) -> dict[str, Any]:
    arguments = ["--region", parts["region"], "eks", "get-token", "--cluster-name", parts["name"], "--output", "json"]
    environment = [{"name": "KUBERNETES_EXEC_INFO", "value": '{"apiVersion": "client.authentication.k8s.io/v1beta1"}'}]
    if parts["options"].get("roleArn"):
        arguments += ["--role-arn", parts["options"]["roleArn"]]
    if parts["options"].get("profileName"):
        environment.append({"name": "AWS_PROFILE", "value": parts["options"]["profileName"]})
    authority = parts["authority"]
    return {
        "apiVersion": "v1",
        "clusters": [
            {
                "cluster": {
                    "server": parts["endpoint"],
                    "certificate-authority-data": field(authority, "data") if authority else None,
                },
                "name": "kubernetes",
            }
        ],
        "contexts": [{"context": {"cluster": "kubernetes", "user": "aws"}, "name": "aws"}],
        "current-context": "aws",
        "kind": "Config",
        "users": [
            {
                "name": "aws",
                "user": {
                    "exec": {
                        "apiVersion": "client.authentication.k8s.io/v1beta1",
                        "command": "aws",
                        "args": arguments,
                        "env": environment,
                    }
                },
            }
        ],
    }


def get_kubeconfig(args: Mapping[str, Any]) -> CallResult:
    """`Cluster.getKubeconfig`: the kubeconfig for a role or profile."""
    cluster = pulumi.Output.from_input(args["__self__"]).apply(lambda found: found.eks_cluster)
    options = {key: args[key] for key in ("roleArn", "profileName") if args.get(key) is not None}
    document: pulumi.Output[Any] = cluster.apply(lambda found: kubeconfig(found, options))
    return CallResult(outputs={"result": document.apply(json.dumps)})
