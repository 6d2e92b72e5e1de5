"""The VPC of each region: three tiers in three zones, endpoints on every route table, closed by default."""

import ipaddress
import json

import pytest

from components.network.acls import rules
from components.network.endpoints import services_in
from components.network.plan import subnets

REGIONS = {"us-east-1": "10.10.0.0/16", "us-west-2": "10.20.0.0/16", "eu-west-1": "10.30.0.0/16"}


def of_region(recording, kind, region):
    return [item for item in recording.of(kind) if item.provider_name == region]


@pytest.mark.parametrize("region", REGIONS)
def test_three_tiers_in_three_zones(prod, region):
    found = of_region(prod, "ec2/subnet:Subnet", region)
    assert sorted((item.inputs["tags"]["Tier"], item.inputs["availabilityZone"]) for item in found) == sorted(
        (tier, f"{region}{letter}") for tier in ("public", "application", "data") for letter in "abc"
    )
    assert not any(item.inputs["mapPublicIpOnLaunch"] for item in found)


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "10.0.0.0/20", "192.168.16.0/20"])
def test_subnets_lie_apart_inside_their_network(cidr):
    networks = [ipaddress.IPv4Network(part.cidr) for part in subnets(cidr, ("a", "b", "c"))]
    assert len(networks) == 9
    assert all(network.subnet_of(ipaddress.IPv4Network(cidr)) for network in networks)
    assert not [(a, b) for a in networks for b in networks if a is not b and a.overlaps(b)]
    assert min(network.num_addresses for network in networks) >= 64


@pytest.mark.parametrize("region", REGIONS)
def test_gateway_endpoints_stand_on_every_route_table(prod, region):
    tables = {f"{item.name}-id" for item in of_region(prod, "ec2/routeTable:RouteTable", region)}
    assert len(tables) == 5
    for service in ("dynamodb", "s3"):
        endpoint = prod.one("ec2/vpcEndpoint:VpcEndpoint", f"{region}-endpoint-{service}")
        assert endpoint.inputs["serviceName"] == f"com.amazonaws.{region}.{service}"
        assert set(endpoint.inputs["routeTableIds"]) == tables


@pytest.mark.parametrize("region", REGIONS)
def test_every_subnet_has_a_route_table(prod, region):
    subnet_ids = {f"{item.name}-id" for item in of_region(prod, "ec2/subnet:Subnet", region)}
    associated = {item.inputs["subnetId"] for item in of_region(prod, "RouteTableAssociation", region)}
    assert subnet_ids
    assert associated == subnet_ids


@pytest.mark.parametrize("region", REGIONS)
def test_endpoint_policy_names_the_tables_of_the_stack(prod, region):
    endpoint = prod.one("ec2/vpcEndpoint:VpcEndpoint", f"{region}-endpoint-dynamodb")
    (statement,) = json.loads(endpoint.inputs["policy"])["Statement"]
    prefix = f"arn:aws:dynamodb:{region}:111122223333:table/"
    names = ("Production", "orders-production", "sessions-production", "inventory-production", "accounts-production")
    assert set(statement["Resource"]) == {
        *(f"{prefix}{name}" for name in (*names, "metrics-production", "holdfast-control")),
        f"{prefix}orders-production/index/OrderDateIndex",
        f"{prefix}orders-production/index/StatusIndex",
    }
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}
    assert not [action for action in statement["Action"] if "*" in action or "CreateTable" in action]


def test_only_the_public_tier_reaches_the_internet_gateway(prod):
    routes = [item for item in prod.of("ec2/route:Route") if "gatewayId" in item.inputs]
    assert len(routes) == 3
    assert all(item.inputs["routeTableId"].endswith("-public-id") for item in routes)


@pytest.mark.parametrize("region", REGIONS)
def test_a_nat_gateway_per_zone_serves_its_own_zone(prod, region):
    gateways = of_region(prod, "natGateway:NatGateway", region)
    assert {item.inputs["subnetId"] for item in gateways} == {f"{region}-public-{letter}-id" for letter in "abc"}
    routes = [item for item in of_region(prod, "ec2/route:Route", region) if "natGatewayId" in item.inputs]
    assert {(item.inputs["routeTableId"][-4], item.inputs["natGatewayId"][-4]) for item in routes} == {
        (letter, letter) for letter in "abc"
    }


