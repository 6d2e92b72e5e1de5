"""A DAX cluster: TLS, encrypted at rest, over three zones, and a role limited to its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from awsfacts import dax as facts
from components.base.documents import allow, document, service_trust
from components.base.layer import Component
from components.cache.access import security_group

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from components.security.outputs import SecurityOutputs
    from settings.cache import DaxSettings

ITEMS = (
    "BatchGetItem",
    "BatchWriteItem",
    "ConditionCheckItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "UpdateItem",
)
"""Item operations that DAX has too."""


class Dax(Component):
    """One cluster and the rights of those who use it."""

    layer = "cache"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        dax: DaxSettings,
        tables: Sequence[str],
        network: NetworkOutputs,
        security: SecurityOutputs,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        self.cluster_name = place.name("dax")
        role_name = place.global_name("dax")
        policy = self._role(role_name, [place.table_arn(table) for table in tables], security.aliases["data"])
        subnets = aws.dax.SubnetGroup(
            f"{place.region}-dax-subnets",
            name=self.cluster_name,
            description="Data subnets",
            subnet_ids=list(network.data_subnet_ids),
            opts=self.child(),
        )
        milliseconds = str(dax.ttl_seconds * 1000)
        parameters = aws.dax.ParameterGroup(
            f"{place.region}-dax-parameters",
            name=self.cluster_name,
            description="How long items and query results are served",
            parameters=[
                aws.dax.ParameterGroupParameterArgs(name="query-ttl-millis", value=milliseconds),
                aws.dax.ParameterGroupParameterArgs(name="record-ttl-millis", value=milliseconds),
            ],
            opts=self.child(),
        )
        cluster = aws.dax.Cluster(
            f"{place.region}-dax",
            cluster_name=self.cluster_name,
            description=f"{place.stack}: cache of the tables",
            node_type=dax.node_type,
            replication_factor=dax.nodes,
            availability_zones=[network.zones[number % len(network.zones)] for number in range(dax.nodes)],
            iam_role_arn=place.role_arn(role_name),
            parameter_group_name=parameters.name,
            subnet_group_name=subnets.name,
            security_group_ids=[security_group(self, "dax-access", facts.TLS_PORT, network, place)],
            server_side_encryption={"enabled": True},
            # Unset, this is NONE: plain text on the wire.
            cluster_endpoint_encryption_type="TLS",
            maintenance_window="sun:04:00-sun:05:00",
            opts=self.child(depends_on=[policy]),
        )
        self.endpoint = cluster.cluster_address.apply(lambda host: f"daxs://{host}")
        aws.iam.RolePolicy(
            f"{place.region}-app-dax",
            name="dax",
            role=security.app_role_name,
            policy=document(
                allow("Cache", [f"dax:{action}" for action in ITEMS], [place.arn("dax", f"cache/{self.cluster_name}")])
            ),
            opts=self.child(),
        )
        self.done()

    def _role(self, name: str, tables: Sequence[str], alias: str) -> aws.iam.RolePolicy:
        place = self._place
        role = aws.iam.Role(
            f"{place.region}-dax-role",
            name=name,
            description=f"DAX in {place.region} reads and writes its tables",
            assume_role_policy=service_trust(place, "dax.amazonaws.com"),
            opts=self.child(),
        )
        return aws.iam.RolePolicy(
            f"{place.region}-dax-policy",
            name="tables",
            role=role.name,
            policy=document(
                allow("Items", [f"dynamodb:{action}" for action in (*ITEMS, "DescribeTable")], tables),
                allow("Indexes", ["dynamodb:Query"], [f"{arn}/index/*" for arn in tables]),
                allow(
                    "TableKey",
                    ["kms:Decrypt"],
                    [place.any_key_arn],
                    condition={
                        "StringEquals": {"kms:ViaService": f"dynamodb.{place.region}.amazonaws.com"},
                        "ForAnyValue:StringEquals": {"kms:ResourceAliases": alias},
                    },
                ),
            ),
            opts=self.child(),
        )
