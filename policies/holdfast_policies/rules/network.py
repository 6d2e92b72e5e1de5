"""What can be reached from where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from holdfast_policies import kinds
from holdfast_policies.documents import documents
from holdfast_policies.graph import endpoints_of, is_public_subnet
from holdfast_policies.resource import Resource
from holdfast_policies.rule import Level, Severity, Subject
from holdfast_policies.values import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast_policies.resource import Stack
    from holdfast_policies.rule import Change, Settings

network = Subject("network", pack="least-privilege")

_SERVICES: Final = {"type": "array", "items": {"type": "string"}}


@network.stack_rule(
    "vpc-dynamodb-endpoint",
    kinds.VPC,
    kinds.ENDPOINT,
    title="A VPC reaches DynamoDB through a gateway endpoint",
    why="Without it every item passes a NAT gateway and the public address of DynamoDB, and is billed for it.",
    fix="add an aws.ec2.VpcEndpoint of service com.amazonaws.<region>.dynamodb to the VPC",
)
def dynamodb_endpoint(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Each VPC of a stack that has tables."""
    if not any(True for _ in stack.of(kinds.TABLE, kinds.REPLICA)):
        return
    for vpc in stack.of(kinds.VPC):
        if not any(True for _ in endpoints_of(stack, vpc, "dynamodb")):
            yield vpc, "has no endpoint for DynamoDB"


@network.rule(
    "vpc-endpoint-policy-restricted",
    kinds.ENDPOINT,
    kinds.ENDPOINT_POLICY,
    title="An endpoint's policy names what may be reached through it",
    why="The default policy lets everybody do everything to every account's tables and buckets: a way out for data.",
    fix="set policy to a document that names this stack's tables, buckets and accounts",
    settings={"services": _SERVICES | {"default": ["dynamodb", "s3"], "description": "Services that need a policy."}},
)  # fmt: skip
def endpoint_policy(endpoint: Resource, settings: Settings) -> Iterator[str]:
    """No policy is the default one; a policy that allows every action on everything to everybody is the same."""
    name = endpoint.text("serviceName").rpartition(".")[2]
    if endpoint.type == kinds.ENDPOINT and name not in settings["services"]:
        return
    placed = list(documents(endpoint, "endpoint"))
    if not placed and endpoint.type == kinds.ENDPOINT:
        yield "has the default policy, which allows everything"
    for one in placed:
        for statement in one.document.allowing:
            everything = any(set(action) <= {"*", ":"} or action.endswith(":*") for action in statement.actions)
            if everything and statement.any_resource and not statement.conditions:
                yield f"allows every action on every resource ({statement.label})"


