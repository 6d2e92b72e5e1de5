"""Home tables and their replicas: each with its region's key, recovery, protection and insights."""

import pytest

OTHERS = ("us-west-2", "eu-west-1")


def test_production_table_is_that_of_the_reference_architecture(prod):
    table = prod.one("dynamodb/table:Table", "table-production")
    assert table.provider_name == "us-east-1"
    wanted = {
        "name": "Production",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "pk",
        "rangeKey": "sk",
        "streamEnabled": True,
        "streamViewType": "NEW_AND_OLD_IMAGES",
        "deletionProtectionEnabled": True,
        "ttl": {"enabled": True, "attributeName": "expires_at"},
        "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 35},
        "attributes": [{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}],
    }
    assert {key: table.inputs[key] for key in wanted} == wanted
    assert table.inputs["serverSideEncryption"]["kmsKeyArn"].endswith("key-data")
    assert "replicas" in table.ignore_changes
    assert "replicas" not in table.inputs


def test_orders_table_has_its_indexes(prod):
    table = prod.one("dynamodb/table:Table", "table-orders")
    assert table.inputs["name"] == "orders-production"
    indexes = {item["name"]: item for item in table.inputs["globalSecondaryIndexes"]}
    keys = {name: [key["attributeName"] for key in item["keySchemas"]] for name, item in indexes.items()}
    assert keys == {"OrderDateIndex": ["order_date", "order_id"], "StatusIndex": ["status", "order_date"]}
    assert {name: item["projectionType"] for name, item in indexes.items()} == {
        "OrderDateIndex": "ALL",
        "StatusIndex": "KEYS_ONLY",
    }
    assert [item["name"] for item in table.inputs["attributes"]] == ["customer_id", "order_date", "order_id", "status"]
    assert table.inputs["tags"]["Service"] == "order-service"


@pytest.mark.parametrize("region", OTHERS)
@pytest.mark.parametrize("table", ["production", "orders", "control"])
def test_a_replica_says_what_it_does_not_inherit(prod, region, table):
    replica = prod.one("dynamodb/tableReplica:TableReplica", f"{region}-replica-{table}")
    assert replica.provider_name == region
    assert f"{region}-key-data" in replica.inputs["kmsKeyArn"]
    assert replica.inputs["pointInTimeRecovery"] is True
    assert replica.inputs["deletionProtectionEnabled"] is True
    assert replica.inputs["tags"]["Stack"] == "prod"


def test_control_table_is_global_and_its_flags_expire(prod):
    table = prod.one("dynamodb/table:Table", "table-control")
    assert table.inputs["name"] == "holdfast-control"
    assert table.inputs["hashKey"] == "scope"
    assert "rangeKey" not in table.inputs
    assert table.inputs["ttl"]["attributeName"] == "expires"


@pytest.mark.parametrize("region", ["us-east-1", *OTHERS])
def test_insights_in_every_region_for_table_and_indexes(prod, region):
    insights = [item.inputs for item in prod.of("ContributorInsights") if item.provider_name == region]
    assert sorted((item["tableName"], item.get("indexName", "")) for item in insights) == [
        ("Production", ""),
        ("holdfast-control", ""),
        ("orders-production", ""),
        ("orders-production", "OrderDateIndex"),
        ("orders-production", "StatusIndex"),
    ]


def test_insights_wait_for_the_table_of_their_region(prod):
    for region in OTHERS:
        insights = prod.one("ContributorInsights", f"{region}-insights-orders")
        assert any(f"{region}-replica-orders" in urn for urn in insights.dependencies)


def test_a_table_of_one_region_has_no_replica(recorded):
    def alone(config):
        config["holdfast:data"]["tables"]["orders"].update(replicas=[], point_in_time_recovery_days=7)

    made = recorded("prod", alone)
    assert not made.of("TableReplica", name="orders")
    table = made.one("dynamodb/table:Table", "table-orders")
    assert table.inputs["pointInTimeRecovery"]["recoveryPeriodInDays"] == 7
    assert table.ignore_changes == ()
    assert "orders" not in made.outputs["topology"]["regions"]["us-west-2"]["tables"]
    assert not [item for item in made.of("ContributorInsights", name="orders") if item.provider_name != "us-east-1"]
