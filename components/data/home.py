"""The tables in their home region, from which DynamoDB replicates them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component
from components.data.control import LOGICAL_NAME, control_table
from components.data.outputs import HomeTableOutputs
from components.data.schema import attributes, global_index

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings import Settings
    from settings.data import DataSettings, TableSettings


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
        key_arn: pulumi.Output[str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        tables = {
            logical: self._table(logical, table, settings.replica_regions(logical), key_arn, place)
            for logical, table in data.tables.items()
        }
        control = self._table(LOGICAL_NAME, control_table(settings), settings.region_names[1:], key_arn, place)
        self.outputs = HomeTableOutputs(tables=tables, control=control)
        self.done()

    def _table(
        self,
        logical: str,
        table: TableSettings,
        replicas: tuple[str, ...],
        key_arn: pulumi.Output[str],
        place: Place,
    ) -> aws.dynamodb.Table:
        return aws.dynamodb.Table(
            f"table-{logical}",
            name=table.name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=table.partition_key.name,
            range_key=table.sort_key.name if table.sort_key else None,
            attributes=attributes(table),
            global_secondary_indexes=[global_index(name, index) for name, index in table.indexes.items()],
            stream_enabled=table.stream,
            stream_view_type="NEW_AND_OLD_IMAGES" if table.stream else None,
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=key_arn),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(
                enabled=True, recovery_period_in_days=table.point_in_time_recovery_days
            ),
            ttl=aws.dynamodb.TableTtlArgs(enabled=True, attribute_name=table.ttl_attribute)
            if table.ttl_attribute
            else None,
            deletion_protection_enabled=table.deletion_protection,
            tags=dict(table.tags) or None,
            # Replicas are resources of their own, in their region; the table would remove them.
            opts=self.child(protect=place.protect, ignore_changes=["replicas"] if replicas else None),
        )
