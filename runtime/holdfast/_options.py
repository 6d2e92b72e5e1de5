"""The keyword arguments of calls, named as DynamoDB names them. Sync and async tables and clients share them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypedDict

from holdfast.expressions import Attr, Condition
from holdfast.results import CallInfo

ReturnCapacity = Literal["INDEXES", "TOTAL", "NONE"]
ReturnMetrics = Literal["SIZE", "NONE"]
OnFailure = Literal["ALL_OLD", "NONE"]
Projection = str | Iterable[str | Attr]
"""A ProjectionExpression, or names and paths."""


class CallOptions(TypedDict, total=False):
    """What every call takes."""

    region: str
    """Serve the call in this region and no other."""
    timeout: float
    """Seconds for the whole call, over all its attempts."""
    context: Any
    """Passed on to the pipeline: a session, a principal, cache options."""
    info: CallInfo
    """Filled with where and how the call was served."""
    return_consumed_capacity: ReturnCapacity
    """The answer is in `info` and in the result."""


class GetOptions(CallOptions, total=False):
    """Of a get."""

    consistent: bool
    """A strongly consistent read."""
    projection: Projection
    """Attributes to return."""
    names: Mapping[str, str]
    """ExpressionAttributeNames of a projection that is a string."""


class CheckOptions(TypedDict, total=False):
    """Of a condition check."""

    names: Mapping[str, str]
    """ExpressionAttributeNames of expressions that are strings."""
    values: Mapping[str, Any]
    """ExpressionAttributeValues of expressions that are strings, as Python values."""
    return_values_on_condition_check_failure: OnFailure
    """`ALL_OLD` puts the stored item into the error."""


class ConditionOptions(CheckOptions, total=False):
    """Of everything that may have a condition."""

    condition: str | Condition
    """Write only if it holds for the stored item."""


class WriteOptions(CallOptions, ConditionOptions, total=False):
    """Of a put and a delete."""

    return_values: Literal["NONE", "ALL_OLD"]
    return_item_collection_metrics: ReturnMetrics


class UpdateOptions(CallOptions, ConditionOptions, total=False):
    """Of an update."""

    return_values: Literal["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]
    return_item_collection_metrics: ReturnMetrics


class ReadManyOptions(CallOptions, total=False):
    """Of a query and a scan."""

    filter: str | Condition
    """What to leave out of what was read (it was read, and costs, all the same)."""
    names: Mapping[str, str]
    values: Mapping[str, Any]
    projection: Projection
    index_name: str
    consistent: bool
    """Strongly consistent reads; not on a global index."""
    limit: int
    """Items that DynamoDB looks at per page."""
    max_items: int
    """Items after which the iterator ends."""
    select: Literal["ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"]
    exclusive_start_key: Mapping[str, Any]
    """Where to start: the `last_evaluated_key` of a page."""
    resume_token: str
    """The same as text, from `resume_token` of a page or an iterator."""
    full_items: bool
    """Behind an index that holds keys only: fetch the whole items by BatchGetItem."""


class QueryOptions(ReadManyOptions, total=False):
    """Of a query."""

    scan_index_forward: bool
    """Ascending by sort key, as without it; False is descending."""


class ScanOptions(ReadManyOptions, total=False):
    """Of a scan; a segment of it is read with both."""

    segment: int
    total_segments: int


class BatchGetOptions(CallOptions, total=False):
    """Of a batch get."""

    consistent: bool
    projection: Projection
    names: Mapping[str, str]


class TransactOptions(CallOptions, total=False):
    """Of a transaction that writes."""

    client_request_token: str
    """Makes the transaction idempotent for ten minutes, in its region. Without it one is made for this call."""
    return_item_collection_metrics: ReturnMetrics


class StatementOptions(CallOptions, total=False):
    """Of a PartiQL statement."""

    parameters: Iterable[Any]
    consistent: bool
    limit: int
    max_items: int
    resume_token: str
    return_values_on_condition_check_failure: OnFailure
