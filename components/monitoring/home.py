"""Alarms of what a stack has once: backups, stream consumers and the change audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.alarm import Alarm, register
from components.base.layer import Component
from components.monitoring import services

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pulumi

    from components.base.place import Place
    from settings import Settings


class HomeAlarms(Component):
    """Apart from the regions, which are all watched alike."""

    layer = "monitoring"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        settings: Settings,
        topics: Mapping[str, str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        for alarm in _alarms(settings, place):
            register(alarm, self, place, topics, scope="home")
        self.done()


def _alarms(settings: Settings, place: Place) -> Iterator[Alarm]:
    data = settings.data
    if data is None:
        return
    if data.backup is not None:
        yield services.backup_alarm(data.backup.vault_name)
    for table in data.tables.values():
        for consumer in table.stream_consumers:
            yield services.queue_alarm(place.name(table.name, consumer))
    audit = settings.security.audit if settings.security else None
    if audit is not None and audit.changes:
        yield from services.change_audit_alarms(place.name("changes"))
