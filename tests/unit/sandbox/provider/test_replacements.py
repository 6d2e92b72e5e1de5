"""What forces a replacement is known for every type that the program can register."""

import pathlib
import re

import pytest

from sandbox.codec import UNKNOWN
from sandbox.provider.aws import facts, registry
from sandbox.provider.diffing import diff
from sandbox.provider.sdk import catalogue

AWS = catalogue("aws")
COMPONENTS = pathlib.Path(__file__).parents[4] / "components"
NAMED_BY_ALL = {"region", "namePrefix"}


def registered():
    """The types that the components' source constructs: those of all four stacks, and of what they leave out."""
    tokens = {(entry.module, entry.cls): token for token, entry in AWS._entries.items()}
    calls = {
        call
        for file in COMPONENTS.rglob("*.py")
        for call in re.findall(r"\baws\.(\w+)\.([A-Z]\w+)\(", file.read_text())
    }
    return sorted(tokens[call] for call in calls if call in tokens)


def kind_of(token):
    return registry.kind(token, AWS.find(token))


def test_the_source_names_the_types():
    found = registered()
    assert len(found) > 120
    assert {"aws:dynamodb/table:Table", "aws:arcregionswitch/plan:Plan", "aws:lb/loadBalancer:LoadBalancer"} <= set(
        found
    )


@pytest.mark.parametrize("token", registered())
def test_each_type_has_an_entry_or_a_reason(token):
    kind = kind_of(token)
    own = kind.forces - NAMED_BY_ALL
    if token in facts.NEVER:
        assert not own, f"{token} is said never to be replaced, and these force it: {sorted(own)}"
    else:
        written = token in facts.FORCES or kind.handler is not None
        assert written, f"{token}: say in facts/forces.py what forces a replacement, or in NEVER why nothing does"
        assert own, f"{token} has no forcing property: put it into NEVER with the reason"


@pytest.mark.parametrize("token", sorted(facts.NEVER))
def test_a_reason_is_given(token):
    assert AWS.find(token) is not None
    assert len(facts.NEVER[token]) > 10


@pytest.mark.parametrize("token", sorted({*facts.KEPT, *facts.FORCES_IF}))
def test_exceptions_name_properties(token):
    known = set(AWS.find(token).inputs)
    assert facts.KEPT.get(token, frozenset()) <= known
    assert set(facts.FORCES_IF.get(token, {})) <= known
    assert not facts.KEPT.get(token, frozenset()) & facts.FORCES.get(token, frozenset())


SHARD = [{"nodeGroupId": "0001", "slots": "0-16383", "replicaCount": 1}]
ZONED = [{**SHARD[0], "primaryAvailabilityZone": "a"}]
ZONE = "nodeGroupConfigurations[0].primaryAvailabilityZone"


def forced(token, old, new):
    return sorted(diff(kind_of(token), AWS.find(token), old, new).forcing)


CASES = [
    ("aws:ec2/vpc:Vpc", {"instanceTenancy": "dedicated"}, {"instanceTenancy": "default"}, []),
    ("aws:ec2/vpc:Vpc", {"instanceTenancy": "default"}, {"instanceTenancy": "dedicated"}, ["instanceTenancy"]),
    ("aws:ssm/parameter:Parameter", {"tier": "Advanced"}, {"tier": "Standard"}, ["tier"]),
    ("aws:ssm/parameter:Parameter", {"tier": "Standard"}, {"tier": "Advanced"}, []),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {"vpcEndpointType": "Interface", "privateDnsEnabled": True},
        {"vpcEndpointType": "Interface", "privateDnsEnabled": False},
        [],
    ),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", {"privateDnsEnabled": True}, {}, ["privateDnsEnabled"]),
    ("aws:elasticache/replicationGroup:ReplicationGroup", {"engine": "redis"}, {"engine": "valkey"}, []),
    ("aws:elasticache/replicationGroup:ReplicationGroup", {"engine": "valkey"}, {"engine": "redis"}, ["engine"]),
    ("aws:elasticache/replicationGroup:ReplicationGroup", {"engineVersion": "7.1"}, {"engineVersion": "8.0"}, []),
    *(
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"nodeGroupConfigurations": old},
            {"nodeGroupConfigurations": new},
            forcing,
        )
        for old, new, forcing in (
            (SHARD, [{**SHARD[0], "slots": "0-99"}], ["nodeGroupConfigurations[0].slots"]),
            (SHARD, [{**SHARD[0], "replicaCount": 2}], ["nodeGroupConfigurations[0].replicaCount"]),
            (SHARD, [{**SHARD[0], "primaryAvailabilityZone": "a"}], []),
            (ZONED, [{**ZONED[0], "primaryAvailabilityZone": "b"}], [ZONE]),
            (SHARD, [*SHARD, {"nodeGroupId": "0002"}], ["nodeGroupConfigurations[1]"]),
            (None, SHARD, ["nodeGroupConfigurations"]),
        )
    ),
    (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        {"engineVersion": "7.1"},
        {"engineVersion": "6.2"},
        ["engineVersion"],
    ),
    (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        {"engineVersion": "6.2", "transitEncryptionEnabled": False},
        {"engineVersion": "6.2", "transitEncryptionEnabled": True},
        ["transitEncryptionEnabled"],
    ),
    ("aws:lb/loadBalancer:LoadBalancer", {"subnets": ["a", "b"]}, {"subnets": ["a"]}, []),
    (
        "aws:lb/loadBalancer:LoadBalancer",
        {"loadBalancerType": "network", "subnets": ["a", "b"]},
        {"loadBalancerType": "network", "subnets": ["a"]},
        ["subnets[1]"],
    ),
    (
        "aws:lb/loadBalancer:LoadBalancer",
        {"loadBalancerType": "network", "subnets": ["a"]},
        {"loadBalancerType": "network", "subnets": ["a", UNKNOWN]},
        [],
    ),
    (
        "aws:lb/loadBalancer:LoadBalancer",
        {"loadBalancerType": "network", "securityGroups": ["a"]},
        {"loadBalancerType": "network"},
        ["securityGroups"],
    ),
    ("aws:route53/record:Record", {"type": "A", "setIdentifier": "x"}, {"type": "CNAME", "setIdentifier": "y"}, []),
    ("aws:apigateway/restApi:RestApi", {"name": "a"}, {"name": "b"}, []),
    ("aws:codedeploy/application:Application", {"name": "a"}, {"name": "b"}, []),
    (
        "aws:dynamodb/table:Table",
        {"hashKey": "a", "billingMode": "x"},
        {"hashKey": "b", "billingMode": "y"},
        ["hashKey"],
    ),
    (
        "aws:lambda/layerVersion:LayerVersion",
        {"layerName": "a", "s3Key": "1"},
        {"layerName": "a", "s3Key": "2"},
        ["s3Key"],
    ),
]


@pytest.mark.parametrize(("token", "old", "new", "forcing"), CASES)
def test_changes_that_force(token, old, new, forcing):
    assert forced(token, old, new) == forcing
