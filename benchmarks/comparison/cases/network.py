"""Networks and what stands in them."""

from __future__ import annotations

from typing import Any

from benchmarks.comparison.cases.model import KEY, REGION, Case, Part, arn, one, without

VPC = Part(
    "Vpc",
    "AWS::EC2::VPC",
    {"CidrBlock": "10.0.0.0/16"},
    "aws:ec2/vpc:Vpc",
    {"cidrBlock": "10.0.0.0/16"},
    id="vpc-0a",
)
_CLOSED = Part(
    "DefaultGroup",
    "",
    {},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    {"vpcId": "vpc-0a"},
)
FLOW_LOG = Part(
    "FlowLog",
    "AWS::EC2::FlowLog",
    {
        "ResourceId": {"Ref": "Vpc"},
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogDestinationType": "s3",
        "LogDestination": "arn:aws:s3:::flow-logs",
    },
    "aws:ec2/flowLog:FlowLog",
    {"vpcId": "vpc-0a", "trafficType": "ALL", "logDestinationType": "s3", "logDestination": "arn:aws:s3:::flow-logs"},
)


def _rule(port: int, cidr: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    there = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": cidr, "Description": "clients"}]
    here = [
        {"protocol": "tcp", "fromPort": port, "toPort": port, "cidrBlocks": [cidr], "description": "clients"},
    ]
    return there, here


def _group(port: int, cidr: str) -> Part:
    there, here = _rule(port, cidr)
    return Part(
        "Group",
        "AWS::EC2::SecurityGroup",
        {"GroupDescription": "orders", "VpcId": "vpc-0a", "SecurityGroupIngress": there},
        "aws:ec2/securityGroup:SecurityGroup",
        {"description": "orders", "vpcId": "vpc-0a", "ingress": here},
    )


def _opens(name: str, fault: str, port: int) -> Case:
    return Case(name=name, fault=fault, sound=(_group(port, "10.0.0.0/16"),), faulty=(_group(port, "0.0.0.0/0"),))


SUBNET = Part(
    "Subnet",
    "AWS::EC2::Subnet",
    {"VpcId": "vpc-0a", "CidrBlock": "10.0.1.0/24", "MapPublicIpOnLaunch": False},
    "aws:ec2/subnet:Subnet",
    {"vpcId": "vpc-0a", "cidrBlock": "10.0.1.0/24", "mapPublicIpOnLaunch": False},
)


def _endpoint_policy(resource: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "dynamodb:*" if resource == "*" else ["dynamodb:GetItem", "dynamodb:PutItem"],
                "Resource": resource,
            }
        ],
    }


ENDPOINT = Part(
    "Endpoint",
    "AWS::EC2::VPCEndpoint",
    {
        "VpcId": "vpc-0a",
        "ServiceName": f"com.amazonaws.{REGION}.dynamodb",
        "VpcEndpointType": "Gateway",
        "RouteTableIds": ["rtb-0a"],
        "PolicyDocument": _endpoint_policy(arn("dynamodb", "table/orders")),
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    {
        "vpcId": "vpc-0a",
        "serviceName": f"com.amazonaws.{REGION}.dynamodb",
        "vpcEndpointType": "Gateway",
        "routeTableIds": ["rtb-0a"],
        "policy": _endpoint_policy(arn("dynamodb", "table/orders")),
    },
)
CLUSTER = Part(
    "Cluster",
    "AWS::EKS::Cluster",
    {
        "Name": "orders",
        "RoleArn": arn("iam", "role/cluster", ""),
        "Version": "1.36",
        "ResourcesVpcConfig": {
            "SubnetIds": ["subnet-0a", "subnet-0b"],
            "EndpointPublicAccess": False,
            "EndpointPrivateAccess": True,
        },
        "EncryptionConfig": [{"Provider": {"KeyArn": KEY}, "Resources": ["secrets"]}],
        "Logging": {"ClusterLogging": {"EnabledTypes": [
            {"Type": kind} for kind in ("api", "audit", "authenticator", "controllerManager", "scheduler")
        ]}},
    },
    "aws:eks/cluster:Cluster",
    {
        "name": "orders",
        "roleArn": arn("iam", "role/cluster", ""),
        "version": "1.36",
        "vpcConfig": {
            "subnetIds": ["subnet-0a", "subnet-0b"],
            "endpointPublicAccess": False,
            "endpointPrivateAccess": True,
        },
        "encryptionConfig": {"provider": {"keyArn": KEY}, "resources": ["secrets"]},
        "enabledClusterLogTypes": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    },
)  # fmt: skip
_PUBLIC = {"SubnetIds": ["subnet-0a", "subnet-0b"], "EndpointPublicAccess": True, "EndpointPrivateAccess": True}
_PUBLIC_HERE = {"subnetIds": ["subnet-0a", "subnet-0b"], "endpointPublicAccess": True, "endpointPrivateAccess": True}
_DISKS = [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True}}]
TEMPLATE = Part(
    "Template",
    "AWS::EC2::LaunchTemplate",
    {
        "LaunchTemplateData": {
            "BlockDeviceMappings": _DISKS,
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        },
    },
    "aws:ec2/launchTemplate:LaunchTemplate",
    {
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": "true"}}],
        "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
    },
)

NETWORK: tuple[Case, ...] = (
    without("vpc-flow-log", "a VPC without flow logs", (VPC, _CLOSED), FLOW_LOG),
    _opens("port-ssh", "a security group that opens SSH to the world", 22),
    _opens("port-redis", "a security group that opens Redis to the world", 6379),
    _opens("port-dax", "a security group that opens DAX to the world", 9111),
    one("subnet-public", "a subnet that gives out public addresses", SUBNET,
        {"MapPublicIpOnLaunch": True}, {"mapPublicIpOnLaunch": True}),
    one("endpoint-open", "a DynamoDB endpoint that lets every table through", ENDPOINT,
        {"PolicyDocument": _endpoint_policy("*")}, {"policy": _endpoint_policy("*")}),
    one("cluster-public", "an EKS API server on the internet", CLUSTER,
        {"ResourcesVpcConfig": _PUBLIC}, {"vpcConfig": _PUBLIC_HERE}),
    one("cluster-audit", "an EKS cluster without audit log", CLUSTER,
        {"Logging": None}, {"enabledClusterLogTypes": None}),
    one("cluster-old", "an EKS cluster of a version without support", CLUSTER,
        {"Version": "1.28"}, {"version": "1.28"}),
    one("instance-metadata", "instances that answer version 1 of the metadata service", TEMPLATE,
        {"LaunchTemplateData": {"BlockDeviceMappings": _DISKS, "MetadataOptions": {"HttpTokens": "optional"}}},
        {"metadataOptions": {"httpTokens": "optional"}}),
)  # fmt: skip
