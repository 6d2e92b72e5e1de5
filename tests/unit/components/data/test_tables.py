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
        ("accounts-production", ""),
        ("holdfast-control", ""),
        ("inventory-production", ""),
        ("metrics-production", ""),
        ("orders-production", ""),
        ("orders-production", "OrderDateIndex"),
        ("orders-production", "StatusIndex"),
        ("sessions-production", ""),
    ]


def test_insights_wait_for_the_table_of_their_region(prod):
    for region in OTHERS:
        insights = prod.one("ContributorInsights", f"{region}-insights-orders")
        assert any(f"{region}-replica-orders" in urn for urn in insights.dependencies)


def test_home_regions_reach_the_clients_by_the_topology(recorded):
    def homed(config):
        tables = config["holdfast:data"]["tables"]
        tables["orders"]["home_regions"] = {"prefixes": {"eu-": "eu-west-1"}}
        tables["production"]["home_regions"] = {"spread": ["us-east-1", "us-west-2"]}

    regions = recorded("prod", homed).outputs["topology"]["regions"]
    for region in regions.values():
        assert region["tables"]["orders"]["homes"] == {"prefixes": [["eu-", "eu-west-1"]], "spread": ["us-east-1"]}
        assert region["tables"]["production"]["homes"]["spread"] == ["us-east-1", "us-west-2"]
        assert region["tables"]["inventory"]["homes"] is None


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


def test_provisioned_capacity_scales_as_in_the_reference_setup(recorded):
    orders = recorded("orders")
    table = orders.one("dynamodb/table:Table", "table-sessions")
    assert (table.inputs["billingMode"], table.inputs["readCapacity"], table.inputs["writeCapacity"]) == (
        "PROVISIONED",
        100,
        50,
    )
    assert {"readCapacity", "writeCapacity"} <= set(table.ignore_changes)
    targets = {
        item.inputs["scalableDimension"]: (
            item.inputs["resourceId"],
            item.inputs["minCapacity"],
            item.inputs["maxCapacity"],
        )
        for item in orders.of("appautoscaling/target:Target")
    }
    assert targets == {
        "dynamodb:table:ReadCapacityUnits": ("table/sessions-production", 50, 1000),
        "dynamodb:table:WriteCapacityUnits": ("table/sessions-production", 25, 500),
    }
    for policy in orders.of("appautoscaling/policy:Policy"):
        tracking = policy.inputs["targetTrackingScalingPolicyConfiguration"]
        assert (tracking["targetValue"], tracking["scaleInCooldown"], tracking["scaleOutCooldown"]) == (70, 60, 60)
        kind = "Read" if "Read" in policy.inputs["scalableDimension"] else "Write"
        assert policy.inputs["name"] == f"DynamoDB{kind}AutoScaling"
        assert tracking["predefinedMetricSpecification"]["predefinedMetricType"] == f"DynamoDB{kind}CapacityUtilization"


def test_a_provisioned_table_is_replicated_after_its_writes_scale(prod):
    replica = prod.one("TableReplica", "us-west-2-replica-sessions")
    assert any(urn.endswith("us-east-1-scaling-sessions-write") for urn in replica.dependencies)
    assert len([item for item in prod.of("appautoscaling/target:Target") if item.provider_name == "us-west-2"]) == 2


def test_indexes_of_a_provisioned_table_scale_too(recorded):
    def provision(config):
        orders = config["holdfast:data"]["tables"]["orders"]
        orders.pop("ceilings")
        units = {"initial": 10, "minimum": 5, "maximum": 20}
        orders["provisioned"] = {"read": units, "write": units}

    made = recorded("dev", provision)
    resources = {item.inputs["resourceId"] for item in made.of("appautoscaling/target:Target")}
    assert resources == {
        "table/dev-orders",
        "table/dev-orders/index/OrderDateIndex",
        "table/dev-orders/index/StatusIndex",
    }
    table = made.one("dynamodb/table:Table", "table-orders")
    assert "globalSecondaryIndexes[1].writeCapacity" in table.ignore_changes
    assert {item["readCapacity"] for item in table.inputs["globalSecondaryIndexes"]} == {10}


def test_ceilings_and_warm_throughput(recorded):
    orders = recorded("orders")
    assert orders.one("dynamodb/table:Table", "table-orders").inputs["onDemandThroughput"] == {
        "maxReadRequestUnits": 20000,
        "maxWriteRequestUnits": 10000,
    }
    assert orders.one("dynamodb/table:Table", "table-metrics").inputs["warmThroughput"] == {
        "readUnitsPerSecond": 12000,
        "writeUnitsPerSecond": 8000,
    }


def test_a_strongly_consistent_table_is_made_whole(recorded):
    def strong(config):
        config["holdfast:regions"] += [
            {"name": "us-east-2", "cidr": "10.60.0.0/16"},
            {"name": "us-west-2", "cidr": "10.70.0.0/16"},
        ]
        tables = config["holdfast:data"]["tables"]
        tables["orders"].update(replicas=[], point_in_time_recovery_days=35)
        tables["production"].pop("ttl_attribute")
        tables["production"].update(consistency="strong", point_in_time_recovery_days=35)

    made = recorded("dev", strong)
    table = made.one("dynamodb/table:Table", "table-production")
    replicas = {item["regionName"]: item for item in table.inputs["replicas"]}
    assert set(replicas) == {"us-east-2", "us-west-2"}
    for region, replica in replicas.items():
        assert replica["consistencyMode"] == "STRONG"
        assert f"{region}-key-data" in replica["kmsKeyArn"]
        assert replica["pointInTimeRecovery"] is True
    assert "replicas" not in table.ignore_changes
    assert not made.of("TableReplica", name="production")
    assert made.outputs["topology"]["regions"]["us-west-2"]["tables"]["production"]["consistency"] == "strong"


def test_a_strong_table_of_two_regions_has_a_witness(recorded):
    def witnessed(config):
        config["holdfast:regions"].append({"name": "us-east-2", "cidr": "10.60.0.0/16"})
        tables = config["holdfast:data"]["tables"]
        tables["orders"].update(replicas=[], point_in_time_recovery_days=35)
        tables["production"].pop("ttl_attribute")
        tables["production"].update(consistency="strong", witness="us-west-2", point_in_time_recovery_days=35)

    table = recorded("dev", witnessed).one("dynamodb/table:Table", "table-production")
    assert table.inputs["globalTableWitness"] == {"regionName": "us-west-2"}
    assert [item["regionName"] for item in table.inputs["replicas"]] == ["us-east-2"]


def test_changes_of_a_table_reach_a_queue_without_code(recorded):
    orders = recorded("orders")
    pipe = orders.one("pipes/pipe:Pipe", "orders-fulfilment-pipe")
    queue = "arn:aws:sqs:us-east-1:111122223333:orders-orders-production-fulfilment"
    assert pipe.inputs["target"] == queue
    parameters = pipe.inputs["sourceParameters"]["dynamodbStreamParameters"]
    assert parameters["deadLetterConfig"]["arn"] == f"{queue}-undelivered"
    assert all("key-data" in item.inputs["kmsMasterKeyId"] for item in orders.of("sqs/queue:Queue"))
