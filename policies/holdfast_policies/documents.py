"""Where resources carry IAM documents, and the parsed documents of one resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from awsfacts.iam.document import Document, parse
from holdfast_policies.values import UNKNOWN, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack

Kind = Literal["identity", "boundary", "trust", "resource", "endpoint"]

_SOURCES: Final[dict[str, tuple[tuple[Kind, str], ...]]] = {
    "aws:iam/policy:Policy": (("identity", "policy"),),
    "aws:iam/rolePolicy:RolePolicy": (("identity", "policy"),),
    "aws:iam/userPolicy:UserPolicy": (("identity", "policy"),),
    "aws:iam/groupPolicy:GroupPolicy": (("identity", "policy"),),
    "aws:iam/role:Role": (("trust", "assumeRolePolicy"), ("identity", "inlinePolicies.policy")),
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": (("identity", "inlinePolicy"),),
    "aws:s3/bucketPolicy:BucketPolicy": (("resource", "policy"),),
    "aws:s3/bucket:Bucket": (("resource", "policy"),),
    "aws:kms/key:Key": (("resource", "policy"),),
    "aws:kms/replicaKey:ReplicaKey": (("resource", "policy"),),
    "aws:kms/keyPolicy:KeyPolicy": (("resource", "policy"),),
    "aws:sqs/queue:Queue": (("resource", "policy"),),
    "aws:sqs/queuePolicy:QueuePolicy": (("resource", "policy"),),
    "aws:sns/topic:Topic": (("resource", "policy"),),
    "aws:sns/topicPolicy:TopicPolicy": (("resource", "policy"),),
    "aws:dynamodb/resourcePolicy:ResourcePolicy": (("resource", "policy"),),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": (("resource", "policy"),),
    "aws:secretsmanager/secretPolicy:SecretPolicy": (("resource", "policy"),),
    "aws:secretsmanager/secret:Secret": (("resource", "policy"),),
    "aws:backup/vaultPolicy:VaultPolicy": (("resource", "policy"),),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": (("resource", "policyDocument"),),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (("endpoint", "policy"),),
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": (("endpoint", "policy"),),
}


def types_with(*kinds: Kind) -> tuple[str, ...]:
    """The resource types that carry documents of these kinds."""
    return tuple(name for name, sources in _SOURCES.items() if any(kind in kinds for kind, _ in sources))


def is_boundary(resource: Resource) -> bool:
    """Whether a managed policy is a permissions boundary by its name: it limits, and grants nothing.

    That it is attached to nobody, which would make it a grant, is a rule of its own (`iam-boundary-not-attached`).
    """
    physical = resource.data.get("name")
    names = (resource.name, physical if isinstance(physical, str) else "")
    return resource.type == "aws:iam/policy:Policy" and any("boundary" in name.lower() for name in names)


@dataclass(frozen=True)
class Placed:
    """A document and where it stands in its resource."""

    kind: Kind
    path: str
    document: Document


def documents(resource: Resource, *kinds: Kind) -> Iterator[Placed]:
    """The documents of these kinds that a resource carries.

    Raises:
        Undecided: a document, or a part of one, is known only after the deployment.
    """
    for kind, path in _SOURCES.get(resource.type, ()):
        if ("boundary" if kind == "identity" and is_boundary(resource) else kind) in kinds:
            for place, value in _values(resource.data, path.split("."), ""):
                yield Placed(kind, place, _parsed(resource, place, value))


def _values(data: Any, steps: list[str], place: str) -> Iterator[tuple[str, Any]]:
    if data is UNKNOWN:
        raise Undecided(place)
    if not steps:
        if data not in (None, "", {}):
            yield place, data
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _values(item, steps, f"{place}[{index}]")
    elif isinstance(data, dict):
        yield from _values(data.get(steps[0]), steps[1:], f"{place}.{steps[0]}" if place else steps[0])


def _parsed(resource: Resource, place: str, value: Any) -> Document:
    known = resource.cache.get(place)
    if known is None:
        _refuse_unknown(value, place)
        known = resource.cache[place] = parse(value)
    return known


def _refuse_unknown(value: Any, place: str) -> None:
    if value is UNKNOWN:
        raise Undecided(place)
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_unknown(item, f"{place}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_unknown(item, f"{place}[{index}]")


def own_policies(stack: Stack, target: Resource, name: str, *types: str) -> Iterator[Document]:
    """The resource policies of `target`: inline, and those of resources whose property `name` refers to it."""
    for carrier in (target, *stack.referring(target, name, *types)):
        for placed in documents(carrier, "resource"):
            yield placed.document
