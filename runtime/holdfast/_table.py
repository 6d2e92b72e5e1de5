"""What sync and async tables share: calls made of arguments, results made of replies. No input or output."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from holdfast import _attempt
from holdfast._attempt import Call
from holdfast._requests import add_options
from holdfast.actions import GetAction, WriteAction
from holdfast.results import WriteResult
from holdfast.values import decode_item

if TYPE_CHECKING:
    from typing import Unpack

    from holdfast._attempt import Operation, Reply
    from holdfast._codec import ItemCodec
    from holdfast._options import CheckOptions, ConditionOptions, GetOptions
    from holdfast._requests import Request
    from holdfast.expressions import Condition, Update

T = TypeVar("T")


def make_call(operation: Operation, request: Request, table: str | None, options: Mapping[str, Any]) -> Call:
    """A call with the options that are not part of the request."""
    if not options:
        return Call(operation, request, table)
    timeout = options.get("timeout")
    deadline = None if timeout is None else time.monotonic() + timeout
    return Call(operation, request, table, deadline, options.get("region"), options.get("context"))


class BaseTable(Generic[T]):
    """A table's name and codec, and the requests on it."""

    def __init__(self, name: str, codec: ItemCodec[T], key_names: Sequence[str] | None = None) -> None:
        self.name = name
        """The physical name."""
        self._codec = codec
        self._key_names = key_names
        self._read_item = getattr(codec, "read_item", None)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    # Actions of transactions, the same for sync and async clients.

    def get_action(self, key: Mapping[str, Any], **options: Unpack[GetOptions]) -> GetAction:
        """A get, for `transact_get`."""
        request = add_options({"TableName": self.name, "Key": self._codec.encode_key(key)}, options)
        return GetAction({"Get": request}, self._codec.decode)

    def put_action(self, item: T, **options: Unpack[ConditionOptions]) -> WriteAction:
        """A put, for `transact_write`."""
        return WriteAction({"Put": add_options({"TableName": self.name, "Item": self._codec.encode(item)}, options)})

    def update_action(
        self, key: Mapping[str, Any], update: str | Update, **options: Unpack[ConditionOptions]
    ) -> WriteAction:
        """An update, for `transact_write`."""
        return WriteAction({"Update": self._update_request(key, update, options)})

    def delete_action(self, key: Mapping[str, Any], **options: Unpack[ConditionOptions]) -> WriteAction:
        """A delete, for `transact_write`."""
        request = add_options({"TableName": self.name, "Key": self._codec.encode_key(key)}, options)
        return WriteAction({"Delete": request})

    def check_action(
        self, key: Mapping[str, Any], condition: str | Condition, **options: Unpack[CheckOptions]
    ) -> WriteAction:
        """A condition on an item that the transaction does not write, for `transact_write`."""
        request: Request = {"TableName": self.name, "Key": self._codec.encode_key(key)}
        return WriteAction({"ConditionCheck": add_options(request, {**options, "condition": condition})})

    # Calls.

    def _get_call(self, key: Mapping[str, Any], options: Mapping[str, Any]) -> Call:
        request: Request = {"TableName": self.name, "Key": self._codec.encode_key(key)}
        if not options:
            return Call(_attempt.GET_ITEM, request, self.name)
        return make_call(_attempt.GET_ITEM, add_options(request, options), self.name, options)

    def _put_call(self, item: T, options: Mapping[str, Any]) -> Call:
        request: Request = {"TableName": self.name, "Item": self._codec.encode(item)}
        if not options:
            return Call(_attempt.PUT_ITEM, request, self.name)
        return make_call(_attempt.PUT_ITEM, add_options(request, options), self.name, options)

    def _delete_call(self, key: Mapping[str, Any], options: Mapping[str, Any]) -> Call:
        request = add_options({"TableName": self.name, "Key": self._codec.encode_key(key)}, options)
        return make_call(_attempt.DELETE_ITEM, request, self.name, options)

    def _update_call(self, key: Mapping[str, Any], update: str | Update, options: Mapping[str, Any]) -> Call:
        return make_call(_attempt.UPDATE_ITEM, self._update_request(key, update, options), self.name, options)

    def _update_request(self, key: Mapping[str, Any], update: str | Update, options: Mapping[str, Any]) -> Request:
        request: Request = {"TableName": self.name, "Key": self._codec.encode_key(key)}
        return add_options(request, {**options, "update": update})

    # Results.

    def _item(self, reply: Reply, options: Mapping[str, Any]) -> T | None:
        if options:
            note(reply, options)
        if self._read_item is not None:
            found: T | None = self._read_item(reply)
            return found
        item = reply.document.get("Item")
        return None if item is None else self._codec.decode(item)

    def _written(self, reply: Reply, options: Mapping[str, Any]) -> WriteResult:
        if not options:
            return WriteResult(reply.region, reply.request_id)
        note(reply, options)
        document = reply.document
        attributes = document.get("Attributes")
        if attributes is not None:
            whole = options.get("return_values") in ("ALL_OLD", "ALL_NEW")
            attributes = self._codec.decode(attributes) if whole else decode_item(attributes)
        return WriteResult(
            reply.region,
            reply.request_id,
            attributes,
            document.get("ConsumedCapacity"),
            document.get("ItemCollectionMetrics"),
        )


def note(reply: Reply, options: Mapping[str, Any]) -> None:
    """Fill the call's `info`, if it was given one."""
    info = options.get("info")
    if info is not None:
        info.add(reply)
