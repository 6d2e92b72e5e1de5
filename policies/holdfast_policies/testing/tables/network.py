"""Cases of the rules on networks."""

from __future__ import annotations

from typing import Final

from holdfast_policies import kinds
from holdfast_policies.resource import Resource
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import HOME, allow, document, make
from holdfast_policies.values import UNKNOWN

_VPC: Final = make(kinds.VPC)
_TABLE: Final = make(kinds.TABLE)


def _open(first: int, last: int, *, source: str = "0.0.0.0/0", protocol: str = "tcp") -> list[Resource]:
    """The same opening as a group's inline rule, and as rules of both kinds of their own."""
    rule = {"protocol": protocol, "fromPort": first, "toPort": last, "cidrBlocks": [source]}
    return [
        make(kinds.SECURITY_GROUP, ingress=[rule]),
        make(kinds.SECURITY_GROUP_RULE, **rule),
        make(kinds.SECURITY_INGRESS, ipProtocol=protocol, fromPort=first, toPort=last, cidrIpv4=source),
    ]


_UNKNOWN: Final = [make(kinds.SECURITY_GROUP, ingress=UNKNOWN), make(kinds.SECURITY_GROUP_RULE, cidrBlocks=UNKNOWN)]
_EGRESS: Final = make(
    kinds.SECURITY_GROUP_RULE, type="egress", protocol="-1", fromPort=0, toPort=0, cidrBlocks=["0.0.0.0/0"]
)
_DAX: Final = [
    make(kinds.DAX_SUBNETS),
    make(kinds.ROUTE_ASSOCIATION),
    make(kinds.ROUTE_TABLE),
    make(kinds.INTERNET_GATEWAY),
]

