"""Functions of `pulumi_aws` (data sources) that the sandbox answers; every other is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sandbox.provider.aws.facts import short
from sandbox.provider.aws.policydocument import policy_document
from sandbox.provider.context import Context, partition_of
from sandbox.provider.faults import ProviderError
from sandbox.provider.resource import Properties

ZONES: Final[Mapping[str, str]] = {
    "us-east-1": "abcdef",
    "us-west-1": "ac",
    "us-west-2": "abcd",
    "ap-northeast-1": "acd",
    "ca-central-1": "abd",
}
"""Letters of a region's availability zones where they are not a, b and c."""


def zones(region: str) -> list[str]:
    """The availability zones of a region, by name."""
    return [f"{region}{letter}" for letter in ZONES.get(region, "abc")]


def zone_id(region: str, index: int) -> str:
    """A zone's id, such as `use1-az1`: the same for every account."""
    return f"{short(region)}-az{index + 1}"


def _caller_identity(context: Context, _args: Properties) -> Properties:
    return {
        "accountId": context.account_id,
        "arn": f"arn:{context.partition}:iam::{context.account_id}:user/holdfast",
        "id": context.account_id,
        "userId": "AIDAHOLDFASTSANDBOX0",
    }


def _region(context: Context, args: Properties) -> Properties:
    region = str(args.get("region") or args.get("name") or context.region)
    return {
        "id": region,
        "name": region,
        "region": region,
        "endpoint": f"ec2.{region}.amazonaws.com",
        "description": region,
    }


def _zones(context: Context, args: Properties) -> Properties:
    names = zones(context.region)
    excluded = set(args.get("excludeNames") or [])
    kept = [(index, name) for index, name in enumerate(names) if name not in excluded]
    return {
        **args,
        "id": context.region,
        "region": context.region,
        "groupNames": [f"{context.region}-zg-1"],
        "names": [name for _, name in kept],
        "zoneIds": [zone_id(context.region, index) for index, _ in kept],
    }


def _partition(context: Context, _args: Properties) -> Properties:
    partition = partition_of(context.region)
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    return {
        "id": partition,
        "partition": partition,
        "dnsSuffix": suffix,
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


def _service_principal(context: Context, args: Properties) -> Properties:
    service, region = str(args["serviceName"]), str(args.get("region") or context.region)
    return {
        "id": f"{service}.{region}.amazonaws.com",
        "name": f"{service}.amazonaws.com",
        "serviceName": service,
        "region": region,
        "suffix": "amazonaws.com",
    }


def _addon_version(context: Context, args: Properties) -> Properties:
    addon, kubernetes = str(args["addonName"]), str(args["kubernetesVersion"])
    number = ADDON_VERSIONS.get(addon)
    if number is None:
        raise ProviderError(
            f"getAddonVersion: the sandbox knows versions of {', '.join(sorted(ADDON_VERSIONS))}, not of {addon!r}; "
            "give the add-on's version"
        )
    version = f"v{kubernetes}.0-eksbuild.1" if addon == "kube-proxy" else number
    return {**args, "id": addon, "version": version, "region": context.region}


ADDON_VERSIONS: Final[Mapping[str, str]] = {
    "adot": "v0.117.0-eksbuild.1",
    "amazon-cloudwatch-observability": "v4.1.0-eksbuild.1",
    "aws-ebs-csi-driver": "v1.44.0-eksbuild.1",
    "coredns": "v1.12.1-eksbuild.2",
    "eks-pod-identity-agent": "v1.3.7-eksbuild.2",
    "kube-proxy": "v{kubernetes}.0-eksbuild.1",
    "metrics-server": "v0.7.2-eksbuild.4",
    "vpc-cni": "v1.19.5-eksbuild.1",
}
"""Versions of add-ons as they look; which is newest only EKS knows."""

FUNCTIONS: Final[Mapping[str, Callable[[Context, Properties], Properties]]] = {
    "aws:eks/getAddonVersion:getAddonVersion": _addon_version,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getServicePrincipal:getServicePrincipal": _service_principal,
    "aws:iam/getPolicyDocument:getPolicyDocument": policy_document,
}
"""Answers by token."""
