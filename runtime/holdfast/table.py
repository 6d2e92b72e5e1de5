"""One table: items in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast import _attempt
from holdfast._attempt import Call, Operation, Reply
from holdfast.results import CallInfo, Page, WriteResult
from holdfast.values import decode_item, encode_item

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from holdfast.client import Client

Item = dict[str, Any]


class Table:
    """A table of a `Client`; made by `client.table(name)`. Safe to use from several threads."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self.name = name
        """The physical name."""

    def __repr__(self) -> str:
        return f"Table({self.name!r})"

    def get(
        self,
        key: Mapping[str, Any],
        *,
        consistent: bool = False,
        projection: str | None = None,
        names: Mapping[str, str] | None = None,
        return_consumed_capacity: str | None = None,
        region: str | None = None,
        info: CallInfo | None = None,
    ) -> Item | None:
        """The item of that key, or None.

        Args:
            key: every attribute of the key.
            consistent: a strongly consistent read.
            projection: attributes to return, as a ProjectionExpression.
            names: ExpressionAttributeNames.
            return_consumed_capacity: `TOTAL` or `INDEXES`; the answer is in `info`.
            region: read from this region and no other.
            info: filled with where and how the call was served.
        """
        request: dict[str, Any] = {"TableName": self.name, "Key": encode_item(key)}
        if consistent:
            request["ConsistentRead"] = True
        _add(
            request,
            ProjectionExpression=projection,
            ExpressionAttributeNames=names,
            ReturnConsumedCapacity=return_consumed_capacity,
        )
        item = self._send(_attempt.GET_ITEM, request, region, info).document.get("Item")
        return None if item is None else decode_item(item)

    def put(
        self,
        item: Mapping[str, Any],
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
        return_values: str | None = None,
        return_values_on_condition_check_failure: str | None = None,
        return_consumed_capacity: str | None = None,
        return_item_collection_metrics: str | None = None,
        region: str | None = None,
        info: CallInfo | None = None,
    ) -> WriteResult:
        """Write a whole item, in place of the one with the same key.

        Raises:
            ConditionalCheckFailedError: the condition did not hold.
            OutcomeUnknown: the write may have taken effect, and sending it again is not safe.
        """
        request: dict[str, Any] = {"TableName": self.name, "Item": encode_item(item)}
        _add(
            request,
            ConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values and encode_item(values),
            ReturnValues=return_values,
            ReturnValuesOnConditionCheckFailure=return_values_on_condition_check_failure,
            ReturnConsumedCapacity=return_consumed_capacity,
            ReturnItemCollectionMetrics=return_item_collection_metrics,
        )
        return _write_result(self._send(_attempt.PUT_ITEM, request, region, info))

    def delete(
        self,
        key: Mapping[str, Any],
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
        return_values: str | None = None,
        return_values_on_condition_check_failure: str | None = None,
        return_consumed_capacity: str | None = None,
        return_item_collection_metrics: str | None = None,
        region: str | None = None,
        info: CallInfo | None = None,
    ) -> WriteResult:
        """Delete the item of that key, if there is one. Raises as `put` does."""
        request: dict[str, Any] = {"TableName": self.name, "Key": encode_item(key)}
        _add(
            request,
            ConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values and encode_item(values),
            ReturnValues=return_values,
            ReturnValuesOnConditionCheckFailure=return_values_on_condition_check_failure,
            ReturnConsumedCapacity=return_consumed_capacity,
            ReturnItemCollectionMetrics=return_item_collection_metrics,
        )
        return _write_result(self._send(_attempt.DELETE_ITEM, request, region, info))

    def update(
        self,
        key: Mapping[str, Any],
        update: str,
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
        return_values: str | None = None,
        return_values_on_condition_check_failure: str | None = None,
        return_consumed_capacity: str | None = None,
        return_item_collection_metrics: str | None = None,
        region: str | None = None,
        info: CallInfo | None = None,
    ) -> WriteResult:
        """Change attributes of the item of that key (an UpdateExpression). Raises as `put` does."""
        request: dict[str, Any] = {"TableName": self.name, "Key": encode_item(key), "UpdateExpression": update}
        _add(
            request,
            ConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values and encode_item(values),
            ReturnValues=return_values,
            ReturnValuesOnConditionCheckFailure=return_values_on_condition_check_failure,
            ReturnConsumedCapacity=return_consumed_capacity,
            ReturnItemCollectionMetrics=return_item_collection_metrics,
        )
        return _write_result(self._send(_attempt.UPDATE_ITEM, request, region, info))

    def query(
        self,
        key_condition: str,
        *,
        names: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
        filter: str | None = None,  # noqa: A002 - DynamoDB's name for it
        projection: str | None = None,
        index_name: str | None = None,
        consistent: bool = False,
        scan_index_forward: bool = True,
        limit: int | None = None,
        max_items: int | None = None,
        select: str | None = None,
        exclusive_start_key: Mapping[str, Any] | None = None,
        return_consumed_capacity: str | None = None,
        region: str | None = None,
        info: CallInfo | None = None,
    ) -> ItemIterator:
        """The items that meet a KeyConditionExpression, page after page as they are asked for.

        Args:
            key_condition: the partition key, and a range of the sort key.
            names: ExpressionAttributeNames.
            values: ExpressionAttributeValues, as Python values.
            filter: a FilterExpression on what the key condition found.
            projection: attributes to return, as a ProjectionExpression.
            index_name: query this index.
            consistent: strongly consistent reads (not on a global index).
            scan_index_forward: ascending by sort key; False is descending.
            limit: items that DynamoDB looks at per page (its `Limit`).
            max_items: items after which the iterator ends.
            select: what to return, such as `COUNT`.
            exclusive_start_key: where to start, the `last_evaluated_key` of a page.
            return_consumed_capacity: `TOTAL` or `INDEXES`; the answer is in the pages and in `info`.
            region: read from this region and no other.
            info: filled with where and how the calls were served.
        """
        request: dict[str, Any] = {"TableName": self.name, "KeyConditionExpression": key_condition}
        if consistent:
            request["ConsistentRead"] = True
        if not scan_index_forward:
            request["ScanIndexForward"] = False
        _add(
            request,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values and encode_item(values),
            FilterExpression=filter,
            ProjectionExpression=projection,
            IndexName=index_name,
            Limit=limit,
            Select=select,
            ExclusiveStartKey=exclusive_start_key and encode_item(exclusive_start_key),
            ReturnConsumedCapacity=return_consumed_capacity,
        )
        return ItemIterator(self, _attempt.QUERY, request, max_items=max_items, region=region, info=info)

    def _send(self, operation: Operation, request: dict[str, Any], region: str | None, info: CallInfo | None) -> Reply:
        reply = self._client._send(Call(operation, request, self.name, None, region))  # noqa: SLF001 - one package
        if info is not None:
            _fill(info, reply)
        return reply


