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


SIGNING = "evidence"
"""Purpose of the key that signs the evidence of drills. It signs and cannot encrypt, and is never rotated."""


def purposes(settings: Settings) -> tuple[str, ...]:
    """Purposes for which a stack has a key: the evidence's where it has drills."""
    drills = settings.recovery is not None and settings.recovery.drills is not None
    return (*PURPOSES, SIGNING) if drills else PURPOSES


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
        self._settings = settings
        wanted = purposes(settings)
        primaries = {purpose: self._primary(purpose, getattr(keys, purpose), place) for purpose in wanted}
        home = {purpose: key.arn for purpose, key in primaries.items()}
        self.outputs = {place.region: KeyOutputs(**home)}
        for region in settings.region_names[1:]:
            arns = {
                purpose: self._replica(purpose, getattr(keys, purpose), home[purpose], place.at(region))
                for purpose in wanted
            }
            self.outputs[region] = KeyOutputs(**arns)
        self.observer = self._observer(keys, settings, home["logs"], place)
        self.backup_copy = self._backup_copy(keys, settings, home["backup"], place)
        self.done()

    def _primary(self, purpose: str, key: KeySettings, place: Place) -> aws.kms.Key:
        signs = purpose == SIGNING
        return aws.kms.Key(
            f"{place.region}-key-{purpose}",
            description=f"{place.stack}: {purpose}",
            multi_region=True,
            key_usage="SIGN_VERIFY" if signs else None,
            customer_master_key_spec="ECC_NIST_P256" if signs else None,
            enable_key_rotation=None if signs else True,
            rotation_period_in_days=None if signs else key.rotation_days,
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
            opts=self.child(
                protect=place.protect and not self._settings.given_up(region=place.region),
                provider=self._by_region[place.region],
            ),
        )
        return made.arn

    def _observer(
        self, keys: KeysSettings, settings: Settings, primary: pulumi.Output[str], place: Place
    ) -> pulumi.Output[str] | None:
        """The key of logs where the observer stands; None without one."""
        if settings.edge is None:
            return None
        return self._replica("logs", keys.logs, primary, place.at(settings.edge.observer))

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
