"""Caches, buckets and image repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.cost.model import HOURS
from ops.cost.pricers.surroundings import decimal
from ops.cost.table_bill import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource


def _dax(cluster: Resource, _around: Surroundings) -> Iterator[Charge]:
    nodes = decimal(cluster.number("replicationFactor", 1))
    yield Charge(cluster.text("nodeType"), f"dax.node.{cluster.text('nodeType')}", HOURS * nodes)


def _redis(group: Resource, around: Surroundings) -> Iterator[Charge]:
    """A secondary of a global datastore has the node type and the shards of its primary."""
    primary = next((one for one in around.of(group.type) if one.text("nodeType")), group)
    described = group if group.text("nodeType") else primary
    shards = described.number("numNodeGroups")
    nodes = shards * (1 + group.number("replicasPerNodeGroup")) if shards else group.number("numCacheClusters", 1)
    node = described.text("nodeType")
    yield Charge(node, f"elasticache.node.{node}", HOURS * decimal(nodes))


def _bucket(_bucket: Resource, around: Surroundings) -> Iterator[Charge]:
    yield Charge("stored", "s3.storage", decimal(around.usage.bucket_gb))


def _repository(_repository: Resource, around: Surroundings) -> Iterator[Charge]:
    """Replication keeps the images in every region of the stack."""
    replicated = around.of("aws:ecr/replicationConfiguration:ReplicationConfiguration")
    places = len(around.regions) if replicated else 1
    yield Charge("images", "ecr.storage", decimal(around.usage.image_gb) * places)


PRICERS = {
    "aws:dax/cluster:Cluster": _dax,
    "aws:elasticache/replicationGroup:ReplicationGroup": _redis,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:ecr/repository:Repository": _repository,
}
