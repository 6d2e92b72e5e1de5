import pytest

from sandbox.codec import UNKNOWN, Secret
from sandbox.provider.faults import ProviderError

TABLE = "aws:dynamodb/table:Table"
INPUTS = {"name": "orders", "hashKey": "pk", "attributes": [{"name": "pk", "type": "S"}]}


def test_a_preview_tells_arns_and_ids_that_names_decide(aws, urn):
    physical_id, outputs = aws.create(urn(TABLE), INPUTS, preview=True)
    assert physical_id == "orders"
    assert outputs["arn"] == "arn:aws:dynamodb:us-east-1:111122223333:table/orders"
    assert outputs["id"] == "orders"
    assert outputs["billingMode"] == "PROVISIONED"
    assert outputs["region"] == "us-east-1"
    assert outputs["tagsAll"] == {"Stack": "test"}


def test_a_preview_leaves_out_what_is_not_known(aws, urn):
    physical_id, outputs = aws.create(urn(TABLE), {**INPUTS, "name": UNKNOWN}, preview=True)
    assert physical_id == ""
    assert "arn" not in outputs
    assert "name" not in outputs


def test_a_resource_may_live_in_a_region_of_its_own(aws, urn):
    _, outputs = aws.create(urn(TABLE), {**INPUTS, "region": "eu-west-1"}, preview=True)
    assert outputs["arn"] == "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"


def test_china_and_govcloud_have_their_own_partitions(aws, urn):
    _, outputs = aws.create(urn(TABLE), {**INPUTS, "region": "cn-north-1"}, preview=True)
    assert outputs["arn"].startswith("arn:aws-cn:")


def test_secrets_stay_secret(aws, urn):
    _, outputs = aws.create(
        urn("aws:ssm/parameter:Parameter"), {"name": "p", "type": "String", "value": Secret("x")}, preview=True
    )
    assert outputs["value"] == Secret("x")


def test_check_names_and_a_later_check_keeps_the_name(aws, urn):
    inputs, failures = aws.check(urn(TABLE, "orders"), {}, {k: v for k, v in INPUTS.items() if k != "name"}, b"1")
    assert failures == []
    assert inputs["name"].startswith("orders-")
    again, _ = aws.check(urn(TABLE, "orders"), inputs, {k: v for k, v in INPUTS.items() if k != "name"}, b"2")
    assert again["name"] == inputs["name"]


def test_a_replacement_of_a_named_resource_deletes_first(aws, urn):
    difference, deletes_first = aws.diff(urn(TABLE), "orders", INPUTS, {**INPUTS, "hashKey": "other"})
    assert difference.top_level_forcing() == ["hashKey"]
    assert deletes_first


def test_a_replacement_under_the_same_id_deletes_first(aws, urn):
    olds = {"clusterName": "orders", "nodeType": "dax.r5.large"}
    _, deletes_first = aws.diff(urn("aws:dax/cluster:Cluster"), "orders", olds, {**olds, "nodeType": "dax.r5.xlarge"})
    assert deletes_first


def test_a_replacement_with_another_name_creates_first(aws, urn):
    difference, deletes_first = aws.diff(urn(TABLE), "orders", INPUTS, {**INPUTS, "name": "other"})
    assert difference.replaces
    assert not deletes_first


def test_a_replacement_of_an_automatically_named_resource_creates_first(aws, urn):
    olds = {**INPUTS, "__defaults": ["name"]}
    _, deletes_first = aws.diff(urn(TABLE), "orders", olds, {**olds, "hashKey": "other"})
    assert not deletes_first


@pytest.mark.parametrize(
    ("token", "old", "new", "forcing"),
    [
        (
            "aws:ec2/subnet:Subnet",
            {"vpcId": "a", "cidrBlock": "10.0.0.0/24"},
            {"vpcId": "a", "cidrBlock": "10.0.1.0/24"},
            ["cidrBlock"],
        ),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, ["cidrBlock"]),
        ("aws:kms/key:Key", {}, {"multiRegion": True}, ["multiRegion"]),
        ("aws:kms/key:Key", {"description": "a"}, {"description": "b"}, []),
        ("aws:dax/cluster:Cluster", {"nodeType": "dax.r5.large"}, {"nodeType": "dax.r5.xlarge"}, ["nodeType"]),
        ("aws:dax/cluster:Cluster", {"replicationFactor": 3}, {"replicationFactor": 5}, []),
        ("aws:eks/cluster:Cluster", {"version": "1.32"}, {"version": "1.33"}, []),
        ("aws:backup/vault:Vault", {"kmsKeyArn": "a"}, {"kmsKeyArn": "b"}, ["kmsKeyArn"]),
        ("aws:dynamodb/tableReplica:TableReplica", {"kmsKeyArn": "a"}, {"kmsKeyArn": "b"}, ["kmsKeyArn"]),
        ("aws:dynamodb/table:Table", {"ttl": {"enabled": True, "attributeName": "a"}}, {}, []),
    ],
)
def test_the_properties_that_force_a_replacement(aws, urn, token, old, new, forcing):
    difference, _ = aws.diff(urn(token), "id", old, new)
    assert difference.changes
    assert difference.top_level_forcing() == forcing


