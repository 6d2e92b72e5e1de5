"""All tables of all regions, and the global tables that join them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.cloud.dynamodb.backup import Backup
from sandbox.cloud.dynamodb.errors import ServiceError, invalid, table_not_found
from sandbox.cloud.dynamodb.globaltable import GlobalTable
from sandbox.cloud.dynamodb.keys import Token
from sandbox.cloud.dynamodb.operations.exports import Export
from sandbox.cloud.dynamodb.operations.imports import Import
from sandbox.cloud.dynamodb.request import Params, require_table, table_name
from sandbox.cloud.dynamodb.stream import Stream
from sandbox.cloud.dynamodb.table import Table
from sandbox.cloud.replication import Change

DEFAULT_LAG_SECONDS = 0.1
"""Replication lag where nobody set another. AWS's is typically about a second; a test should not wait for it."""


class Database:
    """The state of DynamoDB in one account."""

    def __init__(self, account: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.account = account
        self.clock = clock
        self.regions: dict[str, Region] = {}
        self.globals: dict[str, GlobalTable] = {}
        self.lags: dict[tuple[str, str], float] = {}
        self.delay = 0.0
        """Seconds that the answer to the operation under way must wait: a strong write travels."""
        self.partitioned: frozenset[str] = frozenset()
        self.wake: Callable[[], None] = lambda: None
        self.arrive: Callable[[Table, Change, Callable[[Change], bool]], None] | None = None
        """Takes a change from another replica to where the items are, if they are not here."""
        self.expire: Callable[[Table, list[Token]], None] | None = None
        """Deletes expired items where the items are, if they are not here."""
        self.ship: Callable[[str, Export], None] = lambda _region, _export: None
        self.fetch: Callable[[str, Import], None] = lambda _region, _import: None
        """Brings the objects of an export into their bucket."""
        self.disabled_keys: frozenset[str] = frozenset()

    def region(self, name: str) -> Region:
        """The region of a name; made when it is first asked for."""
        found = self.regions.get(name)
        if found is None:
            found = self.regions[name] = Region(self, name)
        return found

    def lag(self, source: str, target: str) -> float:
        """The lag of a pair of regions, in seconds."""
        return self.lags.get((source, target), DEFAULT_LAG_SECONDS)

    def set_lag(self, seconds: float, source: str | None = None, target: str | None = None) -> None:
        """Set the lag of a pair, of all pairs with one of the two ends, or of all."""
        names = set(self.regions) | {region for group in self.globals.values() for region in group.tables}
        for one in names:
            for two in names - {one}:
                if source in (None, one) and target in (None, two):
                    self.lags[one, two] = seconds
        for group in self.globals.values():
            for (one, two), link in group.group.links.items():
                link.lag_seconds = self.lag(one, two)
        self.wake()

    def partition(self, regions: frozenset[str]) -> None:
        """The regions that are off the network now; replication with them waits."""
        self.partitioned = regions
        for group in self.globals.values():
            group.partition(regions)
        self.wake()

    def disable_keys(self, arns: frozenset[str]) -> None:
        """The keys that cannot be used now: their tables refuse until they can."""
        self.disabled_keys = arns
        for table in self.tables():
            table.key_disabled = table.sse is not None and table.sse["KMSMasterKeyArn"] in arns

    def replication(self) -> dict[str, dict[str, Any]]:
        """Lag, backlog and deliveries of each pair of regions, over all global tables."""
        pairs: dict[str, dict[str, Any]] = {}
        for group in self.globals.values():
            for (source, target), link in group.group.links.items():
                pair = pairs.setdefault(
                    f"{source}>{target}",
                    {
                        "source": source,
                        "target": target,
                        "lag_setting_seconds": link.lag_seconds,
                        "backlog": 0,
                        "delivered": 0,
                        "blocked": group.group.blocked(link),
                        "last_lag_seconds": None,
                        "p50_lag_seconds": None,
                        "p99_lag_seconds": None,
                    },
                )
                pair["backlog"] += link.backlog
                pair["delivered"] += link.delivered
                for name, value in (
                    ("last_lag_seconds", link.samples.last),
                    ("p50_lag_seconds", link.samples.percentile(0.5)),
                    ("p99_lag_seconds", link.samples.percentile(0.99)),
                ):
                    if value is not None and (pair[name] is None or value > pair[name]):
                        pair[name] = value
        return pairs

    def tables(self) -> Iterator[Table]:
        """Every table of every region."""
        for region in self.regions.values():
            yield from region.tables.values()


class Region:
    """The tables of one region."""

    def __init__(self, database: Database, name: str) -> None:
        self.database = database
        self.name = name
        self.tables: dict[str, Table] = {}
        self.tokens: dict[str, tuple[str, float]] = {}
        self.backups: dict[str, Backup] = {}
        self.exports: dict[str, Export] = {}
        self.imports: dict[str, Import] = {}
        self.closed_streams: list[Stream] = []

    def streams(self) -> Iterator[Stream]:
        """Every stream, those of deleted tables too."""
        for table in self.tables.values():
            if table.stream is not None:
                yield table.stream
            yield from table.old_streams
        yield from self.closed_streams

    def readable(self, params: Params, *, consistent: bool = False, transactional: bool = False) -> Table:
        """The table that a read names.

        Raises:
            ServiceError: there is none, or it cannot serve.
        """
        table = require_table(self.tables.get(table_name(params, self.name)))
        self._require_serving(table)
        group = self.database.globals.get(table.name)
        if group is not None and group.strong and self.name in group.tables:
            if transactional:
                raise _no_transactions()
            if consistent:
                group.require_quorum(self.name)
        return table

    def writable(self, params: Params, *, transactional: bool = False) -> Table:
        """The table that a write names.

        Raises:
            ServiceError: there is none, or it cannot serve.
        """
        table = require_table(self.tables.get(table_name(params, self.name)))
        self._require_serving(table)
        group = self.database.globals.get(table.name)
        if group is not None and group.strong and self.name in group.tables:
            if transactional:
                raise _no_transactions()
            group.require_quorum(self.name)
        return table

    def _require_serving(self, table: Table) -> None:
        if table.key_disabled:
            arn = table.sse["KMSMasterKeyArn"] if table.sse is not None else ""
            raise ServiceError(
                "AccessDeniedException", f"KMS key {arn} of table {table.name} is disabled or pending deletion"
            )

    def described(self, params: Params) -> Table:
        """The table that a table operation names.

        Raises:
            ServiceError: there is none.
        """
        name = table_name(params, self.name)
        table = self.tables.get(name)
        if table is None:
            raise table_not_found(name)
        return table


def _no_transactions() -> ServiceError:
    return invalid("Transactional operations are not supported on tables with multi-Region strong consistency")
