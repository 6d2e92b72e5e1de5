"""EC2: VPCs, subnets, routes, gateways, endpoints, security groups, flow logs; what instances start from."""

from sandbox.provider.aws.ec2.acls import NETWORK_ACL
from sandbox.provider.aws.ec2.endpoints import ENDPOINT, FLOW_LOG
from sandbox.provider.aws.ec2.gateways import EIP, INTERNET_GATEWAY, NAT_GATEWAY
from sandbox.provider.aws.ec2.groups import DEFAULT_GROUP, EGRESS_RULE, GROUP, INGRESS_RULE, LEGACY_RULE
from sandbox.provider.aws.ec2.routes import ASSOCIATION, ROUTE, ROUTE_TABLE
from sandbox.provider.aws.ec2.templates import LAUNCH_TEMPLATE
from sandbox.provider.aws.ec2.vpc import SUBNET, VPC

KINDS = (
    VPC,
    SUBNET,
    INTERNET_GATEWAY,
    EIP,
    NAT_GATEWAY,
    ROUTE_TABLE,
    ROUTE,
    ASSOCIATION,
    ENDPOINT,
    FLOW_LOG,
    GROUP,
    DEFAULT_GROUP,
    INGRESS_RULE,
    EGRESS_RULE,
    LEGACY_RULE,
    NETWORK_ACL,
    LAUNCH_TEMPLATE,
)