@pytest.mark.parametrize(
    ("token", "inputs", "physical_id", "arn"),
    [
        (
            "aws:dax/cluster:Cluster",
            {"clusterName": "orders", "nodeType": "dax.r5.large", "replicationFactor": 3, "iamRoleArn": "arn"},
            "orders",
            "arn:aws:dax:us-east-1:111122223333:cache/orders",
        ),
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"replicationGroupId": "redis", "description": "d"},
            "redis",
            "arn:aws:elasticache:us-east-1:111122223333:replicationgroup:redis",
        ),
        ("aws:kinesis/stream:Stream", {"name": "s"}, "s", "arn:aws:kinesis:us-east-1:111122223333:stream/s"),
    ],
)
def test_recorded_types_get_the_ids_and_arns_of_aws(aws, urn, token, inputs, physical_id, arn):
    made, outputs = aws.create(urn(token), inputs, preview=False)
    assert made == physical_id
    assert outputs["arn"] == arn


def test_a_recorded_cluster_has_the_outputs_that_programs_read(aws, urn):
    inputs = {"name": "apps", "roleArn": "arn", "vpcConfig": {"subnetIds": ["subnet-1"]}}
    _, outputs = aws.create(urn("aws:eks/cluster:Cluster"), inputs, preview=False)
    assert outputs["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.us-east-1.amazonaws.com/id/")
    assert outputs["status"] == "ACTIVE"
    assert outputs["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-")


def test_a_recorded_certificate_tells_how_to_prove_the_domain(aws, urn):
    _, outputs = aws.create(urn("aws:acm/certificate:Certificate"), {"domainName": "a.example"}, preview=False)
    [proof] = outputs["domainValidationOptions"]
    assert proof["resourceRecordType"] == "CNAME"
    assert proof["resourceRecordName"].endswith(".a.example.")


def test_a_recorded_cache_has_the_endpoints_of_its_region(aws, urn):
    aws.configure({"region": "eu-west-1"})
    inputs = {"replicationGroupId": "redis", "description": "d"}
    _, outputs = aws.create(urn("aws:elasticache/replicationGroup:ReplicationGroup"), inputs, preview=False)
    assert outputs["configurationEndpointAddress"].startswith("clustercfg.redis.")
    assert outputs["configurationEndpointAddress"].endswith(".euw1.cache.amazonaws.com")


def test_outputs_of_a_recorded_type_survive_updates_and_refreshes(aws, urn):
    token = urn("aws:eks/cluster:Cluster")
    inputs = {"name": "apps", "roleArn": "arn", "vpcConfig": {"subnetIds": ["subnet-1"]}}
    made, outputs = aws.create(token, inputs, preview=False)
    later = aws.update(token, made, outputs, inputs, {**inputs, "version": "1.33", "tags": {"a": "b"}}, preview=False)
    assert later["endpoint"] == outputs["endpoint"]
    assert later["version"] == "1.33"
    assert later["tagsAll"] == {"Stack": "test", "a": "b"}
    assert aws.read(token, made, later, inputs) == (later, inputs)


def test_what_the_sdk_does_not_know_is_refused_by_name(aws, urn):
    with pytest.raises(
        ProviderError, match=r"no resource type aws:sns/topik:Topik; did you mean aws:sns/topic:Topic\?"
    ):
        aws.check(urn("aws:sns/topik:Topik"), {}, {})


def test_creating_without_a_cloud_says_how_to_start_one(aws, urn):
    with pytest.raises(ProviderError, match="holdfast sandbox start"):
        aws.create(urn(TABLE), INPUTS, preview=False)


def test_a_provider_needs_a_region(aws, monkeypatch):
    monkeypatch.delenv("AWS_REGION", raising=False)
    aws.configure({})
    [failure] = aws.check_config({"skipMetadataApiCheck": "true"})
    assert failure.property == "region"


def test_provider_inputs_are_checked_by_their_types(aws):
    assert aws.check_config({"region": "us-east-1", "defaultTags": '{"tags": {"a": "b"}}', "version": "7.51.1"}) == []
    [failure] = aws.check_config({"region": "us-east-1", "defaultTag": "{}"})
    assert "defaultTags" in failure.reason


def test_another_region_asks_for_another_provider(aws):
    assert aws.diff_config({"region": "us-east-1"}, {"region": "us-west-2"}) == (["region"], ["region"])
    assert aws.diff_config({"region": "a", "profile": "x"}, {"region": "a"}) == (["profile"], [])
