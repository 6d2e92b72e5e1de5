"""What happens behind Pulumi's back, and what an interrupted run leaves."""

import pytest

from sandbox.provider.aws.plugin import AwsPlugin
from sandbox.provider.cloud import Door
from sandbox.provider.faults import ProviderError

pytestmark = pytest.mark.sandbox

TABLE = "aws:dynamodb/table:Table"


def table(name, **more):
    return {
        "name": name,
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "pk",
        "attributes": [{"name": "pk", "type": "S"}],
        **more,
    }


def test_recovery_turned_off_behind_our_back_shows(make, client):
    resource = make(TABLE, "a", table("drifting", pointInTimeRecovery={"enabled": True}, tags={"a": "b"}))
    client("dynamodb").update_continuous_backups(
        TableName="drifting", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    client("dynamodb").tag_resource(ResourceArn=resource.outputs["arn"], Tags=[{"Key": "by", "Value": "hand"}])
    assert resource.drift() == {"pointInTimeRecovery.enabled": "update", "tags.by": "delete"}
    assert resource.outputs["pointInTimeRecovery"]["enabled"] is False


def test_a_key_disabled_behind_our_back_shows(make, client):
    key = make("aws:kms/key:Key", "key", {"description": "x"})
    client("kms").disable_key(KeyId=key.id)
    assert key.drift() == {"isEnabled": "update"}


def test_a_rule_opened_behind_our_back_shows(make, client):
    vpc = make("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.8.0.0/16"})
    default = make("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", {"vpcId": vpc.id})
    assert default.drift() == {}
    client("ec2").authorize_security_group_ingress(
        GroupId=default.id,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    assert default.drift() == {"ingress": "delete"}


def test_an_object_deleted_behind_our_back_is_gone(make, client):
    resource = make("aws:ssm/parameter:Parameter", "p", {"name": "/gone", "type": "String", "value": "x"})
    client("ssm").delete_parameter(Name="/gone")
    assert not resource.refresh()


def test_an_update_makes_a_lost_object_again(make, client):
    resource = make("aws:ssm/parameter:Parameter", "p", {"name": "/lost", "type": "SecureString", "value": "x"})
    client("ssm").delete_parameter(Name="/lost")
    resource.update(description="y")
    assert client("ssm").get_parameter(Name="/lost", WithDecryption=True)["Parameter"]["Value"] == "x"


def test_an_interrupted_create_is_taken_up(make, cloud):
    first = make(TABLE, "interrupted", table("interrupted"))
    later = AwsPlugin(Door(cloud.directory))
    later.configure({"region": "us-west-2"})
    physical_id, outputs = later.create(
        first.urn, {**first.inputs, "deletionProtectionEnabled": False, "tags": {"a": "b"}}, preview=False
    )
    assert physical_id == first.id
    assert outputs["arn"] == first.outputs["arn"]
    assert outputs["tags"] == {"a": "b"}


def test_an_interrupted_network_is_not_made_twice(make, cloud, client):
    first = make("aws:ec2/vpc:Vpc", "once", {"cidrBlock": "10.7.0.0/16"})
    later = AwsPlugin(Door(cloud.directory))
    later.configure({"region": "us-west-2"})
    physical_id, _ = later.create(first.urn, first.inputs, preview=False)
    found = client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.7.0.0/16"]}])["Vpcs"]
    assert physical_id == first.id
    assert len(found) == 1


@pytest.mark.parametrize(
    ("token", "inputs", "count"),
    [
        (
            "aws:ec2/vpc:Vpc",
            {"cidrBlock": "10.6.0.0/16"},
            lambda client: len(
                client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.6.0.0/16"]}])["Vpcs"]
            ),
        ),
        ("aws:kms/key:Key", {"description": "x"}, lambda client: len(client("kms").list_keys()["Keys"])),
        ("aws:ec2/eip:Eip", {"domain": "vpc"}, lambda client: len(client("ec2").describe_addresses()["Addresses"])),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_kill_before_the_id_is_written_down_makes_nothing_twice(cloud, client, token, inputs, count, monkeypatch):
    class KilledError(BaseException):
        """The process is gone."""

    def plugin():
        made = AwsPlugin(Door(cloud.directory))
        made.configure({"region": "us-west-2"})
        return made

    urn = f"urn:pulumi:test::holdfast::{token}::killed"
    before = count(client)
    with monkeypatch.context() as patch:
        patch.setattr(type(cloud), "mark", lambda *_: (_ for _ in ()).throw(KilledError()))
        killed = plugin()
        checked, failures = killed.check(urn, {}, inputs)
        assert failures == []
        with pytest.raises(KilledError):
            killed.create(urn, checked, preview=False)
    assert count(client) == before + 1
    physical_id, _ = plugin().create(urn, checked, preview=False)
    assert physical_id
    assert count(client) == before + 1
    second, _ = plugin().create(f"{urn}-two", checked, preview=False)
    assert second != physical_id


def test_a_replacement_is_not_taken_for_an_interrupted_create(make):
    first = make("aws:kms/key:Key", "replaced", {})
    first.provider.diff(first.urn, first.id, first.inputs, {**first.inputs, "multiRegion": True})
    second, _ = first.provider.create(first.urn, {"multiRegion": True}, preview=False)
    assert second != first.id


def test_somebody_elses_table_is_refused_with_its_name(make, providers, client):
    client("dynamodb").create_table(
        TableName="theirs",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    urn = f"urn:pulumi:test::holdfast::{TABLE}::theirs"
    for _ in range(2):
        with pytest.raises(ProviderError, match="table theirs in us-west-2: a table of this name exists"):
            providers["us-west-2"].create(urn, table("theirs"), preview=False)
    client("dynamodb").delete_table(TableName="theirs")


def test_a_region_that_the_sandbox_does_not_run_is_named(providers):
    with pytest.raises(ProviderError, match="region eu-west-1 does not run in this sandbox"):
        providers["us-west-2"].create(
            f"urn:pulumi:test::holdfast::{TABLE}::x", table("elsewhere", region="eu-west-1"), preview=False
        )


def test_what_the_service_refuses_is_one_line_with_resource_and_reason(providers):
    urn = "urn:pulumi:test::holdfast::aws:ssm/parameter:Parameter::bad"
    with pytest.raises(ProviderError) as caught:
        providers["us-west-2"].create(urn, {"name": "aws/x", "type": "String", "value": "x"}, preview=False)
    message = str(caught.value)
    assert message.startswith("creating parameter bad (aws:ssm/parameter:Parameter) in us-west-2: ")
    assert "\n" not in message
