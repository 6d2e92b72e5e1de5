"""Streams, deliveries, queues and topics."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ops.cost.model import HOURS, ZERO
from ops.cost.pricers.surroundings import decimal
from ops.cost.table_bill import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource

MESSAGES = Decimal(10_000)
"""Messages a month of a topic for alarms: many more and nobody reads them."""
_DESTINATION = "aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination"


def _changed_gb(around: Surroundings, region: str) -> Decimal:
    """GB of changes a month: a record holds the old image and the new one."""
    total = ZERO
    for one in around.of(_DESTINATION, region):
        name = one.text("tableName")
        total += around.writes(name) * decimal(around.traffic.table(name).item_kb) * 2 / 1024 / 1024
    return total


def _stream(stream: Resource, around: Surroundings) -> Iterator[Charge]:
    moved = _changed_gb(around, stream.region)
    if stream.block("streamModeDetails").get("streamMode") == "ON_DEMAND":
        yield Charge("stream", "kinesis.on-demand.hour", HOURS)
        yield Charge("into the stream", "kinesis.on-demand.in", moved)
        yield Charge("out of the stream", "kinesis.on-demand.out", moved)
    else:
        yield Charge("shards", "kinesis.shard.hour", HOURS * decimal(stream.number("shardCount", 1)))


def _delivery(delivery: Resource, around: Surroundings) -> Iterator[Charge]:
    yield Charge("delivered", "firehose.gb", _changed_gb(around, delivery.region))


def _queue(queue: Resource, around: Surroundings) -> Iterator[Charge]:
    """A queue for the changes of a table takes three requests for ten of them; a dead-letter queue next to none."""
    pipes = [
        one
        for one in around.of("aws:pipes/pipe:Pipe")
        if queue.text("name") and queue.text("name") in one.text("target")
    ]
    tables = [name for name in around.tables for one in pipes if f"table/{name}/" in one.text("source")]
    changes = sum((around.writes(name) for name in tables), ZERO)
    yield Charge("requests", "sqs.request", changes * 3 / 10)


def _pipe(pipe: Resource, around: Surroundings) -> Iterator[Charge]:
    tables = [name for name in around.tables if f"table/{name}/" in pipe.text("source")]
    yield Charge("batches", "pipes.request", sum((around.writes(name) for name in tables), ZERO) / 10)


def _topic(_topic: Resource, _around: Surroundings) -> Iterator[Charge]:
    yield Charge("messages", "sns.publish", MESSAGES)


PRICERS = {
    "aws:kinesis/stream:Stream": _stream,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _delivery,
    "aws:sqs/queue:Queue": _queue,
    "aws:pipes/pipe:Pipe": _pipe,
    "aws:sns/topic:Topic": _topic,
}
