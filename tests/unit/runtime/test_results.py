"""What a write gives back beside the item."""

from __future__ import annotations

import orjson

from holdfast import Client
from holdfast._attempt import Reply

METRICS = {"ItemCollectionKey": {"pk": {"S": "a"}}, "SizeEstimateRangeGB": [0.0, 1.0]}
CAPACITY = {"TableName": "t", "CapacityUnits": 2.0}


class Sender:
    def __init__(self, document):
        self.document = document
        self.request = {}

    def send(self, call, region, *, timeouts):
        self.request = call.request
        return Reply(orjson.dumps(self.document), region.name, "request-1")

    def close(self):
        pass


def test_a_write_gives_capacity_and_item_collection_metrics_where_they_are_asked_for():
    sender = Sender({"ItemCollectionMetrics": METRICS, "ConsumedCapacity": CAPACITY})
    with Client(region="us-east-1", sender=sender) as client:
        table = client.table("t")
        asked = {"return_item_collection_metrics": "SIZE", "return_consumed_capacity": "TOTAL"}
        for written in (
            table.put({"pk": "a"}, **asked),
            table.delete({"pk": "a"}, **asked),
            table.update({"pk": "a"}, "REMOVE n", **asked),
            client.transact_write([table.put_action({"pk": "a"})], **asked),
        ):
            assert sender.request["ReturnItemCollectionMetrics"] == "SIZE"
            assert sender.request["ReturnConsumedCapacity"] == "TOTAL"
            assert (written.item_collection_metrics, written.consumed_capacity) == (METRICS, CAPACITY)
            assert (written.region, written.request_id) == ("us-east-1", "request-1")
