"""Multi-region keys: a primary in the home region, a replica in every other one, the same alias everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component
from components.security.key_policies import key_policy
from components.security.outputs import KeyOutputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from components.base.place import Place
    from settings import Settings
    from settings.security import KeySettings, KeysSettings

PURPOSES = ("data", "fields", "logs", "backup")
"""A key for each, so that the right to read a log never takes the right to read data."""


def key_alias(purpose: str, settings: KeysSettings, place: Place) -> str:
    """Name of the alias of a purpose's key, with `alias/`, the same in every region."""
    given: KeySettings = getattr(settings, purpose)
    return f"alias/{given.alias or place.name(purpose)}"


class MultiRegionKeys(Component):
    """Every key of the stack in every region that uses it.

    A multi-region key is one key: it is made here as a whole, because a strongly consistent table needs the keys
    of all its regions at its creation. The region of backup copies gets a replica of the backup key alone.
    """

    layer = "security"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        keys: KeysSettings,
        settings: Settings,
        place: Place,
        providers: Mapping[str, aws.Provider],
    ) -> None:
        super().__init__(name, opts)
        self._by_region = providers
        primaries = {purpose: self._primary(purpose, getattr(keys, purpose), place) for purpose in PURPOSES}
        home = {purpose: key.arn for purpose, key in primaries.items()}
        self.outputs = {place.region: KeyOutputs(**home)}
        for region in settings.region_names[1:]:
            arns = {
                purpose: self._replica(purpose, getattr(keys, purpose), home[purpose], place.at(region))
                for purpose in PURPOSES
            }
            self.outputs[region] = KeyOutputs(**arns)
        self.backup_copy = self._backup_copy(keys, settings, home["backup"], place)
        self.done()

    def _primary(self, purpose: str, key: KeySettings, place: Place) -> aws.kms.Key:
        return aws.kms.Key(
            f"{place.region}-key-{purpose}",
            description=f"{place.stack}: {purpose}",
            multi_region=True,
            enable_key_rotation=True,
            rotation_period_in_days=key.rotation_days,
            deletion_window_in_days=key.deletion_window_days,
            policy=key_policy(purpose, place),
            opts=self.child(protect=place.protect),
        )

    def _replica(self, purpose: str, key: KeySettings, primary: pulumi.Output[str], place: Place) -> pulumi.Output[str]:
        made = aws.kms.ReplicaKey(
            f"{place.region}-key-{purpose}",
            description=f"{place.stack}: {purpose}",
            primary_key_arn=primary,
            deletion_window_in_days=key.deletion_window_days,
            policy=key_policy(purpose, place),
            opts=self.child(protect=place.protect, provider=self._by_region[place.region]),
        )
        return made.arn

    def _backup_copy(
        self, keys: KeysSettings, settings: Settings, primary: pulumi.Output[str], place: Place
    ) -> pulumi.Output[str] | None:
        """The backup key where copies are kept; None without copies."""
        backup = settings.data.backup if settings.data else None
        if backup is None:
            return None
        if backup.copy_region in self.outputs:
            return self.outputs[backup.copy_region].backup
        return self._replica("backup", keys.backup, primary, place.at(backup.copy_region))
