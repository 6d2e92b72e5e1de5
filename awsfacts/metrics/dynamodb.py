"""AWS/DynamoDB (DynamoDB developer guide, "DynamoDB metrics and dimensions") and AWS/DAX, as of November 2026."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsfacts.metrics.series import Series

_TABLE_AND_INDEX = ("TableName", "TableName GlobalSecondaryIndexName")

PUBLISHED: Mapping[str, Series] = {
    "AWS/DynamoDB": (
        (
            _TABLE_AND_INDEX,
            (
                "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ProvisionedReadCapacityUnits "
                "ProvisionedWriteCapacityUnits ReadThrottleEvents WriteThrottleEvents "
                "ReadProvisionedThroughputThrottleEvents WriteProvisionedThroughputThrottleEvents "
                "ReadAccountLimitThrottleEvents WriteAccountLimitThrottleEvents "
                "ReadKeyRangeThroughputThrottleEvents WriteKeyRangeThroughputThrottleEvents "
                "ReadMaxOnDemandThroughputThrottleEvents WriteMaxOnDemandThroughputThrottleEvents"
            ),
        ),
        (
            ("TableName Operation",),
            (
                "SystemErrors SuccessfulRequestLatency ThrottledRequests ReturnedItemCount "
                "FaultInjectionServiceInducedErrors"
            ),
        ),
        (("TableName Operation StreamLabel",), "SuccessfulRequestLatency ReturnedBytes ReturnedRecordsCount"),
        (
            ("TableName",),
            (
                "ConditionalCheckFailedRequests TransactionConflict TimeToLiveDeletedItemCount "
                "OnDemandMaxReadRequestUnits OnDemandMaxWriteRequestUnits"
            ),
        ),
        (("TableName ReceivingRegion",), "ReplicationLatency"),
        (
            ("TableName DelegatedOperation",),
            (
                "AgeOfOldestUnreplicatedRecord ConsumedChangeDataCaptureUnits FailedToReplicateRecordCount "
                "ThrottledPutRecordCount"
            ),
        ),
        (
            ("TableName GlobalSecondaryIndexName",),
            "OnlineIndexConsumedWriteCapacity OnlineIndexPercentageProgress OnlineIndexThrottleEvents",
        ),
        (
            ("",),
            (
                "UserErrors AccountMaxReads AccountMaxWrites AccountMaxTableLevelReads AccountMaxTableLevelWrites "
                "AccountProvisionedReadCapacityUtilization AccountProvisionedWriteCapacityUtilization "
                "MaxProvisionedTableReadCapacityUtilization MaxProvisionedTableWriteCapacityUtilization"
            ),
        ),
    ),
    "AWS/DAX": (
        (
            ("ClusterId", "ClusterId NodeId", ""),
            (
                "CPUUtilization CacheMemoryUtilization NetworkBytesIn NetworkBytesOut NetworkPacketsIn NetworkPacketsOut "
                "GetItemRequestCount BatchGetItemRequestCount BatchWriteItemRequestCount DeleteItemRequestCount "
                "PutItemRequestCount UpdateItemRequestCount TransactWriteItemsCount TransactGetItemsCount "
                "ItemCacheHits ItemCacheMisses QueryCacheHits QueryCacheMisses ScanCacheHits ScanCacheMisses "
                "TotalRequestCount ErrorRequestCount ThrottledRequestCount FaultRequestCount FailedRequestCount "
                "QueryRequestCount ScanRequestCount ClientConnections EstimatedDbSize EvictedSize CPUCreditUsage "
                "CPUCreditBalance CPUSurplusCreditBalance CPUSurplusCreditsCharged"
            ),
        ),
    ),
}
"""Namespace → series. A strongly consistent table publishes no ReplicationLatency."""
