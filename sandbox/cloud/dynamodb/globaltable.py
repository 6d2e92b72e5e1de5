"""A global table: the replicas of one name, and what keeps them the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox.cloud.dynamodb.errors import ServiceError
from sandbox.cloud.replication import Change, Group

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Database
    from sandbox.cloud.dynamodb.keys import Token
    from sandbox.cloud.dynamodb.table import Table


class GlobalTable:
    """Replicas of a table. Eventual (MREC) ones follow by links; strong (MRSC) ones are written together."""

    def __init__(self, database: Database, home: Table, *, strong: bool = False, witness: str | None = None) -> None:
        self.name = home.name
        self.strong = strong
        self.witness = witness
        self.tables: dict[str, Table] = {}
        self._flying: dict[Token, tuple[str, float]] = {}
        self.group = Group(lag=database.lag)
        self.group.partitioned = database.partitioned
        self._database = database
        self._join(home)

    @property
    def home(self) -> str:
        """The region that was there first: TTL runs there."""
        return next(iter(self.tables))

    def _join(self, table: Table) -> None:
        self.tables[table.region] = table
        self.group.join(table.region, table.register)
        table.on_local_write = self._wrote
        if self.strong:
            table.before_local_write = self._refuse_conflict

    def add(self, table: Table, source: str) -> None:
        """Add a replica and fill it from another."""
        self._join(table)
        self.group.backfill(source, table.region, self.tables[source].items, self._apply)
        self._database.wake()

    def remove(self, region: str) -> None:
        """Take a replica out; it goes on as a table of its own if it still exists."""
        table = self.tables.pop(region)
        table.on_local_write = table.before_local_write = None
        self.group.leave(region)

    def _refuse_conflict(self, table: Table, token: Token) -> None:
        """A strong write takes until a second region has it: until then no other region may write the item."""
        now = self._database.clock()
        flying = self._flying.get(token)
        if flying is not None and flying[0] != table.region and now < flying[1]:
            raise ServiceError(
                "ReplicatedWriteConflictException",
                "The request was rejected because one or more items in the request are being modified by a request in "
                "another Region.",
            )

    def _fly(self, table: Table, token: Token) -> None:
        """The answer to a strong write comes when the nearest other region has it."""
        now = self._database.clock()
        cut = self.group.partitioned
        others = [*self.tables, *([self.witness] if self.witness else [])]
        delay = min(
            (self._database.lag(table.region, other) for other in others if other != table.region and other not in cut),
            default=0.0,
        )
        self._flying = {key: entry for key, entry in self._flying.items() if now < entry[1]}
        self._flying[token] = (table.region, now + delay)
        self._database.delay = max(self._database.delay, delay)

    def _wrote(self, table: Table, change: Change) -> None:
        if self.strong:
            self._fly(table, cast("Token", change.key))
            for region, other in self.tables.items():
                if region != table.region and region not in self.group.partitioned and other.register.accept(change):
                    other.receive(change)
            missed = [region for region in self.tables if region in self.group.partitioned and region != table.region]
            if not missed:
                return
        self.group.wrote(change, self._database.clock())
        self._database.wake()

    def partition(self, regions: frozenset[str]) -> None:
        """Regions went off the network, or came back; a strong replica catches up before it serves."""
        self.group.partitioned = regions
        if self.strong:
            self.deliver(float("inf"), 0)

    def deliver(self, now: float, now_ns: int) -> int:
        """Deliver what has arrived by now."""
        return self.group.deliver(now, now_ns, self._arrive)

    def _arrive(self, region: str, change: Change) -> None:
        table = self.tables.get(region)
        if table is None:
            return
        if self._database.arrive is not None:
            self._database.arrive(table, change, table.register.accept)
        elif table.register.accept(change):
            table.receive(change)

    def _apply(self, region: str, change: Change) -> None:
        table = self.tables.get(region)
        if table is not None:
            table.receive(change)

    def require_quorum(self, region: str) -> None:
        """A strong table serves where two of its three regions can agree.

        Raises:
            ServiceError: this one is alone.
        """
        members = [*self.tables, *([self.witness] if self.witness else [])]
        cut = self.group.partitioned
        reachable = [member for member in members if member == region or (member not in cut and region not in cut)]
        if len(reachable) * 2 <= len(members):
            raise ServiceError("InternalServerError", "Internal server error", status=500)

    def describe(self, region: str) -> list[dict[str, Any]]:
        """`Replicas` as DescribeTable gives them: every replica of a table that has more than one."""
        del region
        if len(self.tables) < 2:
            return []
        return [
            {
                "RegionName": name,
                "ReplicaStatus": table.status if table.status != "DELETING" else "DELETING",
                **_overrides(table),
            }
            for name, table in self.tables.items()
        ]


def _overrides(table: Table) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if table.sse is not None and "KMSMasterKeyArn" in table.sse:
        result["KMSMasterKeyId"] = table.sse["KMSMasterKeyArn"]
    if table.table_class is not None:
        result["ReplicaTableClassSummary"] = {"TableClass": table.table_class}
    if table.warm is not None:
        result["WarmThroughput"] = {**table.warm, "Status": "ACTIVE"}
    if table.global_indexes:
        result["GlobalSecondaryIndexes"] = [{"IndexName": index.name} for index in table.global_indexes]
    return result
