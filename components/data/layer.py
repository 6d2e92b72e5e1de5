"""The data layer of one region: replicas with the region's own key, and contributor insights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from components.data.control import LOGICAL_NAME, control_table
from components.data.outputs import DataOutputs, HomeTableOutputs
from components.data.schema import described

if TYPE_CHECKING:
    from components.base.place import Place
    from settings import Settings
    from settings.data import DataSettings, TableSettings


class DataLayer(Component):
    """The tables of one region; in the home region they exist already."""

    layer = "data"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        data: DataSettings,
        settings: Settings,
        home: HomeTableOutputs,
        key_arn: pulumi.Output[str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        here = {logical: data.tables[logical] for logical in settings.tables_in(place.region)}
        for logical, table in here.items():
            self._in_region(logical, table, home.tables[logical], key_arn, place)
        control = control_table(settings)
        self._in_region(LOGICAL_NAME, control, home.control, key_arn, place)
        self.outputs = DataOutputs(
            tables={logical: described(table, place) for logical, table in here.items()}, control_table=control.name
        )
        self.done()

    def _in_region(
        self, logical: str, table: TableSettings, home: aws.dynamodb.Table, key_arn: pulumi.Output[str], place: Place
    ) -> None:
        here = home if place.is_home else self._replica(logical, table, home, key_arn, place)
        if table.contributor_insights:
            self._insights(logical, table, here, place)

    def _replica(
        self, logical: str, table: TableSettings, home: aws.dynamodb.Table, key_arn: pulumi.Output[str], place: Place
    ) -> aws.dynamodb.TableReplica:
        # Off or default unless said: the key, the recovery window and the protection are not inherited.
        return aws.dynamodb.TableReplica(
            f"{place.region}-replica-{logical}",
            global_table_arn=home.arn,
            kms_key_arn=key_arn,
            point_in_time_recovery=True,
            deletion_protection_enabled=table.deletion_protection,
            tags=dict(table.tags) or None,
            opts=self.child(protect=place.protect),
        )

    def _insights(self, logical: str, table: TableSettings, here: pulumi.Resource, place: Place) -> None:
        """Contributor insights of the table and of each index; per region, because each has keys of its own."""
        for index in (None, *table.indexes):
            suffix = f"-{index}" if index else ""
            aws.dynamodb.ContributorInsights(
                f"{place.region}-insights-{logical}{suffix}",
                table_name=table.name,
                index_name=index,
                opts=self.child(depends_on=[here]),
            )
