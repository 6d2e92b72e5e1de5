"""What a stack has once: the primaries of its keys and its home tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components.base.layer import Component
from components.base.place import Place
from components.compute import Registry
from components.data import Backup, Exports, HomeTables, StreamConsumer
from components.recovery import HostedZone
from components.security import Audit, Boundary, ChangeAudit, MultiRegionKeys, key_alias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi_aws as aws

    from components.data import HomeTableOutputs
    from components.security import KeyOutputs
    from settings import Settings
    from settings.backup import BackupSettings
    from settings.data import DataSettings
    from settings.security import SecuritySettings


class Foundation(Component):
    """Global things, and what regions replicate from."""

    def __init__(self, settings: Settings, providers: Mapping[str, aws.Provider]) -> None:
        super().__init__("foundation", pulumi.ResourceOptions(providers=[providers[settings.home.name]]))
        self._settings = settings
        self.place = place_of(settings, settings.home.name)
        self.keys: Mapping[str, KeyOutputs] = {}
        self.tables: HomeTableOutputs | None = None
        self.boundary: aws.iam.Policy | None = None
        self.observer_key_arn: pulumi.Output[str] | None = None
        self.zone_id = self._zone()
        if settings.security is not None:
            made = MultiRegionKeys(
                "keys",
                self.child(),
                keys=settings.security.keys,
                settings=settings,
                place=self.place,
                providers=providers,
            )
            self.keys = made.outputs
            self.observer_key_arn = made.observer
            self.boundary = Boundary("boundary", self.child(), settings=settings, place=self.place).policy
            if settings.data is not None:
                self.tables = self._tables(settings.data)
                if settings.data.backup is not None and made.backup_copy is not None:
                    self._backup(settings.data, settings.data.backup, made.backup_copy, providers)
            self._audit(settings.security)
            self._registry()
        self.done()

    def _tables(self, data: DataSettings) -> HomeTableOutputs:
        settings = self._settings
        home = HomeTables(
            "tables", self.child(), data=data, settings=settings, keys=self.keys, place=self.place
        ).outputs
        for logical, table in data.tables.items():
            for consumer, wanted in table.stream_consumers.items():
                StreamConsumer(
                    f"{logical}-{consumer}",
                    self.child(),
                    consumer=consumer,
                    wanted=wanted,
                    table=table,
                    made=home.tables[logical],
                    key_arn=self.keys[self.place.region].data,
                    key_alias=self._alias("data"),
                    place=self.place,
                )
        return home

    def _backup(
        self,
        data: DataSettings,
        backup: BackupSettings,
        copy_key_arn: pulumi.Output[str],
        providers: Mapping[str, aws.Provider],
    ) -> None:
        keys = self.keys[self.place.region]
        Backup(
            "backup",
            self.child(),
            backup=backup,
            settings=self._settings,
            key_arn=keys.backup,
            copy_key_arn=copy_key_arn,
            place=self.place,
            copy_provider=providers[backup.copy_region],
        )
        if backup.export is not None:
            Exports(
                "exports",
                self.child(),
                export=backup.export,
                data=data,
                key_arn=keys.backup,
                key_alias=self._alias("backup"),
                place=self.place,
            )

    def _audit(self, security: SecuritySettings) -> None:
        if security.audit is None:
            return
        keys = self.keys[self.place.region]
        Audit("audit", self.child(), audit=security.audit, settings=self._settings, keys=keys, place=self.place)
        if security.audit.changes and self.tables is not None:
            ChangeAudit(
                "changes",
                self.child(),
                audit=security.audit,
                tables=self.tables.tables,
                keys=keys,
                aliases={purpose: self._alias(purpose) for purpose in ("data", "logs")},
                place=self.place,
            )

    def _zone(self) -> pulumi.Output[str] | None:
        """The hosted zone, before the regions: their certificates are proven in it."""
        dns = self._settings.recovery.dns if self._settings.recovery else None
        return None if dns is None else HostedZone("zone", self.child(), dns=dns, place=self.place).zone_id

    def _registry(self) -> None:
        compute = self._settings.compute
        if compute is not None:
            Registry(
                "registry",
                self.child(),
                regions=self._settings.region_names,
                key_arn=self.keys[self.place.region].data,
                own=compute.own_registry,
                place=self.place,
            )

    def _alias(self, purpose: str) -> str:
        if self._settings.security is None:
            raise ValueError("a stack without the security layer has no keys")
        return key_alias(purpose, self._settings.security.keys, self.place)


def place_of(settings: Settings, region: str) -> Place:
    """Where things of a region of this stack stand."""
    return Place(
        stack=pulumi.get_stack(),
        prefix=settings.stack.name_prefix,
        account_id=settings.stack.account_id,
        region=region,
        home_region=settings.home.name,
        protect=settings.stack.protect and not settings.given_up(region=region),
    )