@pytest.mark.parametrize(("stack", "gateways", "routes"), [("orders", 1, 3), ("dev", 0, 0)])
def test_nat_gateways_are_a_setting(recorded, stack, gateways, routes):
    made = recorded(stack)
    assert len(made.of("natGateway:NatGateway")) == gateways
    assert len([item for item in made.of("ec2/route:Route") if "natGatewayId" in item.inputs]) == routes


@pytest.mark.parametrize("region", REGIONS)
def test_interface_endpoints_in_every_zone_for_principals_of_the_account(prod, region):
    endpoints = [
        item.inputs for item in of_region(prod, "VpcEndpoint", region) if item.inputs["vpcEndpointType"] == "Interface"
    ]
    services = {item["serviceName"].removeprefix(f"com.amazonaws.{region}.") for item in endpoints}
    assert services == {
        "kms", "sts", "secretsmanager", "ssm", "logs", "monitoring", "sqs", "sns", "ecr.api", "ecr.dkr", "xray", "dax", "ec2",
    }  # fmt: skip
    for item in endpoints:
        assert len(item["subnetIds"]) == 3
        assert item["privateDnsEnabled"] is True
        (statement,) = json.loads(item["policy"])["Statement"]
        assert statement["Condition"]["StringEquals"] == {"aws:PrincipalAccount": "111122223333"}


def test_an_endpoint_that_a_region_does_not_have_is_left_out():
    assert services_in("us-east-1", ("kms", "dax")) == ["kms", "dax"]
    assert services_in("ca-west-1", ("kms", "dax")) == ["kms"]


def test_the_data_tier_admits_the_vpc_and_answers_only():
    inside = {(rule.direction, rule.cidr, rule.ports) for rule in rules("data", "10.0.0.0/16")}
    assert inside == {
        ("ingress", "10.0.0.0/16", (0, 0)), ("egress", "10.0.0.0/16", (0, 0)),
        ("ingress", "0.0.0.0/0", (1024, 65535)), ("egress", "0.0.0.0/0", (443, 443)),
    }  # fmt: skip
    public = {
        rule.ports
        for rule in rules("public", "10.0.0.0/16")
        if rule.direction == "ingress" and rule.cidr == "0.0.0.0/0"
    }
    assert public == {(443, 443), (1024, 65535)}


@pytest.mark.parametrize("region", REGIONS)
def test_every_subnet_has_the_acl_of_its_tier(prod, region):
    acls = of_region(prod, "networkAcl:NetworkAcl", region)
    assert len(acls) == 3
    assert sum(len(item.inputs["subnetIds"]) for item in acls) == 9


@pytest.mark.parametrize("region", REGIONS)
def test_default_security_group_lets_nothing_through(prod, region):
    (group,) = of_region(prod, "DefaultSecurityGroup", region)
    assert group.inputs["ingress"] == []
    assert group.inputs["egress"] == []


@pytest.mark.parametrize("region", REGIONS)
def test_flow_logs_are_encrypted_and_kept(prod, region):
    (log,) = of_region(prod, "ec2/flowLog:FlowLog", region)
    assert log.inputs["trafficType"] == "ALL"
    group = prod.one("cloudwatch/logGroup:LogGroup", f"{region}-flow-logs")
    assert group.inputs["retentionInDays"] == 90
    assert "key-logs" in group.inputs["kmsKeyId"]
    policy = json.loads(prod.one("iam/rolePolicy:RolePolicy", f"{region}-flow-logs-policy").inputs["policy"])
    assert policy["Statement"][0]["Resource"] == [
        f"arn:aws:logs:{region}:111122223333:log-group:/holdfast/{region}/flow-logs:*"
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_vpc_has_the_network_of_its_region(prod, region):
    (vpc,) = of_region(prod, "ec2/vpc:Vpc", region)
    assert vpc.inputs["cidrBlock"] == REGIONS[region]
    assert vpc.inputs["enableDnsHostnames"] is True
