"""Multi-region keys: a primary in the home region, a replica and an alias in every region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from components.security.key_policies import key_policy
from components.security.outputs import KeyOutputs

if TYPE_CHECKING:
    from components.base.place import Place
    from settings.security import KeySettings, KeysSettings

PURPOSES = ("data", "logs", "backup")
"""A key for each, so that the right to read a log never takes the right to read data."""


def key_alias(purpose: str, settings: KeysSettings, place: Place) -> str:
    """Name of the alias of a purpose's key, with `alias/`, the same in every region."""
    given: KeySettings = getattr(settings, purpose)
    return f"alias/{given.alias or place.name(purpose)}"


class MultiRegionKeys(Component):
    """The primaries, in the home region."""

    layer = "security"

    def __init__(self, name: str, opts: pulumi.ResourceOptions, *, settings: KeysSettings, place: Place) -> None:
        super().__init__(name, opts)
        self.primaries = {purpose: self._primary(purpose, getattr(settings, purpose), place) for purpose in PURPOSES}
        self.outputs = KeyOutputs(**{purpose: key.arn for purpose, key in self.primaries.items()})
        self.done()

    def _primary(self, purpose: str, settings: KeySettings, place: Place) -> aws.kms.Key:
        return aws.kms.Key(
            f"key-{purpose}",
            description=f"{place.stack}: {purpose}",
            multi_region=True,
            enable_key_rotation=True,
            rotation_period_in_days=settings.rotation_days,
            deletion_window_in_days=settings.deletion_window_days,
            policy=key_policy(purpose, place),
            opts=self.child(protect=place.protect),
        )


class RegionKeys(Component):
    """One region's share: the primary or a replica of each key, behind the same alias."""

    layer = "security"

    def __init__(
        self, name: str, opts: pulumi.ResourceOptions, *, settings: KeysSettings, primaries: KeyOutputs, place: Place
    ) -> None:
        super().__init__(name, opts)
        arns = {purpose: self._key(purpose, settings, primaries, place) for purpose in PURPOSES}
        self.outputs = KeyOutputs(**arns)
        self.done()

    def _key(self, purpose: str, settings: KeysSettings, primaries: KeyOutputs, place: Place) -> pulumi.Output[str]:
        primary: pulumi.Output[str] = getattr(primaries, purpose)
        arn = primary if place.is_home else self._replica(purpose, getattr(settings, purpose), primary, place).arn
        aws.kms.Alias(
            f"{place.region}-alias-{purpose}",
            name=key_alias(purpose, settings, place),
            target_key_id=arn,
            opts=self.child(),
        )
        return arn

    def _replica(
        self, purpose: str, settings: KeySettings, primary: pulumi.Output[str], place: Place
    ) -> aws.kms.ReplicaKey:
        return aws.kms.ReplicaKey(
            f"{place.region}-key-{purpose}",
            description=f"{place.stack}: {purpose}",
            primary_key_arn=primary,
            deletion_window_in_days=settings.deletion_window_days,
            policy=key_policy(purpose, place),
            opts=self.child(protect=place.protect),
        )
