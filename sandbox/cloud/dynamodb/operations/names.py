"""Operation names and what serves them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb.operations import (
    backups,
    batches,
    exports,
    imports,
    items,
    reading,
    replicas,
    settings,
    statements,
    streams,
    tables,
    transactions,
)
from sandbox.cloud.dynamodb.request import Params

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region

Operation = Callable[["Region", Params], dict[str, Any]]

OPERATIONS: dict[str, Operation] = {
    "PutItem": items.put_item,
    "GetItem": items.get_item,
    "UpdateItem": items.update_item,
    "DeleteItem": items.delete_item,
    "Query": reading.query,
    "Scan": reading.scan,
    "BatchGetItem": batches.batch_get_item,
    "BatchWriteItem": batches.batch_write_item,
    "TransactWriteItems": transactions.transact_write_items,
    "TransactGetItems": transactions.transact_get_items,
    "ExecuteStatement": statements.execute_statement,
    "BatchExecuteStatement": statements.batch_execute_statement,
    "ExecuteTransaction": statements.execute_transaction,
    "CreateTable": tables.create_table,
    "DescribeTable": tables.describe_table,
    "UpdateTable": tables.update_table,
    "DeleteTable": tables.delete_table,
    "ListTables": tables.list_tables,
    "UpdateTimeToLive": settings.update_time_to_live,
    "DescribeTimeToLive": settings.describe_time_to_live,
    "TagResource": settings.tag_resource,
    "UntagResource": settings.untag_resource,
    "ListTagsOfResource": settings.list_tags_of_resource,
    "UpdateContinuousBackups": settings.update_continuous_backups,
    "DescribeContinuousBackups": settings.describe_continuous_backups,
    "PutResourcePolicy": settings.put_resource_policy,
    "GetResourcePolicy": settings.get_resource_policy,
    "DeleteResourcePolicy": settings.delete_resource_policy,
    "UpdateContributorInsights": settings.update_contributor_insights,
    "DescribeContributorInsights": settings.describe_contributor_insights,
    "ListContributorInsights": settings.list_contributor_insights,
    "EnableKinesisStreamingDestination": settings.enable_kinesis_streaming_destination,
    "DisableKinesisStreamingDestination": settings.disable_kinesis_streaming_destination,
    "DescribeKinesisStreamingDestination": settings.describe_kinesis_streaming_destination,
    "DescribeLimits": settings.describe_limits,
    "DescribeEndpoints": settings.describe_endpoints,
    "DescribeTableReplicaAutoScaling": settings.describe_table_replica_auto_scaling,
    "DescribeGlobalTable": replicas.describe_global_table,
    "CreateBackup": backups.create_backup,
    "DescribeBackup": backups.describe_backup,
    "DeleteBackup": backups.delete_backup,
    "ListBackups": backups.list_backups,
    "RestoreTableFromBackup": backups.restore_table_from_backup,
    "RestoreTableToPointInTime": backups.restore_table_to_point_in_time,
    "ExportTableToPointInTime": exports.export_table_to_point_in_time,
    "DescribeExport": exports.describe_export,
    "ListExports": exports.list_exports,
    "ImportTable": imports.import_table,
    "DescribeImport": imports.describe_import,
    "ListImports": imports.list_imports,
}

STREAM_OPERATIONS: dict[str, Operation] = {
    "ListStreams": streams.list_streams,
    "DescribeStream": streams.describe_stream,
    "GetShardIterator": streams.get_shard_iterator,
    "GetRecords": streams.get_records,
}
