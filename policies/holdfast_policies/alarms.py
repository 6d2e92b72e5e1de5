"""What alarms watch, and whether AWS publishes it.

Source: each service's page of CloudWatch metrics and dimensions, as of November 2026. An alarm is silent for ever
when its metric has other dimensions than the published ones: CloudWatch accepts any name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from holdfast_policies.values import Undecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.values import View

_Sets = tuple[frozenset[str], ...]


def _sets(*lines: str) -> _Sets:
    return tuple(frozenset(line.split()) for line in lines)


_ACCOUNT = _sets("")
_TABLE = _sets("TableName")
_TABLE_OR_INDEX = _sets("TableName", "TableName GlobalSecondaryIndexName")


def _each(published: _Sets, names: str) -> dict[str, _Sets]:
    return dict.fromkeys(names.split(), published)


_DYNAMODB: Final[dict[str, _Sets]] = {
    **_each(
        _TABLE_OR_INDEX,
        """
        ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ProvisionedReadCapacityUnits ProvisionedWriteCapacityUnits
        ReadThrottleEvents WriteThrottleEvents OnDemandMaxReadRequestUnits OnDemandMaxWriteRequestUnits
        ReadProvisionedThroughputThrottleEvents WriteProvisionedThroughputThrottleEvents
        ReadAccountLimitThrottleEvents WriteAccountLimitThrottleEvents ReadKeyRangeThroughputThrottleEvents
        WriteKeyRangeThroughputThrottleEvents ReadMaxOnDemandThroughputThrottleEvents
        WriteMaxOnDemandThroughputThrottleEvents
        """,
    ),
    **_each(_sets("TableName Operation"), "ThrottledRequests SystemErrors ReturnedItemCount ReturnedBytes"),
    **_each(_sets("TableName Operation", "TableName Operation StreamLabel"), "SuccessfulRequestLatency"),
    **_each(_sets("TableName Operation StreamLabel"), "ReturnedRecordsCount"),
    **_each(_TABLE, "ConditionalCheckFailedRequests TransactionConflict TimeToLiveDeletedItemCount"),
    **_each(_sets("TableName ReceivingRegion"), "ReplicationLatency PendingReplicationCount"),
    **_each(
        _sets("TableName DelegatedOperation"),
        "AgeOfOldestUnreplicatedRecord FailedToReplicateRecordCount ThrottledPutRecordCount",
    ),
    **_each(
        _sets("TableName GlobalSecondaryIndexName"),
        "OnlineIndexConsumedWriteCapacity OnlineIndexPercentageProgress OnlineIndexThrottleEvents",
    ),
    **_each(
        _ACCOUNT,
        """
        UserErrors AccountMaxReads AccountMaxWrites AccountMaxTableLevelReads AccountMaxTableLevelWrites
        AccountProvisionedReadCapacityUtilization AccountProvisionedWriteCapacityUtilization
        MaxProvisionedTableReadCapacityUtilization MaxProvisionedTableWriteCapacityUtilization
        """,
    ),
}

_LAMBDA: Final[dict[str, _Sets]] = {
    **_each(
        _sets("", "FunctionName", "FunctionName Resource", "FunctionName Resource ExecutedVersion"),
        """
        Invocations Errors Throttles Duration ConcurrentExecutions DeadLetterErrors DestinationDeliveryFailures
        IteratorAge PostRuntimeExtensionsDuration ProvisionedConcurrencyInvocations
        ProvisionedConcurrencySpilloverInvocations ProvisionedConcurrencyUtilization ProvisionedConcurrentExecutions
        AsyncEventsReceived AsyncEventAge AsyncEventsDropped RecursiveInvocationsDropped
        """,
    ),
    **_each(_ACCOUNT, "UnreservedConcurrentExecutions ClaimedAccountConcurrency"),
}

_QUEUE: Final = _each(
    _sets("QueueName"),
    """
    ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesDelayed ApproximateNumberOfMessagesNotVisible
    ApproximateNumberOfMessagesVisible NumberOfEmptyReceives NumberOfMessagesDeleted NumberOfMessagesReceived
    NumberOfMessagesSent SentMessageSize ApproximateNumberOfGroupsWithInflightMessages
    NumberOfDeduplicatedSentMessages
    """,
)

_DAX: Final = _each(
    _sets("", "ClusterId", "ClusterId NodeId"),
    """
    CPUUtilization CacheMemoryUtilization NetworkBytesIn NetworkBytesOut NetworkPacketsIn NetworkPacketsOut
    GetItemRequestCount BatchGetItemRequestCount BatchWriteItemRequestCount DeleteItemRequestCount
    PutItemRequestCount UpdateItemRequestCount TransactWriteItemsCount TransactGetItemsCount ItemCacheHits
    ItemCacheMisses QueryCacheHits QueryCacheMisses ScanCacheHits ScanCacheMisses TotalRequestCount ErrorRequestCount
    FaultRequestCount FailedRequestCount QueryRequestCount ScanRequestCount ClientConnections EstimatedDbSize
    EvictedSize CPUCreditUsage CPUCreditBalance CPUSurplusCreditBalance CPUSurplusCreditsCharged
    ThrottledRequestCount BaselineNetworkBytesInUtilization BaselineNetworkBytesOutUtilization
    """,
)

PUBLISHED: Final[Mapping[str, Mapping[str, _Sets]]] = {
    "AWS/DynamoDB": _DYNAMODB,
    "AWS/Lambda": _LAMBDA,
    "AWS/SQS": _QUEUE,
    "AWS/DAX": _DAX,
}
"""Namespace → metric → the sets of dimensions that it is published with."""


def unpublished(namespace: str, metric: str, dimensions: frozenset[str]) -> str:
    """Why a metric does not exist with these dimensions, or the empty string where it does, or nothing is known."""
    known = PUBLISHED.get(namespace)
    if known is None:
        return ""
    if metric not in known:
        return f"{namespace} publishes no metric {metric!r}"
    if dimensions in known[metric]:
        return ""
    given = ", ".join(sorted(dimensions)) or "no dimensions"
    wanted = " or ".join(", ".join(sorted(one)) or "none" for one in known[metric])
    return f"{namespace} {metric} is not published with {given}, but with {wanted}"


def dimension_sets(alarm: Resource) -> Iterator[tuple[str, str, frozenset[str], str]]:
    """Each metric that an alarm names: namespace, metric, the names of its dimensions, and where it stands."""
    if alarm.has("metricName"):
        yield alarm.text("namespace"), alarm.text("metricName"), _names(alarm), "metric_name"
    for query in alarm.views("metricQueries"):
        metric = query.view("metric")
        if metric:
            yield metric.text("namespace"), metric.text("metricName"), _names(metric), query.path


def _names(view: View) -> frozenset[str]:
    value = view.value("dimensions")
    return frozenset(value) if isinstance(value, dict) else frozenset()


def watches(stack: Stack, alarm: Resource, namespace: str, metrics: tuple[str, ...], target: Resource) -> bool:
    """Whether an alarm is on one of these metrics of a target, which one of its dimensions names."""
    name = target.data.get("name") or target.name
    for source, where in ((alarm, ""), *((query.view("metric"), "q") for query in alarm.views("metricQueries"))):
        if source.text("namespace") != namespace or source.text("metricName") not in metrics:
            continue
        try:
            names = source.value("dimensions")
        except Undecided:
            names = None
        if isinstance(names, dict) and name in names.values():
            return True
        if stack.refers(alarm, "metricQueries" if where else "dimensions", target):
            return True
    return False
