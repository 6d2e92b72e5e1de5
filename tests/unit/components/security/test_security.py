"""Keys by purpose in every region, and the role of the application."""

import json

import pytest

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


def statements(item, key="policy"):
    return {statement["Sid"]: statement for statement in json.loads(item.inputs[key])["Statement"]}


def test_primaries_are_multi_region_and_rotate(prod):
    keys = prod.of("kms/key:Key")
    assert {item.name for item in keys} == {
        f"us-east-1-key-{purpose}" for purpose in ("data", "fields", "logs", "backup", "evidence")
    }
    for key in keys:
        assert key.inputs["multiRegion"] is True
        assert key.inputs["deletionWindowInDays"] == 30
        if not key.name.endswith("evidence"):
            assert key.inputs["enableKeyRotation"] is True
            assert key.inputs["rotationPeriodInDays"] == 365


def test_the_key_of_the_evidence_signs_and_is_there_only_where_there_are_drills(prod, recorded):
    key = prod.one("kms/key:Key", "us-east-1-key-evidence")
    assert (key.inputs["keyUsage"], key.inputs["customerMasterKeySpec"]) == ("SIGN_VERIFY", "ECC_NIST_P256")
    assert "enableKeyRotation" not in key.inputs
    actions = {action for one in statements(key).values() for action in one["Action"]}
    assert "kms:Sign" in actions
    assert not {"kms:Decrypt", "kms:Encrypt"} & actions
    operator = statements(prod.one("iam/rolePolicy:RolePolicy", "us-west-2-operator-policy"))["SignEvidence"]
    assert operator["Condition"] == {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/holdfast-evidence"}}
    assert not recorded("dev").of("kms/key:Key", name="evidence")


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_the_same_aliases(prod, region):
    aliases = {item.inputs["name"]: item for item in prod.of("kms/alias:Alias") if item.provider_name == region}
    others = {f"alias/holdfast-{purpose}" for purpose in ("fields", "logs", "backup", "evidence")}
    assert set(aliases) == {"alias/app-key", *others}
    own = f"{region}-key-data"
    assert aliases["alias/app-key"].inputs["targetKeyId"].endswith(own)


@pytest.mark.parametrize("region", REGIONS[1:])
def test_replica_keys_have_a_policy_of_their_own_region(prod, region):
    for purpose in ("data", "logs", "backup"):
        replica = prod.one("kms/replicaKey:ReplicaKey", f"{region}-key-{purpose}")
        assert replica.inputs["primaryKeyArn"].endswith(f"key-{purpose}")
        services = statements(replica)["UsedThroughServices"]["Condition"]["StringEquals"]["kms:ViaService"]
        assert all(f".{region}." in service for service in services)


def test_key_policies_let_administrators_read_nothing(prod):
    for key in [*prod.of("kms/key:Key"), *prod.of("kms/replicaKey:ReplicaKey")]:
        found = statements(key)
        assert not {"kms:Decrypt", "kms:*", "kms:GenerateDataKey"} & set(found["AdministeredByThisAccount"]["Action"])
        for statement in found.values():
            assert statement["Principal"] != "*"
            assert statement["Principal"].get("AWS") != "*"


def test_only_the_logs_key_serves_log_groups(prod):
    assert "LogGroupsOfThisAccount" in statements(prod.one("kms/key:Key", "us-east-1-key-logs"))
    assert "LogGroupsOfThisAccount" not in statements(prod.one("kms/key:Key", "us-east-1-key-data"))


@pytest.mark.parametrize("region", REGIONS)
def test_application_role_is_scoped_to_items_of_its_tables(prod, region):
    found = statements(prod.one("iam/rolePolicy:RolePolicy", f"{region}-app-policy"))
    local = found["LocalItems"]
    assert local["Resource"] == [
        f"arn:aws:dynamodb:{region}:111122223333:table/{name}"
        for name in (
            "Production",
            "orders-production",
            "sessions-production",
            "inventory-production",
            "accounts-production",
            "metrics-production",
        )
    ]
    assert found["LocalIndexes"]["Action"] == ["dynamodb:Query"]
    assert all("/index/" in arn for arn in found["LocalIndexes"]["Resource"])
    actions = {action for statement in found.values() for action in statement["Action"]}
    assert not [action for action in actions if "*" in action]
    assert "dynamodb:Scan" not in actions
    assert found["LocalFlags"]["Action"] == ["dynamodb:GetItem", "dynamodb:Query"]
    assert found["OwnTopology"]["Resource"] == [f"arn:aws:ssm:{region}:111122223333:parameter/holdfast/topology"]


def test_access_to_other_regions_is_granted_only_where_clients_fail_over(prod, recorded):
    found = statements(prod.one("iam/rolePolicy:RolePolicy", "us-west-2-app-policy"))
    regions = {arn.split(":")[3] for arn in found["FailoverItems"]["Resource"]}
    assert regions == {"us-east-1", "eu-west-1"}
    alone = recorded("prod", lambda config: config["holdfast:runtime"].update(failover=False))
    text = alone.one("iam/rolePolicy:RolePolicy", "us-west-2-app-policy").inputs["policy"]
    assert "us-east-1" not in text
    assert "us-west-2" in text


def test_tables_are_decrypted_through_dynamodb_with_the_data_key_only(prod):
    statement = statements(prod.one("iam/rolePolicy:RolePolicy", "eu-west-1-app-policy"))["LocalTableKeys"]
    assert statement["Condition"] == {
        "StringEquals": {"kms:ViaService": ["dynamodb.eu-west-1.amazonaws.com"]},
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app-key"},
    }


def test_roles_trust_services_of_this_account_only(prod):
    roles = prod.of("iam/role:Role")
    assert len(roles) >= 6
    for role in roles:
        for statement in statements(role, "assumeRolePolicy").values():
            if statement["Principal"] == {"Service": "ec2.amazonaws.com"}:
                continue  # EC2 passes no source account when it assumes the role of an instance.
            if "Service" in statement["Principal"]:
                assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == "111122223333"
            else:
                assert statement["Principal"]["AWS"].startswith("arn:aws:iam::111122223333:")
                assert statement["Condition"]


def test_aliases_and_windows_come_from_the_settings(recorded):
    made = recorded(
        "prod",
        lambda config: config.update(
            {"holdfast:security": {"keys": {"data": {"alias": "mine", "deletion_window_days": 7}}}}
        ),
    )
    assert len(made.of("kms/alias:Alias", name="alias-data")) == 3
    assert {item.inputs["name"] for item in made.of("kms/alias:Alias", name="alias-data")} == {"alias/mine"}
    assert made.one("kms/key:Key", "us-east-1-key-data").inputs["deletionWindowInDays"] == 7


def test_a_region_without_tables_has_no_statement_without_resources(recorded):
    def alone(config):
        config["holdfast:regions"].append({"name": "us-west-2", "cidr": "10.60.0.0/16"})
        for table in config["holdfast:data"]["tables"].values():
            table.update(replicas=[])
            table.pop("ceilings", None)

    made = recorded("dev", alone)
    policies = [item for item in made.of("iam/rolePolicy:RolePolicy") if item.provider_name == "us-west-2"]
    assert policies
    for item in policies:
        assert all(statement.get("Resource") for statement in json.loads(item.inputs["policy"])["Statement"]), item.name


@pytest.mark.parametrize("region", REGIONS)
def test_duties_are_separate(prod, region):
    def allowed(role):
        policy = prod.one("iam/rolePolicy:RolePolicy", f"{region}-{role}-policy")
        return {action for one in statements(policy).values() for action in one["Action"] if ":" in action}

    reads, writes = {"dynamodb:GetItem", "dynamodb:Query"}, {"dynamodb:PutItem", "dynamodb:DeleteItem"}
    assert reads <= allowed("reader")
    assert not writes & allowed("reader")
    assert writes <= allowed("writer")
    assert not reads & allowed("writer")
    assert not (reads | writes) & allowed("replication")
    for role in ("reader", "writer", "replication", "app"):
        assert (
            prod.one("iam/role:Role", f"{region}-{role}")
            .inputs["permissionsBoundary"]
            .endswith("policy/holdfast-boundary")
        )


def test_roles_of_services_are_bounded_too(prod):
    roles = prod.of("iam/role:Role")
    assert len(roles) > 40
    assert {item.inputs["permissionsBoundary"].rpartition("/")[2] for item in roles} == {
        "holdfast-boundary",
        "holdfast-service-boundary",
    }
    policy = statements(prod.one("iam/policy:Policy", "service-boundary"))
    assert policy["NeverIdentities"]["Effect"] == "Deny"
    regions = policy["InTheRegionsOfTheStack"]["Condition"]["StringEquals"]["aws:RequestedRegion"]
    assert set(regions) == set(REGIONS)


def test_the_rotation_stands_in_the_vpc_and_tells_when_it_fails(prod, recorded):
    function = prod.one("lambda/function:Function", "rotate-cursor-key").inputs
    assert len(function["vpcConfig"]["subnetIds"]) == 3
    told = prod.one("lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "rotate-cursor-key-failures").inputs
    assert told["destinationConfig"]["onFailure"]["destination"] == "arn:aws:sns:us-east-1:111122223333:holdfast-p2"
    duty = statements(prod.one("iam/rolePolicy:RolePolicy", "rotation-policy"))
    assert duty["TellFailures"]["Resource"] == ["arn:aws:sns:us-east-1:111122223333:holdfast-p2"]
    plain = recorded(
        "dev", lambda config: config["holdfast:security"].update(secrets={"cursor-key": {"description": "cursors"}})
    )
    assert "vpcConfig" in plain.one("lambda/function:Function", "rotate-cursor-key").inputs
    assert not plain.of("functionEventInvokeConfig:FunctionEventInvokeConfig")


def test_the_balancer_controller_opens_the_cluster_alone(prod):
    rights = statements(prod.one("iam/rolePolicy:RolePolicy", "us-west-2-balancer-policy"))
    assert rights["LetTheBalancerIn"]["Condition"] == {
        "StringEquals": {"aws:ResourceTag/aws:eks:cluster-name": "holdfast-eks"}
    }
    actions = {action for one in rights.values() for action in one["Action"]}
    assert not {action for action in actions if "Create" in action or "Delete" in action}
