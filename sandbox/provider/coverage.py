"""Which types the sandbox really creates and which it records, as data for `holdfast sandbox status`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sandbox.provider.aws import registry

How = Literal["created", "recorded"]

LIMITS: Final[Mapping[str, str]] = {
    "aws:apigateway/deployment:Deployment": "it exists; requests are served by the document as it is in the state",
    "aws:apigateway/restApi:RestApi": "resources, methods and integrations exist; models, validators and authorizers "
    "of the document are served from the state, and a document that others change shows no drift",
    "aws:budgets/budget:Budget": "a change makes the budget again",
    "aws:cloudtrail/trail:Trail": "the trail exists; what it would log is not written",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "a change makes the provider again, under the same ARN",
    "aws:lambda/eventSourceMapping:EventSourceMapping": "of queues only (the streams of tables are not known to it); "
    "no function is called",
    "aws:lambda/function:Function": "the function exists; running it needs a container engine",
    "aws:lambda/layerVersion:LayerVersion": "the version exists; a function does not tell which layers it has",
    "aws:s3/bucketLogging:BucketLogging": "the configuration exists; no access log is delivered",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": "the configuration exists; no object is replicated",
}
"""What a really created type cannot do in the sandbox."""


@dataclass(frozen=True)
class Coverage:
    """How one type is handled; `limit` says what of a created type does not hold, empty where all does."""

    type: str
    how: How
    limit: str = ""


def created() -> tuple[str, ...]:
    """The types that are really created in the sandbox's cloud, sorted."""
    return tuple(registry.created_tokens())


def of(types: Iterable[str]) -> tuple[Coverage, ...]:
    """How these types are handled, sorted by type; components and providers are left out."""
    made = set(created())
    return tuple(
        Coverage(token, "created" if token in made else "recorded", LIMITS.get(token, ""))
        for token in sorted(set(types))
        if token.startswith(("aws:", "kubernetes:"))
    )