class ItemIterator:
    """Items of a query or scan; `pages()` gives whole pages, `page()` the first one."""

    def __init__(
        self,
        table: Table,
        operation: Operation,
        request: dict[str, Any],
        *,
        max_items: int | None,
        region: str | None,
        info: CallInfo | None,
    ) -> None:
        self._table = table
        self._operation = operation
        self._request = request
        self._max_items = max_items
        self._region = region
        self._info = info

    def page(self) -> Page[Item]:
        """The first page alone."""
        return self._page(self._request)

    def pages(self) -> Iterator[Page[Item]]:
        """Page after page, each fetched when it is asked for."""
        request = self._request
        while True:
            page = self._page(request)
            yield page
            if page.last_evaluated_key is None:
                return
            request = {**self._request, "ExclusiveStartKey": encode_item(page.last_evaluated_key)}

    def __iter__(self) -> Iterator[Item]:
        left = self._max_items
        if left == 0:
            return
        for page in self.pages():
            for item in page.items:
                yield item
                if left is not None:
                    left -= 1
                    if not left:
                        return

    def _page(self, request: dict[str, Any]) -> Page[Item]:
        reply = self._table._send(self._operation, request, self._region, self._info)  # noqa: SLF001 - one module
        document = reply.document
        last = document.get("LastEvaluatedKey")
        return Page(
            items=[decode_item(item) for item in document.get("Items", ())],
            last_evaluated_key=decode_item(last) if last else None,
            count=document.get("Count", 0),
            scanned_count=document.get("ScannedCount", 0),
            region=reply.region,
            consumed_capacity=document.get("ConsumedCapacity"),
        )


def _add(request: dict[str, Any], **members: Any) -> None:
    """Add the members that were given."""
    request.update({name: value for name, value in members.items() if value is not None})


def _write_result(reply: Reply) -> WriteResult:
    document = reply.document
    attributes = document.get("Attributes")
    return WriteResult(
        region=reply.region,
        request_id=reply.request_id,
        attributes=None if attributes is None else decode_item(attributes),
        consumed_capacity=document.get("ConsumedCapacity"),
        item_collection_metrics=document.get("ItemCollectionMetrics"),
    )


def _fill(info: CallInfo, reply: Reply) -> None:
    info.region = reply.region
    info.request_id = reply.request_id
    info.attempts += 1
    info.seconds += reply.seconds
    capacity = reply.document.get("ConsumedCapacity")
    if capacity is not None:
        info.consumed_capacity.append(capacity)
