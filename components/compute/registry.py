"""The image registry: one repository in the home region, replicated to the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from components.base.place import Place

KEPT_IMAGES = 50
"""Images that are kept; older ones are removed."""


def repository_name(place: Place) -> str:
    """Name of the repository, the same in every region."""
    return f"{place.prefix}/orders"


def image(place: Place, tag: str) -> str:
    """The image in the registry of a region, so that a region starts pods without asking another."""
    return f"{place.account_id}.dkr.ecr.{place.region}.amazonaws.com/{repository_name(place)}:{tag}"


class Registry(Component):
    """Immutable tags, scanned on push, encrypted; replication and scanning are settings of the whole registry."""

    layer = "compute"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        regions: Sequence[str],
        key_arn: pulumi.Output[str],
        own: bool,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        repository = aws.ecr.Repository(
            "repository-orders",
            name=repository_name(place),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": key_arn}],
            opts=self.child(protect=place.protect),
        )
        aws.ecr.LifecyclePolicy(
            "repository-orders-lifecycle",
            repository=repository.name,
            policy=json.dumps(
                {
                    "rules": [
                        {
                            "rulePriority": 1,
                            "description": "Keep the latest images",
                            "selection": {
                                "tagStatus": "any",
                                "countType": "imageCountMoreThan",
                                "countNumber": KEPT_IMAGES,
                            },
                            "action": {"type": "expire"},
                        }
                    ]
                }
            ),
            opts=self.child(),
        )
        if own:
            self._registry(regions, place)
        self.done()

    def _registry(self, regions: Sequence[str], place: Place) -> None:
        aws.ecr.RegistryScanningConfiguration(
            "registry-scanning",
            scan_type="ENHANCED",
            rules=[
                {
                    "scan_frequency": "CONTINUOUS_SCAN",
                    "repository_filters": [{"filter": f"{place.prefix}/*", "filter_type": "WILDCARD"}],
                }
            ],
            opts=self.child(),
        )
        others = [region for region in regions if region != place.region]
        if others:
            aws.ecr.ReplicationConfiguration(
                "registry-replication",
                replication_configuration={
                    "rules": [
                        {
                            "destinations": [{"region": region, "registry_id": place.account_id} for region in others],
                            "repository_filters": [{"filter": f"{place.prefix}/", "filter_type": "PREFIX_MATCH"}],
                        }
                    ]
                },
                opts=self.child(),
            )
