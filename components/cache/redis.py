"""A Redis cluster: TLS, encrypted with the region's key, IAM authentication, over three zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import allow, document
from components.base.layer import Component
from components.cache.access import security_group

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from components.security.outputs import SecurityOutputs
    from settings.cache import RedisSettings

PORT = 6379


def node_names(group: str, redis: RedisSettings) -> tuple[str, ...]:
    """Names of the nodes of a replication group in cluster mode: group, shard and number."""
    return tuple(
        f"{group}-{shard:04d}-{node:03d}"
        for shard in range(1, redis.shards + 1)
        for node in range(1, redis.replicas_per_shard + 2)
    )


class Redis(Component):
    """One replication group; a region that follows a global datastore leaves out what its primary decides."""

    layer = "cache"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        redis: RedisSettings,
        network: NetworkOutputs,
        security: SecurityOutputs,
        place: Place,
        follows: pulumi.Output[str] | None,
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        self.group_name = place.name("redis")
        subnets = aws.elasticache.SubnetGroup(
            f"{place.region}-redis-subnets",
            name=self.group_name,
            description="Data subnets",
            subnet_ids=list(network.data_subnet_ids),
            opts=self.child(),
        )
        parameters = aws.elasticache.ParameterGroup(
            f"{place.region}-redis-parameters",
            name=self.group_name,
            description="Redis in cluster mode",
            family=f"redis{redis.engine_version.split('.')[0]}",
            parameters=[
                aws.elasticache.ParameterGroupParameterArgs(name="cluster-enabled", value="yes"),
                aws.elasticache.ParameterGroupParameterArgs(name="maxmemory-policy", value="volatile-lru"),
            ],
            opts=self.child(),
        )
        users = self._users()
        leads = follows is None
        group = aws.elasticache.ReplicationGroup(
            f"{place.region}-redis",
            replication_group_id=self.group_name,
            description=f"{place.stack}: aggregations and leaderboards",
            global_replication_group_id=follows,
            engine="redis" if leads else None,
            engine_version=redis.engine_version if leads else None,
            node_type=redis.node_type if leads else None,
            num_node_groups=redis.shards if leads else None,
            replicas_per_node_group=redis.replicas_per_shard,
            parameter_group_name=parameters.name if leads else None,
            port=PORT,
            subnet_group_name=subnets.name,
            security_group_ids=[security_group(self, "redis-access", PORT, network, place)],
            user_group_ids=[users.user_group_id],
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            at_rest_encryption_enabled=True,
            kms_key_id=security.keys.data,
            transit_encryption_enabled=True,
            auto_minor_version_upgrade=True,
            snapshot_retention_limit=redis.snapshot_retention_days,
            snapshot_window="03:00-04:00",
            maintenance_window="sun:04:00-sun:05:00",
            opts=self.child(),
        )
        self.endpoint = group.configuration_endpoint_address.apply(lambda host: f"rediss://{host}:{PORT}")
        self.nodes = node_names(self.group_name, redis)
        self.global_datastore = self._global(group) if redis.global_datastore and place.is_home else None
        self._application(security)
        self.done()

    def _users(self) -> aws.elasticache.UserGroup:
        """The application signs in with its role; the user that Redis has by default can do nothing."""
        region = self._place.region
        default = aws.elasticache.User(
            f"{region}-redis-default",
            user_id=self._place.name("redis-default"),
            user_name="default",
            engine="redis",
            access_string="off ~* -@all",
            authentication_mode={"type": "no-password-required"},
            opts=self.child(),
        )
        application = aws.elasticache.User(
            f"{region}-redis-app",
            user_id=self._user,
            user_name=self._user,
            engine="redis",
            access_string="on ~* +@all -@admin -@dangerous +info +cluster|slots +cluster|shards +cluster|nodes",
            authentication_mode={"type": "iam"},
            opts=self.child(),
        )
        return aws.elasticache.UserGroup(
            f"{region}-redis-users",
            user_group_id=self.group_name,
            engine="redis",
            user_ids=[default.user_id, application.user_id],
            opts=self.child(),
        )

    @property
    def _user(self) -> str:
        return self._place.name("redis-app")

    def _global(self, group: aws.elasticache.ReplicationGroup) -> pulumi.Output[str]:
        made = aws.elasticache.GlobalReplicationGroup(
            f"{self._place.region}-redis-global",
            global_replication_group_id_suffix=self.group_name,
            primary_replication_group_id=group.id,
            global_replication_group_description=f"{self._place.stack}: Redis of every region",
            opts=self.child(),
        )
        return made.global_replication_group_id

    def _application(self, security: SecurityOutputs) -> None:
        place = self._place
        aws.iam.RolePolicy(
            f"{place.region}-app-redis",
            name="redis",
            role=security.app_role_name,
            policy=document(
                allow(
                    "SignIn",
                    ["elasticache:Connect"],
                    [
                        place.arn("elasticache", f"replicationgroup:{self.group_name}"),
                        place.arn("elasticache", f"user:{self._user}"),
                    ],
                )
            ),
            opts=self.child(),
        )
