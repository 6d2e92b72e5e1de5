"""The tables in their home region, from which DynamoDB replicates them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from components.data import capacity
from components.data.control import LOGICAL_NAME
from components.data.outputs import HomeTableOutputs
from components.data.scaling import Scaling
from components.data.schema import attributes, global_index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.base.place import Place
    from components.security.outputs import KeyOutputs
    from settings import Settings
    from settings.data import DataSettings, TableSettings


CHANGED_IN_PLACE = [
    "billingMode",
    "deletionProtectionEnabled",
    "onDemandThroughput",
    "pointInTimeRecovery",
    "readCapacity",
    "replicas",
    "serverSideEncryption",
    "streamEnabled",
    "streamViewType",
    "tableClass",
    "tags",
    "tagsAll",
    "ttl",
    "warmThroughput",
    "writeCapacity",
]
"""What an adopted table keeps for one deployment. Keys, attributes and indexes must be as the stack file has them."""


class HomeTables(Component):
    """One table per entry of the settings, and the control table."""

    layer = "data"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        data: DataSettings,
        settings: Settings,
        keys: Mapping[str, KeyOutputs],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._keys = keys
        self._place = place
        self._settings = settings
        tables: dict[str, aws.dynamodb.Table] = {}
        before_replicas: dict[str, list[pulumi.Resource]] = {}
        for logical, table in data.tables.items():
            tables[logical] = self._table(logical, table, settings.replica_regions(logical))
            before_replicas[logical] = self._scaling(logical, table, tables[logical])
        control = self._table(LOGICAL_NAME, settings.control_table, settings.region_names[1:])
        self.outputs = HomeTableOutputs(tables=tables, control=control, before_replicas=before_replicas)
        self.done()

    def _scaling(self, logical: str, table: TableSettings, made: aws.dynamodb.Table) -> list[pulumi.Resource]:
        if table.provisioned is None:
            return []
        region = self._place.region
        scaling = Scaling(
            f"{region}-scaling-{logical}",
            self.child(),
            logical=logical,
            table=table,
            made=made,
            place=self._place,
            retain=self._settings.hands_over,
        )
        return scaling.policies

    def _table(self, logical: str, table: TableSettings, replicas: tuple[str, ...]) -> aws.dynamodb.Table:
        strong = table.consistency == "strong"
        application = logical != LOGICAL_NAME
        leaves = application and self._settings.leaves(self._place.region, logical)
        retain = application and self._settings.hands_over
        # Eventual replicas are resources of their own, in their region; the table would remove them.
        ignored = [*(["replicas"] if replicas and not strong else []), *capacity.moved_by_scaling(table)]
        if table.adopt:
            ignored = [*ignored, *CHANGED_IN_PLACE]
        provisioned = table.provisioned
        return aws.dynamodb.Table(
            f"table-{logical}",
            name=table.name,
            billing_mode=capacity.billing_mode(table),
            read_capacity=provisioned.read.initial if provisioned else None,
            write_capacity=provisioned.write.initial if provisioned else None,
            on_demand_throughput=capacity.ceilings(table),
            warm_throughput=capacity.warm_throughput(table),
            table_class=table.table_class,
            hash_key=table.partition_key.name,
            range_key=table.sort_key.name if table.sort_key else None,
            attributes=attributes(table),
            global_secondary_indexes=[global_index(name, index, provisioned) for name, index in table.indexes.items()],
            replicas=[self._strong_replica(table, region) for region in replicas] if strong else None,
            global_table_witness={"region_name": table.witness} if table.witness else None,
            stream_enabled=table.stream,
            stream_view_type="NEW_AND_OLD_IMAGES" if table.stream else None,
            server_side_encryption={"enabled": True, "kms_key_arn": self._keys[self._place.region].data},
            point_in_time_recovery={"enabled": True, "recovery_period_in_days": table.point_in_time_recovery_days},
            ttl={"enabled": True, "attribute_name": table.ttl_attribute} if table.ttl_attribute else None,
            deletion_protection_enabled=table.deletion_protection and not leaves,
            tags=dict(table.tags) or None,
            opts=pulumi.ResourceOptions.merge(
                self.child(protect=self._place.protect and not leaves, retain=retain, ignore_changes=ignored or None),
                pulumi.ResourceOptions(import_=table.name if table.adopt else None),
            ),
        )

    def _strong_replica(self, table: TableSettings, region: str) -> aws.dynamodb.TableReplicaArgs:
        """A replica of a strongly consistent table, which exists from the creation of the table on or never."""
        return aws.dynamodb.TableReplicaArgs(
            region_name=region,
            consistency_mode="STRONG",
            kms_key_arn=self._keys[region].data,
            point_in_time_recovery=True,
            deletion_protection_enabled=table.deletion_protection,
            propagate_tags=True,
        )
