"""DynamoDB: tables, replicas, and what belongs to one region's table."""

from sandbox.provider.aws.dynamodb.extras import INSIGHTS, RESOURCE_POLICY, TABLE_ITEM
from sandbox.provider.aws.dynamodb.replica import REPLICA
from sandbox.provider.aws.dynamodb.table import TABLE

KINDS = (TABLE, REPLICA, INSIGHTS, RESOURCE_POLICY, TABLE_ITEM)
