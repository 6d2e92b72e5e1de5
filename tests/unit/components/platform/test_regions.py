"""Adding a region creates what it needs; what stood before keeps its name, its type and everything that forces a replacement."""

FORCING = (
    "name",
    "bucket",
    "cidrBlock",
    "availabilityZone",
    "hashKey",
    "rangeKey",
    "clusterName",
    "replicationGroupId",
)
NAMING_REGIONS = (
    "iam/rolePolicy:RolePolicy",
    "iam/policy:Policy",
    "ssm/parameter:Parameter",
    "cloudwatch/dashboard:Dashboard",
    "dynamodb/table:Table",
)
"""Types whose inputs may change with a region: documents, dashboards and the topology name the regions."""


def without_ceilings(config):
    for table in config["holdfast:data"]["tables"].values():
        table.pop("ceilings", None)


def with_a_region(config):
    without_ceilings(config)
    config["holdfast:regions"].append({"name": "us-west-2", "cidr": "10.60.0.0/16"})


def test_adding_a_region_replaces_and_deletes_nothing(recorded):
    before = {item.urn: item for item in recorded("dev", without_ceilings).resources}
    after = {item.urn: item for item in recorded("dev", with_a_region).resources}
    assert set(before) < set(after)
    for urn, old in before.items():
        new = after[urn]
        assert {key: old.inputs.get(key) for key in FORCING} == {key: new.inputs.get(key) for key in FORCING}, urn
        if old.inputs != new.inputs:
            assert old.type.endswith(NAMING_REGIONS), urn
    added = {item.provider_name for urn, item in after.items() if urn not in before and item.type.startswith("aws:")}
    assert added == {"us-west-2"}


def test_one_region_costs_little_and_uses_the_same_code(recorded):
    kinds = {item.type.partition(":")[2] for item in recorded("dev").resources}
    hourly = {"ec2/natGateway:NatGateway", "dax/cluster:Cluster", "elasticache/replicationGroup:ReplicationGroup"}
    assert not kinds & hourly
    interface = [item for item in recorded("dev").of("VpcEndpoint") if item.inputs["vpcEndpointType"] == "Interface"]
    assert interface == []
    assert {"dynamodb/table:Table", "kms/key:Key", "ec2/vpc:Vpc"} <= kinds


def test_a_stack_that_hands_its_tables_over_deletes_none_of_them(recorded):
    """Whatever belongs to a table is retained, wherever it is; what the stack has of its own is not."""

    def handing_over(config):
        with_a_region(config)
        config["holdfast:stack"]["hand_over_to"] = "us-west-2"
        for table in config["holdfast:data"]["tables"].values():
            table["deletion_protection"] = True

    made = recorded("dev", handing_over)
    kept = {item.name for item in made.resources if item.retained}
    for kind in ("table:Table", "tableReplica:TableReplica", "resourcePolicy:ResourcePolicy", "contributorInsights"):
        of_tables = {item.name for item in made.resources if f"dynamodb/{kind}" in item.type}
        assert of_tables - kept == {name for name in of_tables if "control" in name}, kind
        assert of_tables & kept
    assert not [item.name for item in made.resources if item.retained and "dynamodb/" not in item.type]
    home, there = made.one("table:Table", "table-orders"), made.one("TableReplica", "us-west-2-replica-orders")
    assert (home.inputs["deletionProtectionEnabled"], there.inputs["deletionProtectionEnabled"]) == (False, True)