CASES: Final = (
    Cases(
        rule="vpc-dynamodb-endpoint",
        passes=[
            [_VPC, _TABLE, make(kinds.ENDPOINT)],
            [_VPC],
            [
                make(kinds.VPC, id=None),
                _TABLE,
                make(kinds.ENDPOINT, vpcId=UNKNOWN, property_dependencies={"vpcId": [_VPC.urn]}),
            ],
        ],
        fails=[
            [_VPC, _TABLE],
            [_VPC, _TABLE, make(kinds.ENDPOINT, serviceName=f"com.amazonaws.{HOME}.s3")],
            [_VPC, _TABLE, make(kinds.ENDPOINT, vpcId="vpc-0b")],
        ],
        undecided=[[_VPC, _TABLE, make(kinds.ENDPOINT, serviceName=UNKNOWN)]],
    ),
    Cases(
        rule="vpc-endpoint-policy-restricted",
        passes=[make(kinds.ENDPOINT), make(kinds.ENDPOINT, serviceName=f"com.amazonaws.{HOME}.sts", policy=None)],
        fails=[
            make(kinds.ENDPOINT, policy=None),
            make(kinds.ENDPOINT, policy=document(allow("*", "*", Principal="*"))),
            make(kinds.ENDPOINT, policy=document(allow("dynamodb:*", "*", Principal="*"))),
            make(kinds.ENDPOINT_POLICY, policy=document(allow("*", "*", Principal="*"))),
        ],
        undecided=[make(kinds.ENDPOINT, policy=UNKNOWN)],
    ),
    Cases(
        rule="vpc-endpoint-all-route-tables",
        passes=[
            [_VPC, make(kinds.ENDPOINT), make(kinds.ROUTE_TABLE)],
            [_VPC, make(kinds.ENDPOINT, routeTableIds=None), make(kinds.ROUTE_TABLE), make(kinds.ENDPOINT_ROUTES)],
            [_VPC, make(kinds.ENDPOINT, vpcEndpointType="Interface", routeTableIds=None), make(kinds.ROUTE_TABLE)],
        ],
        fails=[
            [_VPC, make(kinds.ENDPOINT), make(kinds.ROUTE_TABLE), make(kinds.ROUTE_TABLE, "other", id="rtb-0b")],
            [_VPC, make(kinds.ENDPOINT, routeTableIds=None), make(kinds.ROUTE_TABLE)],
        ],
        undecided=[[_VPC, make(kinds.ENDPOINT, vpcEndpointType=UNKNOWN), make(kinds.ROUTE_TABLE)]],
    ),
    Cases(
        rule="vpc-interface-endpoints",
        passes=[[_VPC, make(kinds.ENDPOINT, serviceName=f"com.amazonaws.{HOME}.sts")]],
        fails=[[_VPC], [_VPC, make(kinds.ENDPOINT)]],
        undecided=[[_VPC, make(kinds.ENDPOINT, serviceName=UNKNOWN)]],
        settings={"services": ["sts"]},
    ),
    Cases(
        rule="vpc-flow-logs",
        passes=[
            [_VPC, make(kinds.FLOW_LOG)],
            [
                make(kinds.VPC, id=None),
                make(kinds.FLOW_LOG, vpcId=UNKNOWN, property_dependencies={"vpcId": [_VPC.urn]}),
            ],
        ],
        fails=[
            [_VPC],
            [_VPC, make(kinds.FLOW_LOG, trafficType="ACCEPT")],
            [_VPC, make(kinds.FLOW_LOG, vpcId="vpc-0b")],
        ],
        undecided=[[_VPC, make(kinds.FLOW_LOG, trafficType=UNKNOWN)]],
    ),
    Cases(
        rule="vpc-default-sg-closed",
        passes=[[_VPC, make(kinds.DEFAULT_SECURITY_GROUP)]],
        fails=[
            [_VPC],
            [_VPC, make(kinds.DEFAULT_SECURITY_GROUP, egress=[{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}])],
        ],
        undecided=[[_VPC, make(kinds.DEFAULT_SECURITY_GROUP, ingress=UNKNOWN)]],
    ),
    Cases(
        rule="sg-no-open-admin",
        passes=[make(kinds.SECURITY_GROUP), make(kinds.SECURITY_INGRESS), _EGRESS, *_open(22, 22, source="10.0.0.0/8")],
        fails=[
            *_open(22, 22),
            *_open(0, 65535),
            *_open(3389, 3389, source="0.0.0.0/0"),
            *_open(0, 0, protocol="-1"),
            make(kinds.SECURITY_INGRESS, fromPort=20, toPort=30, cidrIpv4=None, cidrIpv6="::/0"),
            make(
                kinds.SECURITY_GROUP,
                ingress=[{"protocol": "tcp", "fromPort": "22", "toPort": "22", "cidrBlocks": "0.0.0.0/0"}],
            ),
        ],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="sg-no-open-high-risk",
        passes=[make(kinds.SECURITY_GROUP), *_open(443, 443), *_open(22, 22), *_open(8, 0, protocol="icmp")],
        fails=[*_open(3306, 3306), *_open(9200, 9300), *_open(0, 0, protocol="-1")],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="sg-no-open-cache-ports",
        passes=[make(kinds.SECURITY_GROUP), *_open(443, 443), *_open(6379, 6379, source="10.0.0.0/8")],
        fails=[*_open(6379, 6379), *_open(9111, 9111), *_open(11211, 11211)],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="subnet-no-public-ip",
        passes=[make(kinds.SUBNET), make(kinds.SUBNET, mapPublicIpOnLaunch=False)],
        fails=[make(kinds.SUBNET, mapPublicIpOnLaunch=True)],
        undecided=[make(kinds.SUBNET, mapPublicIpOnLaunch=UNKNOWN)],
    ),
    Cases(
        rule="eks-private-endpoint",
        passes=[make(kinds.EKS)],
        fails=[
            make(kinds.EKS, vpcConfig={"subnetIds": ["a"]}),
            make(kinds.EKS, vpcConfig={"endpointPublicAccess": True}),
        ],
        undecided=[make(kinds.EKS, vpcConfig=UNKNOWN)],
    ),
    Cases(
        rule="dax-private-subnets",
        passes=[
            [*_DAX, make(kinds.SUBNET), make(kinds.ROUTE)],
            [make(kinds.DAX_SUBNETS), make(kinds.SUBNET, id="subnet-0b", mapPublicIpOnLaunch=True)],
        ],
        fails=[
            [*_DAX, make(kinds.SUBNET), make(kinds.ROUTE, natGatewayId=None, gatewayId="igw-0a")],
            [*_DAX, make(kinds.SUBNET, mapPublicIpOnLaunch=True)],
            [
                make(kinds.DAX_SUBNETS),
                make(kinds.SUBNET),
                make(kinds.ROUTE_ASSOCIATION),
                make(kinds.ROUTE_TABLE, routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-0a"}]),
            ],
        ],
        undecided=[[*_DAX, make(kinds.SUBNET, mapPublicIpOnLaunch=UNKNOWN)]],
    ),
    Cases(
        rule="elasticache-custom-subnets",
        passes=[make(kinds.CACHE_GROUP), make(kinds.CACHE_GROUP, subnetGroupName=UNKNOWN), make(kinds.CACHE_CLUSTER)],
        fails=[make(kinds.CACHE_GROUP, subnetGroupName=None), make(kinds.CACHE_CLUSTER, subnetGroupName="default")],
        always_decides="a group that is not known yet is one that the program makes",
    ),
    Cases(
        rule="lambda-in-vpc",
        passes=[make(kinds.FUNCTION), make(kinds.FUNCTION, vpcConfig={"subnetIds": UNKNOWN})],
        fails=[make(kinds.FUNCTION, vpcConfig=None)],
        undecided=[make(kinds.FUNCTION, vpcConfig=UNKNOWN)],
    ),
)