@network.stack_rule(
    "vpc-endpoint-all-route-tables",
    kinds.ENDPOINT,
    kinds.ROUTE_TABLE,
    kinds.ENDPOINT_ROUTES,
    title="A gateway endpoint is in every route table of its VPC",
    why="A subnet whose route table misses the endpoint reaches DynamoDB over the internet, or not at all.",
    fix="add the route table to route_table_ids of the endpoint",
)
def endpoint_routes(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """By the endpoint's list, or by associations of their own."""
    for vpc in stack.of(kinds.VPC):
        tables = list(stack.referring(vpc, "vpcId", kinds.ROUTE_TABLE))
        for endpoint in stack.referring(vpc, "vpcId", kinds.ENDPOINT):
            if endpoint.text("vpcEndpointType") not in ("", "Gateway"):
                continue
            associations = list(stack.referring(endpoint, "vpcEndpointId", kinds.ENDPOINT_ROUTES))
            for table in tables:
                joined = any(stack.refers(association, "routeTableId", table) for association in associations)
                if not joined and not stack.refers(endpoint, "routeTableIds", table):
                    yield endpoint, f"is not in route table {table.name}"


@network.stack_rule(
    "vpc-interface-endpoints",
    kinds.VPC,
    kinds.ENDPOINT,
    severity=Severity.LOW,
    title="A VPC reaches the AWS services it needs through interface endpoints",
    why="Without them the calls leave the VPC, and need a way to the internet.",
    fix="add an aws.ec2.VpcEndpoint of type Interface for the service",
    controls=("Security Hub EC2.10", "Security Hub EC2.55", "Security Hub EC2.56", "Security Hub EC2.57"),
    settings={
        "services": _SERVICES
        | {"default": ["ec2", "ecr.api", "ecr.dkr", "ssm"], "description": "Services that need an endpoint."}
    },
)
def interface_endpoints(stack: Stack, settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Each VPC has each endpoint of the setting."""
    for vpc in stack.of(kinds.VPC):
        missing = [name for name in settings["services"] if not any(True for _ in endpoints_of(stack, vpc, name))]
        if missing:
            yield vpc, f"has no endpoint for {', '.join(missing)}"


@network.stack_rule(
    "vpc-flow-logs",
    kinds.VPC,
    kinds.FLOW_LOG,
    title="The traffic of a VPC is logged",
    why="After an incident nobody can say who talked to whom.",
    fix="add an aws.ec2.FlowLog with vpc_id of the VPC and traffic_type='ALL'",
    controls=("Security Hub EC2.6",),
)
def flow_logs(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Each VPC is named by a flow log that takes at least what was rejected."""
    for vpc in stack.of(kinds.VPC):
        logs = stack.referring(vpc, "vpcId", kinds.FLOW_LOG)
        if not any(log.text("trafficType") in ("ALL", "REJECT", "") for log in logs):
            yield vpc, "has no flow log"


@network.stack_rule(
    "vpc-default-sg-closed",
    kinds.VPC,
    kinds.DEFAULT_SECURITY_GROUP,
    severity=Severity.HIGH,
    title="The default security group of a VPC lets nothing through",
    why="Whatever is started without a security group lands in it, and it lets its members talk to each other.",
    fix="add an aws.ec2.DefaultSecurityGroup for the VPC without ingress and egress",
    controls=("Security Hub EC2.2",),
)
def default_group_closed(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Each VPC has one that the program has emptied."""
    for vpc in stack.of(kinds.VPC):
        groups = list(stack.referring(vpc, "vpcId", kinds.DEFAULT_SECURITY_GROUP))
        if not groups:
            yield vpc, "keeps AWS's default security group, which lets its members talk"
        for group in groups:
            if any(True for name in ("ingress", "egress") for _ in group.views(name)):
                yield group, "is a default security group that lets traffic through"


_ADMIN: Final = frozenset({22, 3389})
_HIGH_RISK: Final = frozenset(
    {20, 21, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888,
     9200, 9300}
)  # fmt: skip
"""The ports of AWS Security Hub's control EC2.19, those of EC2.13 and EC2.14 left out."""
_CACHES: Final = frozenset({6379, 6380, 8111, 9111, 11211})
_INGRESS: Final = (kinds.SECURITY_GROUP, kinds.SECURITY_GROUP_RULE, kinds.SECURITY_INGRESS)


def _open_ports(resource: Resource, ports: frozenset[int]) -> Iterator[str]:
    for rule in _ingress(resource):
        if not _is_from_anywhere(rule):
            continue
        protocol = (rule.text("protocol") or rule.text("ipProtocol")).lower()
        first, last = rule.number("fromPort"), rule.number("toPort")
        if protocol in ("-1", "all") or (first == -1 and last == -1):
            yield "lets every port in from everywhere"
        elif protocol not in ("icmp", "icmpv6", "58", "1") and first is not None:
            hit = sorted(port for port in ports if first <= port <= (last if last is not None else first))
            if hit:
                yield f"lets {'port' if len(hit) == 1 else 'ports'} {', '.join(map(str, hit))} in from everywhere"


def _ingress(resource: Resource) -> Iterable[View]:
    if resource.type == kinds.SECURITY_GROUP:
        return resource.views("ingress")
    if resource.type == kinds.SECURITY_GROUP_RULE and resource.text("type") != "ingress":
        return ()
    return (resource,)


def _is_from_anywhere(rule: View) -> bool:
    sources = [*rule.texts("cidrBlocks"), *rule.texts("ipv6CidrBlocks"), rule.text("cidrIpv4"), rule.text("cidrIpv6")]
    return any(source.endswith("/0") for source in sources)


@network.rule(
    "sg-no-open-admin",
    *_INGRESS,
    severity=Severity.CRITICAL,
    title="No security group lets SSH or RDP in from everywhere",
    why="Open shells are tried by strangers within minutes.",
    fix="limit the source to known networks, or use Session Manager and drop the rule",
    controls=(
        "Security Hub EC2.13",
        "Security Hub EC2.14",
        "Security Hub EC2.53",
        "Security Hub EC2.54",
    ),
)
def no_open_admin(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Ports 22 and 3389."""
    yield from _open_ports(resource, _ADMIN)


@network.rule(
    "sg-no-open-high-risk",
    *_INGRESS,
    severity=Severity.HIGH,
    title="No security group lets databases and other high-risk ports in from everywhere",
    why="These services trust their network more than they should.",
    fix="limit the source to the security group or network that needs it",
    controls=("Security Hub EC2.19",),
)
def no_open_high_risk(resource: Resource, _settings: Settings) -> Iterator[str]:
    """The ports of the control."""
    yield from _open_ports(resource, _HIGH_RISK)


@network.rule(
    "sg-no-open-cache-ports",
    *_INGRESS,
    severity=Severity.HIGH,
    title="No security group lets Redis, Memcached or DAX in from everywhere",
    why="A cache answers whoever reaches it, with the items of the table.",
    fix="limit the source to the security group of the application",
)
def no_open_cache(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Ports of Redis, DAX and Memcached."""
    yield from _open_ports(resource, _CACHES)


def _private(_subnet: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("mapPublicIpOnLaunch",), False


@network.rule(
    "subnet-no-public-ip",
    kinds.SUBNET,
    title="A subnet gives out no public addresses",
    why="Whatever is started in it is on the internet, wanted or not.",
    fix="set map_public_ip_on_launch=False, and give an address where one is needed",
    controls=("Security Hub EC2.15",),
    mend=_private,
)
def no_public_ip(subnet: Resource, _settings: Settings) -> Iterator[str]:
    """`mapPublicIpOnLaunch`."""
    if subnet.flag("mapPublicIpOnLaunch"):
        yield "gives every instance a public address"


@network.rule(
    "eks-private-endpoint",
    kinds.EKS,
    severity=Severity.HIGH,
    title="The API server of an EKS cluster is not on the internet",
    why="A leaked token, or a flaw of the API server, is then enough from anywhere.",
    fix="set vpc_config={'endpoint_public_access': False, 'endpoint_private_access': True, …}",
    controls=("Security Hub EKS.1",),
)
def eks_private(cluster: Resource, _settings: Settings) -> Iterator[str]:
    """Public access is on unless it is switched off."""
    if cluster.view("vpcConfig").flag("endpointPublicAccess", default=True):
        yield "has its API server on the internet"


@network.stack_rule(
    "dax-private-subnets",
    kinds.DAX,
    kinds.DAX_SUBNETS,
    kinds.SUBNET,
    title="A DAX cluster lies in private subnets",
    why="A node in a public subnet is one security group away from the internet.",
    fix="use subnets without a route to an internet gateway in the subnet group",
)
def dax_private(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """The subnets of the groups of the stack's DAX clusters."""
    for group in stack.of(kinds.DAX_SUBNETS):
        for subnet in stack.of(kinds.SUBNET):
            if stack.refers(group, "subnetIds", subnet) and is_public_subnet(stack, subnet):
                yield group, f"puts DAX nodes into the public subnet {subnet.name}"


@network.rule(
    "elasticache-custom-subnets",
    kinds.CACHE_GROUP,
    kinds.CACHE_CLUSTER,
    title="An ElastiCache cluster lies in subnets chosen for it",
    why="The default group is the default VPC's subnets, which are public.",
    fix="set subnet_group_name to a subnet group of yours",
    controls=("Security Hub ElastiCache.7",),
)
def cache_subnets(cache: Resource, _settings: Settings) -> Iterator[str]:
    """A node of a replication group takes it from the group."""
    if cache.type == kinds.CACHE_CLUSTER and cache.has("replicationGroupId"):
        return
    if cache.data.get("subnetGroupName") in (None, "", "default"):
        yield "lies in the default subnets"


@network.rule(
    "lambda-in-vpc",
    kinds.FUNCTION,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    title="A function runs in a VPC",
    why="Outside of one it reaches tables over public addresses, past the endpoint's policy and the flow log.",
    fix="set vpc_config={'subnet_ids': […], 'security_group_ids': […]}",
    controls=("Security Hub Lambda.3",),
)
def function_in_vpc(function: Resource, _settings: Settings) -> Iterator[str]:
    """Subnets are named."""
    if not function.view("vpcConfig").has("subnetIds"):
        yield "runs outside of a VPC"
