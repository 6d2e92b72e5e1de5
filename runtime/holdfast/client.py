"""The sync client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from holdfast import errors
from holdfast._attempt import Timeouts
from holdfast._client import ClientRequests
from holdfast.batch import TablesWriter, batch_get
from holdfast.table import ItemIterator, Table

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self, Unpack

    from holdfast._attempt import Call, Reply, Sender
    from holdfast._options import BatchGetOptions, CallOptions, StatementOptions, TransactOptions
    from holdfast._setup import ClientOptions, Setup
    from holdfast.actions import GetAction, WriteAction
    from holdfast.results import StatementResult, WriteResult
    from holdfast.topology import Topology

T = TypeVar("T")
Item = dict[str, Any]


class Client(ClientRequests):
    """Access to the tables of a stack, or of one plain region. Safe to use from several threads, and after a fork.

    Args:
        topology: the stack; a `Topology`, or the path of its document. Without it the file that HOLDFAST_TOPOLOGY
            names; without that one plain region.
        region: the region to prefer. Without it the stack's home region, or AWS_REGION, AWS_DEFAULT_REGION, us-east-1.
        sender: sends single attempts in place of the client's own transport; for tests.
        options: see `holdfast.ClientOptions`.

    Raises:
        TopologyError: the topology cannot be read, or lacks the region.
        ConfigurationError: an option that does not exist or has no meaning.
    """

    def __init__(
        self,
        topology: Topology | str | Path | None = None,
        region: str | None = None,
        *,
        sender: Sender | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        from holdfast._setup import Setup  # noqa: PLC0415 - loaded by who makes a client, not by who imports one
        from holdfast.resilience.assembly import build  # noqa: PLC0415 - as above

        super().__init__(Setup(topology, region, options))
        self._scripted = sender is not None
        self._sender = sender or _sender(self._setup)
        self.pipeline = build(self._sender, self._setup.regions, self.topology, self._setup.policy)
        """What decides where and how often a call is sent; its `core.views()` shows the state of the regions."""
        self.send = self.pipeline.send
        """Send a `Call`; what every method here ends in."""

    @overload
    def table(self, name: str, *, drop_none: bool = False) -> Table[Item]: ...

    @overload
    def table(self, name: str, model: type[T], *, drop_none: bool = False) -> Table[T]: ...

    def table(self, name: str, model: type[Any] | None = None, *, drop_none: bool = False) -> Table[Any]:
        """The table of that logical name in the topology, or else of that physical name.

        DYNAMODB_<NAME>_TABLE in the environment gives another physical name.

        Args:
            name: logical or physical.
            model: a dataclass, pydantic or attrs class of the items; without it items are dictionaries.
            drop_none: leave attributes out that are None.
        """
        physical, codec, key_names = self._setup.table(name, model, drop_none=drop_none)
        return Table(self, physical, codec, key_names)

    @property
    def control(self) -> Any:
        """Botocore's client in the preferred region: every other operation of DynamoDB."""
        return self._setup.plane.client(self._setup.regions[0])

    def transact_write(self, actions: Iterable[WriteAction], **options: Unpack[TransactOptions]) -> WriteResult:
        """Carry out up to 100 actions, all or none.

        Raises:
            TransactionCanceledError: none was carried out; `reasons` says why, action by action.
            OutcomeUnknown: they may have been, and sending them again is not safe.
        """
        return self._transacted(self.send(self._transact_write_call(actions, options)), options)

    def transact_get(self, actions: Sequence[GetAction], **options: Unpack[CallOptions]) -> list[Any]:
        """Read up to 100 items as of one moment; None where there is no item.

        Raises:
            TransactionCanceledError: another transaction was at work on one of them.
        """
        return self._transact_got(self.send(self._transact_get_call(actions, options)), actions, options)

    def batch_get(
        self, keys: Mapping[Table[Any], Iterable[Mapping[str, Any]]], **options: Unpack[BatchGetOptions]
    ) -> dict[Table[Any], list[Any]]:
        """The items of many keys of several tables: `client.batch_get({orders: [key, …], customers: [key]})`.

        The lists are in no order; keys without an item are left out. Options hold for every table.

        Raises:
            ThrottledError: request after request left keys unprocessed.
        """
        return batch_get(self.send, keys, options)

    def batch_writer(self) -> TablesWriter:
        """Puts and deletes of several tables: `with client.batch_writer() as batch: batch.put(orders, item)`."""
        return TablesWriter(self.send)

    def execute(self, statement: str, **options: Unpack[StatementOptions]) -> ItemIterator[Item]:
        """Run a PartiQL statement; a write is carried out when the iterator is read (`.page()` runs it at once)."""
        return ItemIterator(self.send, self._statement(statement, options))

    def batch_execute(
        self, statements: Sequence[tuple[str, Sequence[Any]]], **options: Unpack[CallOptions]
    ) -> list[StatementResult]:
        """Run up to 25 PartiQL statements (text and parameters), each on its own: some may fail."""
        return self._batch_executed(self.send(self._batch_execute_call(statements, options)), options)

    def execute_transaction(
        self, statements: Sequence[tuple[str, Sequence[Any]]], **options: Unpack[TransactOptions]
    ) -> list[Item | None]:
        """Run up to 100 PartiQL statements (text and parameters), all or none. Raises as `transact_write` does."""
        return self._transaction_executed(self.send(self._execute_transaction_call(statements, options)), options)

    def call(self, operation: str, request: Mapping[str, Any]) -> Any:
        """Any operation by DynamoDB's name, through botocore, in the preferred region: `call("DescribeTable", {…})`."""
        return self.control._make_api_call(operation, dict(request))  # noqa: SLF001 - by DynamoDB's name, not Python's

    def warm_up(self, connections: int = 1, *, timeouts: Timeouts | None = None) -> None:
        """Load credentials, resolve endpoints and open connections in every region, before the first call.

        Raises:
            ConnectError: the preferred region does not accept connections. The others may fail; they are tried later.
        """
        warm = getattr(self._sender, "warm", None)
        if warm is None:
            return
        for region in self._setup.regions:
            try:
                warm(region, connections, timeouts or Timeouts())
            except errors.ConnectError:
                if region is self._setup.regions[0]:
                    raise

    def close(self) -> None:
        """Close every connection. A closed client refuses calls."""
        self.send = self._refuse
        self.pipeline.close()
        self._setup.plane.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @staticmethod
    def _refuse(call: Call) -> Reply:
        raise errors.ClientClosedError("the client is closed; make a new one", operation=call.operation.name)


def _sender(setup: Setup) -> Sender:
    if setup.transport == "botocore":
        from holdfast._transport.botocore import BotocoreSender  # noqa: PLC0415 - one of two

        return BotocoreSender(setup.plane, max_connections=setup.pool["max_connections"])
    from holdfast._transport.sync import HttpSender  # noqa: PLC0415 - one of two

    return HttpSender(setup.plane, **setup.pool)
