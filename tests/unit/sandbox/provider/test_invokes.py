import json

import pytest

from sandbox.provider.faults import ProviderError


def test_the_caller_is_the_stacks_account(aws):
    found = aws.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert found["accountId"] == "111122223333"


@pytest.mark.parametrize(
    ("region", "names", "first_id"),
    [
        ("us-east-1", ["us-east-1a", "us-east-1b"], "use1-az1"),
        ("eu-west-1", ["eu-west-1a", "eu-west-1b"], "euw1-az1"),
        ("ap-northeast-1", ["ap-northeast-1a", "ap-northeast-1c"], "apne1-az1"),
    ],
)
def test_zones_are_those_of_the_region(aws, region, names, first_id):
    aws.configure({"region": region})
    found = aws.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "available"})
    assert found["names"][:2] == names
    assert found["zoneIds"][0] == first_id


def test_the_partition_follows_the_region(aws):
    aws.configure({"region": "us-gov-west-1"})
    assert aws.invoke("aws:index/getPartition:getPartition", {})["partition"] == "aws-us-gov"


def test_a_region_can_be_asked_for_by_name(aws):
    assert aws.invoke("aws:index/getRegion:getRegion", {})["region"] == "us-east-1"
    assert aws.invoke("aws:index/getRegion:getRegion", {"region": "eu-west-1"})["region"] == "eu-west-1"


def test_add_on_versions_fit_the_cluster(aws):
    args = {"addonName": "kube-proxy", "kubernetesVersion": "1.33"}
    assert aws.invoke("aws:eks/getAddonVersion:getAddonVersion", args)["version"] == "v1.33.0-eksbuild.1"
    with pytest.raises(ProviderError, match="nonsense"):
        aws.invoke("aws:eks/getAddonVersion:getAddonVersion", {**args, "addonName": "nonsense"})


def test_an_unknown_function_is_refused_by_name(aws):
    with pytest.raises(ProviderError, match="does not answer aws:ec2/getAmi:getAmi"):
        aws.invoke("aws:ec2/getAmi:getAmi", {})


def document(aws, **args):
    return json.loads(aws.invoke("aws:iam/getPolicyDocument:getPolicyDocument", args)["json"])


def test_a_policy_document_is_written_as_the_data_source_writes_it(aws):
    found = document(
        aws,
        statements=[
            {
                "sid": "Read",
                "actions": ["dynamodb:GetItem", "dynamodb:Query"],
                "resources": ["arn:aws:dynamodb:*:*:table/x"],
                "principals": [{"type": "AWS", "identifiers": ["a"]}, {"type": "Service", "identifiers": ["b", "c"]}],
                "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]}],
            }
        ],
    )
    [statement] = found["Statement"]
    assert found["Version"] == "2012-10-17"
    assert statement["Effect"] == "Allow"
    assert set(statement["Action"]) == {"dynamodb:GetItem", "dynamodb:Query"}
    assert statement["Resource"] == "arn:aws:dynamodb:*:*:table/x"
    assert statement["Principal"] == {"AWS": "a", "Service": ["c", "b"]}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "1"}}


def test_everybody_is_a_star(aws):
    found = document(aws, statements=[{"actions": ["s3:*"], "principals": [{"type": "*", "identifiers": ["*"]}]}])
    assert found["Statement"][0]["Principal"] == "*"


def test_an_override_replaces_the_statement_of_its_sid(aws):
    base = json.dumps({"Statement": [{"Sid": "A", "Effect": "Allow"}, {"Sid": "B", "Effect": "Allow"}]})
    other = json.dumps({"Statement": {"Sid": "A", "Effect": "Deny"}})
    found = document(aws, sourcePolicyDocuments=[base], overridePolicyDocuments=[other])
    assert [statement["Effect"] for statement in found["Statement"]] == ["Deny", "Allow"]


def test_a_sid_twice_in_the_sources_is_refused(aws):
    source = json.dumps({"Statement": [{"Sid": "A"}]})
    with pytest.raises(ProviderError, match="duplicate Sid 'A'"):
        document(aws, sourcePolicyDocuments=[source, source])


def test_a_source_that_is_no_json_is_refused(aws):
    with pytest.raises(ProviderError, match="no JSON"):
        document(aws, sourcePolicyDocuments=["x"])
