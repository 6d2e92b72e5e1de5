"""DAX and Redis of each region."""

import json

import pytest

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


@pytest.mark.parametrize("region", REGIONS)
def test_dax_is_that_of_the_reference_architecture(prod, region):
    cluster = prod.one("dax/cluster:Cluster", f"{region}-dax").inputs
    assert (cluster["nodeType"], cluster["replicationFactor"]) == ("dax.r5.large", 3)
    assert cluster["availabilityZones"] == [f"{region}{letter}" for letter in "abc"]
    assert cluster["clusterEndpointEncryptionType"] == "TLS"
    assert cluster["serverSideEncryption"] == {"enabled": True}
    parameters = prod.one("dax/parameterGroup:ParameterGroup", f"{region}-dax-parameters").inputs["parameters"]
    assert {item["name"]: item["value"] for item in parameters} == {
        "query-ttl-millis": "300000",
        "record-ttl-millis": "300000",
    }


@pytest.mark.parametrize("region", REGIONS)
def test_dax_reaches_its_tables_only(prod, region):
    policy = json.loads(prod.one("iam/rolePolicy:RolePolicy", f"{region}-dax-policy").inputs["policy"])
    items = next(item for item in policy["Statement"] if item["Sid"] == "Items")
    prefix = f"arn:aws:dynamodb:{region}:111122223333:table/"
    assert items["Resource"] == [
        f"{prefix}{name}" for name in ("Production", "orders-production", "inventory-production")
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_redis_is_a_cluster_with_two_replicas_a_shard(prod, region):
    group = prod.one("elasticache/replicationGroup:ReplicationGroup", f"{region}-redis").inputs
    assert (group["numNodeGroups"], group["replicasPerNodeGroup"]) == (3, 2)
    assert group["transitEncryptionEnabled"] is True
    assert group["atRestEncryptionEnabled"] is True
    assert group["multiAzEnabled"] is True
    assert f"{region}-key-data" in group["kmsKeyId"]
    assert group["snapshotRetentionLimit"] == 7
    users = {
        item.inputs["userName"]: item.inputs
        for item in prod.of("elasticache/user:User")
        if item.provider_name == region
    }
    assert users["holdfast-redis-app"]["authenticationMode"] == {"type": "iam"}
    assert users["default"]["accessString"].startswith("off")


def test_item_roles_have_no_way_past_their_items_through_the_cache(prod):
    for region in REGIONS:
        text = prod.one("iam/rolePolicy:RolePolicy", f"{region}-customer-policy").inputs["policy"]
        assert "dax:" not in text
        assert "elasticache:" not in text


def test_a_global_datastore_is_led_from_home(recorded):
    def share(config):
        config["holdfast:regions"].append({"name": "us-west-2", "cidr": "10.60.0.0/16"})
        for table in config["holdfast:data"]["tables"].values():
            table.pop("ceilings", None)
        config["holdfast:cache"] = {"redis": {"global_datastore": True}}

    made = recorded("dev", share)
    assert len(made.of("globalReplicationGroup:GlobalReplicationGroup")) == 1
    follower = made.one("elasticache/replicationGroup:ReplicationGroup", "us-west-2-redis").inputs
    assert not {"engine", "engineVersion", "nodeType", "numNodeGroups", "parameterGroupName"} & set(follower)


def test_a_region_without_dax_has_none(recorded):
    def move(config):
        config["holdfast:regions"] = [{"name": "ca-west-1", "home": True, "cidr": "10.60.0.0/16"}]
        config["holdfast:cache"] = {"dax": {}}

    made = recorded("dev", move)
    assert not made.of("dax/cluster:Cluster")
    assert made.outputs["topology"]["regions"]["ca-west-1"]["dax_endpoint"] is None
