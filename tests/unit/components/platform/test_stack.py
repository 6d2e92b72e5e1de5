"""What holds for the whole stack: explicit providers, tags, protection, symmetry, and the topology."""

import asyncio
import base64
import gzip
import json
import re

import pulumi
import pytest

from components.base.tags import adding, has_tags, resource_class
from holdfast.topology import Topology

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
STATEFUL = ("dynamodb/table:Table", "dynamodb/tableReplica:TableReplica", "kms/key:Key", "kms/replicaKey:ReplicaKey")


def test_every_resource_has_the_provider_of_a_region_of_the_stack(prod):
    custom = [item for item in prod.resources if item.custom and not item.type.startswith("pulumi:")]
    assert len(custom) >= 150
    assert {item.provider_name for item in custom if item.type.startswith("aws:")} == set(REGIONS)


def test_resources_below_a_region_use_its_provider_and_carry_its_name(prod):
    for item in prod.resources:
        region = re.search(r"holdfast:platform:Region\$.*::(\w+-\w+-\d)-", item.urn)
        if region and item.custom and item.type.startswith("aws:"):
            assert item.provider_name == region[1], item.urn


def test_providers_refuse_another_account(prod):
    providers = prod.of("pulumi:providers:aws")
    assert {item.name for item in providers} == set(REGIONS)
    for item in providers:
        assert json.loads(item.inputs["allowedAccountIds"]) == ["111122223333"]


def test_a_region_may_name_the_role_that_its_provider_assumes(recorded):
    role = "arn:aws:iam::111122223333:role/deployer"
    made = recorded("prod", lambda config: config["holdfast:regions"][1].update(deploy_role_arn=role))
    assert role in made.one("pulumi:providers:aws", "us-west-2").inputs["assumeRoles"]
    assert "assumeRoles" not in made.one("pulumi:providers:aws", "us-east-1").inputs


def test_everything_that_has_tags_carries_the_tags_of_the_stack(prod):
    tagged = [item for item in prod.resources if has_tags(item.type)]
    assert len(tagged) > 60
    for item in tagged:
        assert (
            item.inputs["tags"].items() >= {"Environment": "production", "Project": "holdfast", "Stack": "prod"}.items()
        ), item.urn
    untagged = [item for item in prod.resources if item.type.startswith("aws:") and not has_tags(item.type)]
    assert not [item for item in untagged if "tags" in item.inputs]
    assert has_tags("aws:lambda/function:Function")


def test_the_sdk_knows_every_type_that_is_registered(prod):
    """A type that could not be looked up would silently go without tags."""
    types = {item.type for item in prod.resources if item.type.startswith("aws:")}
    assert [token for token in types if resource_class(token) is None] == []


def test_tags_that_are_known_later_keep_the_tags_of_the_stack():
    transform = adding({"Stack": "prod", "Owner": "platform-team"})
    seen: list[dict[str, str]] = []

    def register(tags: object) -> None:
        args = pulumi.ResourceTransformArgs(
            custom=True, type_="aws:s3/bucket:Bucket", name="b", props={"tags": tags}, opts=pulumi.ResourceOptions()
        )
        result = transform(args)
        assert result is not None
        pulumi.Output.from_input(result.props["tags"]).apply(seen.append)

    asyncio.run(_later(register))
    assert seen == [{"Stack": "prod", "Owner": "team-b"}, {"Stack": "prod", "Owner": "platform-team"}]


async def _later(register) -> None:
    """Register with tags that are an output, and with an output of nothing."""
    for known in ({"Owner": "team-b"}, None):
        register(pulumi.Output.from_input(known))
        await asyncio.sleep(0)
        await asyncio.sleep(0.01)


def test_what_holds_data_or_keys_is_protected_and_a_setting_lifts_it(prod, recorded):
    stateful = [item for item in prod.resources if item.type.endswith(STATEFUL)]
    assert len(stateful) >= 21
    assert all(item.protect for item in stateful)
    loose = recorded("prod", lambda config: config["holdfast:stack"].update(protect=False))
    assert not any(item.protect for item in loose.resources)


MAY_DIFFER = {
    "config": "global types are recorded once",
    "config-delivery": "the bucket stands in the home region",
    "endpoint-s3": "exports are written in the home region",
    "topology": "it names the home region",
    "operator-policy": "it names every region, in one order",
}
"""What may differ between regions, and why."""


