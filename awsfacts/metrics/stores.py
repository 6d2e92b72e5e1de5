"""AWS/ElastiCache, queues, streams, topics and backups, from each service's "metrics" page, as of November 2026."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsfacts.metrics.series import Series

PUBLISHED: Mapping[str, Series] = {
    "AWS/ElastiCache": (
        (
            ("CacheClusterId", "CacheClusterId CacheNodeId"),
            (
                "CPUUtilization FreeableMemory NetworkBytesIn NetworkBytesOut SwapUsage EngineCPUUtilization "
                "DatabaseMemoryUsagePercentage DatabaseCapacityUsagePercentage BytesUsedForCache CacheHitRate CacheHits "
                "CacheMisses CurrConnections NewConnections CurrItems Evictions Reclaimed MasterLinkHealthStatus "
                "ReplicationLag ReplicationBytes MemoryFragmentationRatio SaveInProgress IsMaster AuthenticationFailures "
                "IamAuthenticationExpirations IamAuthenticationThrottling CommandAuthorizationFailures "
                "KeyAuthorizationFailures NetworkBandwidthInAllowanceExceeded NetworkBandwidthOutAllowanceExceeded "
                "TrafficManagementActive"
            ),
        ),
        (
            ("ReplicationGroupId PrimaryGlobalReplicationGroupId",),
            "GlobalDatastoreReplicationLag",
        ),
    ),
    "AWS/SQS": (
        (
            ("QueueName",),
            (
                "ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesDelayed ApproximateNumberOfMessagesNotVisible "
                "ApproximateNumberOfMessagesVisible NumberOfEmptyReceives NumberOfMessagesDeleted "
                "NumberOfMessagesReceived NumberOfMessagesSent SentMessageSize"
            ),
        ),
    ),
    "AWS/SNS": (
        (("TopicName",), "NumberOfMessagesPublished NumberOfNotificationsDelivered NumberOfNotificationsFailed"),
    ),
    "AWS/Kinesis": (
        (
            ("StreamName",),
            (
                "GetRecords.IteratorAgeMilliseconds GetRecords.Success IncomingBytes IncomingRecords PutRecord.Success "
                "PutRecords.Success ReadProvisionedThroughputExceeded WriteProvisionedThroughputExceeded"
            ),
        ),
    ),
    "AWS/Firehose": (
        (
            ("DeliveryStreamName",),
            (
                "DeliveryToS3.DataFreshness DeliveryToS3.Success DeliveryToS3.Records IncomingBytes IncomingRecords "
                "KinesisMillisBehindLatest ThrottledRecords ThrottledGetRecords KMSKeyAccessDenied KMSKeyDisabled "
                "KMSKeyInvalidState KMSKeyNotFound"
            ),
        ),
    ),
    "AWS/Events": (
        (("RuleName",), "Invocations FailedInvocations TriggeredRules ThrottledRules DeadLetterInvocations"),
    ),
    "AWS/Scheduler": (
        (
            ("ScheduleGroup",),
            (
                "InvocationAttemptCount TargetErrorCount TargetErrorThrottledCount InvocationThrottleCount "
                "InvocationDroppedCount"
            ),
        ),
    ),
    "AWS/Backup": (
        (
            ("ResourceType", "BackupVaultName", "ResourceType BackupVaultName"),
            (
                "NumberOfBackupJobsCreated NumberOfBackupJobsPending NumberOfBackupJobsRunning NumberOfBackupJobsAborted "
                "NumberOfBackupJobsCompleted NumberOfBackupJobsFailed NumberOfBackupJobsExpired "
                "NumberOfCopyJobsCreated NumberOfCopyJobsRunning NumberOfCopyJobsCompleted NumberOfCopyJobsFailed "
                "NumberOfRestoreJobsPending NumberOfRestoreJobsRunning NumberOfRestoreJobsCompleted "
                "NumberOfRestoreJobsFailed NumberOfRecoveryPointsCompleted NumberOfRecoveryPointsPartial "
                "NumberOfRecoveryPointsExpired NumberOfRecoveryPointsDeleting NumberOfRecoveryPointsCold"
            ),
        ),
    ),
}
"""Namespace → series."""
