"""The life of a stack: a table that existed before comes under management, replicas and a region join, one leaves."""

from __future__ import annotations

import copy
import time
from dataclasses import replace

import pytest

import settings
from holdfast.topology import Topology

pytestmark = pytest.mark.sandbox

HARMFUL = ("replace", "create-replacement", "delete-replaced", "delete")
NAMING_REGIONS = {"aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy", "aws:ssm/parameter:Parameter"}
"""What may change when a region joins: documents that name the regions."""
TABLE = "orders-shop"
KEY = {"customer_id": {"S": "c1"}, "order_id": {"S": "ORD_1"}}


def existing_table(dynamodb):
    """What somebody made by hand, long before this program: no stream, no key of its own, no recovery."""
    dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEY],
        KeySchema=[
            {"AttributeName": "customer_id", "KeyType": "HASH"},
            {"AttributeName": "order_id", "KeyType": "RANGE"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(25):
        dynamodb.put_item(
            TableName=TABLE, Item={"customer_id": {"S": "c1"}, "order_id": {"S": f"ORD_{number}"}, "n": {"N": "7"}}
        )
    return dynamodb.describe_table(TableName=TABLE)["Table"]


def items(dynamodb):
    return dynamodb.scan(TableName=TABLE, Select="COUNT")["Count"]


def wait_for(count, dynamodb):
    until = time.monotonic() + 60
    while (found := items(dynamodb)) != count and time.monotonic() < until:
        time.sleep(0.1)
    assert found == count


def standing(outcome):
    return outcome.outputs["topology"]


def test_a_table_is_adopted_and_replicated_and_a_region_may_join(estate, shop, taken):
    east, west = estate.aws("dynamodb", "us-east-1"), estate.aws("dynamodb", "us-west-2")
    before = existing_table(east)

    # Adopted: imported as it is, nothing else happens to it.
    orders = shop["holdfast:data"]["tables"]["orders"]
    orders.update(adopt=True, replicas=[])
    first = estate.up(shop)
    assert taken(first, "import") == ["aws:dynamodb/table:Table table-orders"]
    assert not taken(first, *HARMFUL)
    adopted = east.describe_table(TableName=TABLE)["Table"]
    assert (adopted["TableId"], adopted["CreationDateTime"]) == (before["TableId"], before["CreationDateTime"])
    assert not adopted.get("StreamSpecification")
    assert items(east) == 25

    # Brought to what the stack file says, in place, and replicated.
    del orders["adopt"], orders["replicas"]
    preview = estate.preview(shop)
    assert "aws:dynamodb/table:Table table-orders" in taken(preview, "update")
    assert "aws:dynamodb/tableReplica:TableReplica us-west-2-replica-orders" in taken(preview, "create")
    assert not taken(preview, *HARMFUL)
    second = estate.up(shop)
    managed = east.describe_table(TableName=TABLE)["Table"]
    assert managed["TableId"] == before["TableId"]
    assert managed["DeletionProtectionEnabled"] is True
    assert managed["SSEDescription"]["SSEType"] == "KMS"
    wait_for(25, west)
    west.put_item(TableName=TABLE, Item={"customer_id": {"S": "c2"}, "order_id": {"S": "ORD_west"}})
    wait_for(26, east)

    # A region may join: one entry in the stack file, and nothing that stands is replaced or deleted.
    shop["holdfast:regions"].append({"name": "eu-west-1", "cidr": "10.30.0.0/16"})
    preview = estate.preview(shop)
    assert preview.ok
    assert not taken(preview, *HARMFUL)
    assert "aws:dynamodb/tableReplica:TableReplica eu-west-1-replica-orders" in taken(preview, "create")
    assert {step.split()[0] for step in taken(preview, "update")} <= NAMING_REGIONS

    # None may leave unannounced, and home never.
    shop["holdfast:regions"] = shop["holdfast:regions"][:1]
    (fault,) = settings.removal_faults(settings.parse(shop, "Pulumi.shop.yaml"), standing(second))
    assert fault.value == "us-west-2"
    assert "replicas of orders-shop" in fault.rule


@pytest.mark.slow
def test_a_region_joins_and_leaves_a_stack_that_serves(estate, shop, taken):
    east, west, europe = (estate.aws("dynamodb", region) for region in ("us-east-1", "us-west-2", "eu-west-1"))
    estate.up(shop)
    for number in range(25):
        east.put_item(TableName=TABLE, Item={"customer_id": {"S": "c1"}, "order_id": {"S": f"ORD_{number}"}})
    shop["holdfast:regions"].append({"name": "eu-west-1", "cidr": "10.30.0.0/16"})
    joined = estate.up(shop)
    assert not taken(joined, *HARMFUL)
    wait_for(25, europe)
    assert list(Topology.from_dict(standing(joined)).regions) == ["us-east-1", "us-west-2", "eu-west-1"]

    shop["holdfast:regions"].pop()
    blocked = estate.preview(shop)
    assert not blocked.ok, "the engine itself refuses to delete what is protected"
    shop["holdfast:regions"].append({"name": "eu-west-1", "cidr": "10.30.0.0/16"})
    shop["holdfast:stack"]["give_up"] = {"regions": ["eu-west-1"]}
    announced = estate.up(shop)
    assert not taken(announced, *HARMFUL)
    assert europe.describe_table(TableName=TABLE)["Table"]["DeletionProtectionEnabled"] is False
    assert east.describe_table(TableName=TABLE)["Table"]["DeletionProtectionEnabled"] is True

    shop["holdfast:regions"].pop()
    assert not settings.removal_faults(settings.parse(shop, "Pulumi.shop.yaml"), standing(announced))
    left = estate.up(shop)
    assert "aws:dynamodb/tableReplica:TableReplica eu-west-1-replica-orders" in taken(left, "delete")
    assert not [step for step in taken(left, "delete", "replace") if "dynamodb/table:Table" in step]
    holders = {one["RegionName"] for one in east.describe_table(TableName=TABLE)["Table"]["Replicas"]}
    assert holders - {"us-east-1"} == {"us-west-2"}
    assert items(east) == items(west) == 25


@pytest.mark.slow
def test_the_home_region_is_left_for_good_by_handing_the_tables_to_another_stack(estate, shop, taken):
    """docs/howto/remove-a-region.md, "The home region", step by step: no item is lost, and both regions serve."""
    east, west, europe = (estate.aws("dynamodb", region) for region in ("us-east-1", "us-west-2", "eu-west-1"))
    estate.up(shop)
    for number in range(25):
        east.put_item(TableName=TABLE, Item={"customer_id": {"S": "c1"}, "order_id": {"S": f"ORD_{number}"}})
    wait_for(25, west)
    before = west.describe_table(TableName=TABLE)["Table"]

    # The old stack lets go: of everything of its tables, wherever it is; what stays behind loses its protection.
    shop["holdfast:stack"] |= {"protect": False, "hand_over_to": "us-west-2"}
    announced = estate.up(shop)
    assert not taken(announced, *HARMFUL)
    assert east.describe_table(TableName=TABLE)["Table"]["DeletionProtectionEnabled"] is False
    assert west.describe_table(TableName=TABLE)["Table"]["DeletionProtectionEnabled"] is True

    # The new stack takes over what stands in its home: the same table, nothing changed of it.
    heir = replace(estate, stack="heir")
    new = copy.deepcopy(shop)
    new["holdfast:stack"] = {"account_id": shop["holdfast:stack"]["account_id"], "name_prefix": "heir"}
    new["holdfast:security"] = {"keys": {"data": {"alias": "heir-data"}}}
    new["holdfast:regions"] = [{"name": "us-west-2", "home": True, "cidr": "10.60.0.0/16"}]
    orders = new["holdfast:data"]["tables"]["orders"]
    orders.update(adopt=True, replicas=[])
    first = heir.up(new)
    assert taken(first, "import") == ["aws:dynamodb/table:Table table-orders"]
    adopted = west.describe_table(TableName=TABLE)["Table"]
    assert (adopted["TableId"], adopted["SSEDescription"]) == (before["TableId"], before["SSEDescription"])

    # It brings the table to its own key and adds a region of its own; the old home still has its replica.
    new["holdfast:regions"].append({"name": "eu-west-1", "cidr": "10.70.0.0/16"})
    del orders["adopt"], orders["replicas"]
    second = heir.up(new)
    assert not taken(second, *HARMFUL)
    managed = west.describe_table(TableName=TABLE)["Table"]
    assert managed["TableId"] == before["TableId"]
    assert managed["SSEDescription"]["KMSMasterKeyArn"] != before["SSEDescription"]["KMSMasterKeyArn"]
    wait_for(25, europe)
    assert items(east) == 25

    # The old home's replica goes, then the rest of the old stack; the tables stay.
    west.update_table(TableName=TABLE, ReplicaUpdates=[{"Delete": {"RegionName": "us-east-1"}}])
    estate.destroy(shop)
    assert items(west) == items(europe) == 25
    west.put_item(TableName=TABLE, Item={"customer_id": {"S": "c2"}, "order_id": {"S": "ORD_new"}})
    wait_for(26, europe)
    policy = west.get_resource_policy(ResourceArn=managed["TableArn"])["Policy"]
    assert "111122223333" in policy, "what keeps other accounts out stands as well"
    insights = west.describe_contributor_insights(TableName=TABLE)
    assert insights["ContributorInsightsStatus"] in ("ENABLED", "ENABLING")
    with pytest.raises(east.exceptions.ResourceNotFoundException):
        east.describe_table(TableName=TABLE)
    settled = heir.up(new)
    assert not taken(settled, "create", "update", *HARMFUL), "the new stack is what its file says"