def test_regions_are_alike(prod):
    """Every resource of a region stands in each, with the same inputs but for the region's own name and network."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for item in prod.resources:
        named = re.match(rf"({'|'.join(REGIONS)})-(.*)", item.name)
        if named and not item.type.endswith(("kms/key:Key", "kms/replicaKey:ReplicaKey", "TableReplica")):
            region, rest = named.groups()
            shape = _without(region, json.dumps(item.inputs, sort_keys=True))
            found.setdefault((item.type, _without(region, rest)), {})[region] = shape
    assert len(found) > 250
    assert {key: set(REGIONS) - set(shapes) for key, shapes in found.items() if set(shapes) != set(REGIONS)} == {}
    differ = {name for (_, name), shapes in found.items() if len(set(shapes.values())) > 1}
    assert differ == set(MAY_DIFFER)


def _without(region: str, text: str) -> str:
    """A text in which the region is HERE, the others are THERE, and networks have no region's number."""
    text = text.replace(region, "HERE").replace(region.replace("-", ""), "HERE")
    for other in REGIONS:
        text = text.replace(other, "THERE").replace(other.replace("-", ""), "THERE")
    return re.sub(r"\b10\.(10|20|30)\.", "10.N.", text)


def test_names_are_the_same_in_every_run_and_none_is_left_to_chance(prod):
    named = (
        "iam/role:Role",
        "cloudwatch/logGroup:LogGroup",
        "kms/alias:Alias",
        "dynamodb/table:Table",
        "ssm/parameter:Parameter",
    )
    for item in prod.resources:
        if item.type.endswith(named):
            assert item.inputs["name"], item.urn
            assert "namePrefix" not in item.inputs


def test_urns_are_unique(prod):
    urns = [item.urn for item in prod.resources]
    assert len(urns) == len(set(urns))


def test_a_preview_registers_everything_without_asking_the_cloud(prod, recorded):
    seen = recorded("prod", lambda _: None, preview=True)
    assert sorted(item.urn for item in seen.resources) == sorted(item.urn for item in prod.resources)


def test_documents_are_complete_in_a_preview(recorded):
    seen = recorded("prod", lambda _: None, preview=True)
    documents = [
        item
        for item in seen.resources
        if item.type.endswith(("iam/rolePolicy:RolePolicy", "ec2/vpcEndpoint:VpcEndpoint"))
    ]
    assert documents
    for item in documents:
        assert json.loads(item.inputs["policy"])["Statement"], item.urn


def test_topology_is_a_stack_output_and_a_parameter_in_every_region(prod):
    topology = Topology.from_dict(prod.outputs["topology"])
    assert topology.home_region == "us-east-1"
    assert topology.failover
    assert set(topology.regions) == set(REGIONS)
    west = topology.region("us-west-2")
    assert west.tables["orders"].arn == "arn:aws:dynamodb:us-west-2:111122223333:table/orders-production"
    assert [index.name for index in west.tables["orders"].indexes] == ["OrderDateIndex", "StatusIndex"]
    assert west.tables["production"].ttl_attribute == "expires_at"
    assert west.control_table == "holdfast-control"
    assert set(west.keys) == {"data", "fields", "logs", "backup", "evidence"}
    assert topology.objectives == {"rto_seconds": 120, "rpo_seconds": 1}
    assert topology.runtime["retries"] == {"max_retries": 5, "base_seconds": 0.05, "cap_seconds": 10}
    assert prod.outputs["regions"] == list(REGIONS)
    for region in REGIONS:
        parameter = prod.one("ssm/parameter:Parameter", f"{region}-topology")
        assert parameter.provider_name == region
        assert parameter.inputs["name"] == "/holdfast/topology"
        text = parameter.inputs["value"]
        assert len(text) < 4096
        packed = gzip.decompress(base64.b64decode(text.removeprefix("gzip+base64:")))
        assert list(json.loads(packed)["regions"]) == list(REGIONS)
        assert Topology.from_json(packed) == topology


def test_an_illegal_stack_file_is_told_and_not_traced(recorded):
    with pytest.raises(
        pulumi.RunError, match=r"(?s)cannot be deployed.*Pulumi\.prod\.yaml: holdfast:regions\[0\]\.name"
    ):
        recorded("prod", lambda config: config["holdfast:regions"][0].update(name="nowhere-1"))


def test_a_layer_that_is_not_named_is_not_built(recorded):
    made = recorded("dev", lambda config: config.pop("holdfast:network"))
    assert not [item for item in made.resources if item.layer == "network"]
    assert made.of("dynamodb/table:Table")
