"""Stream consumers: a queue that receives every change of a table, through a pipe and without code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import allow
from components.base.layer import Component
from components.base.roles import service_role

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings.data import StreamConsumerSettings, TableSettings

_DAY = 86_400


class StreamConsumer(Component):
    """One consumer of one table: pipe, queue, and a queue for what could not be delivered."""

    layer = "data"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        consumer: str,
        wanted: StreamConsumerSettings,
        table: TableSettings,
        made: aws.dynamodb.Table,
        key_arn: pulumi.Output[str],
        key_alias: str,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        queue_name = place.name(table.name, consumer)
        dead_name = f"{queue_name}-undelivered"
        queues = [
            self._queue(f"{name}-queue", queue_name, wanted, key_arn),
            self._queue(f"{name}-undelivered", dead_name, wanted, key_arn),
        ]
        role_name = place.global_name(consumer, "pipe")
        policy = service_role(
            self,
            name,
            allow(
                "ReadChanges",
                ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                [f"{place.table_arn(table.name)}/stream/*"],
            ),
            # ListStreams takes no resource (service authorization reference, DynamoDB).
            allow("FindStreams", ["dynamodb:ListStreams"], ["*"]),
            allow("Deliver", ["sqs:SendMessage"], [place.arn("sqs", queue_name), place.arn("sqs", dead_name)]),
            allow(
                "EncryptMessages",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                [place.any_key_arn],
                condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias}},
            ),
            role_name=role_name,
            description=f"Changes of {table.name} for {consumer}",
            service="pipes.amazonaws.com",
            source_arn=place.arn("pipes", f"pipe/{queue_name}"),
            duty="deliver",
            place=place,
        )
        aws.pipes.Pipe(
            f"{name}-pipe",
            name=queue_name,
            description=f"Changes of {table.name} for {consumer}",
            role_arn=place.role_arn(role_name),
            source=made.stream_arn,
            source_parameters={
                "dynamodb_stream_parameters": {
                    "starting_position": "TRIM_HORIZON",
                    "batch_size": wanted.batch_size,
                    "on_partial_batch_item_failure": "AUTOMATIC_BISECT",
                    "maximum_retry_attempts": 10,
                    "dead_letter_config": {"arn": place.arn("sqs", dead_name)},
                }
            },
            target=place.arn("sqs", queue_name),
            kms_key_identifier=key_arn,
            opts=self.child(depends_on=[policy, *queues]),
        )
        self.done()

    def _queue(
        self, label: str, name: str, wanted: StreamConsumerSettings, key_arn: pulumi.Output[str]
    ) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            label,
            name=name,
            kms_master_key_id=key_arn,
            message_retention_seconds=wanted.retention_days * _DAY,
            opts=self.child(),
        )
