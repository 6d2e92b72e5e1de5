"""The data layer of one region: replicas with the region's own key, and contributor insights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from components.data.control import LOGICAL_NAME
from components.data.outputs import DataOutputs, HomeTableOutputs
from components.data.policies import table_policy
from components.data.scaling import Scaling
from components.data.schema import described

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        self._place = place
        self._settings = settings
        self._key_arn = key_arn
        here = {logical: data.tables[logical] for logical in settings.tables_in(place.region)}
        for logical, table in here.items():
            here_first = home.before_replicas[logical]
            self._in_region(logical, table, home.tables[logical], here_first)
        control = settings.control_table
        self._in_region(LOGICAL_NAME, control, home.control, [])
        self.outputs = DataOutputs(
            tables={logical: described(table, place) for logical, table in here.items()}, control_table=control.name
        )
        self.done()

    def _in_region(
        self, logical: str, table: TableSettings, home: aws.dynamodb.Table, before: Sequence[pulumi.Resource]
    ) -> None:
        here: pulumi.Resource = home
        retain = logical != LOGICAL_NAME and self._settings.hands_over
        if not self._place.is_home and table.consistency == "eventual":
            here = self._replica(logical, table, home, before)
        if not self._place.is_home and table.provisioned is not None:
            name = f"{self._place.region}-scaling-{logical}"
            Scaling(name, self.child(), logical=logical, table=table, made=here, place=self._place, retain=retain)
        if table.contributor_insights:
            self._insights(logical, table, here, retain=retain)
        aws.dynamodb.ResourcePolicy(
            f"{self._place.region}-access-{logical}",
            resource_arn=self._place.table_arn(table.name),
            policy=table_policy(table.name, self._place),
            opts=self.child(retain=retain, depends_on=[here]),
        )

    def _replica(
        self, logical: str, table: TableSettings, home: aws.dynamodb.Table, before: Sequence[pulumi.Resource]
    ) -> aws.dynamodb.TableReplica:
        application = logical != LOGICAL_NAME
        given_up = self._settings.given_up(region=self._place.region, table=logical)
        leaves = given_up or (application and self._settings.leaves(self._place.region, logical))
        retain = application and self._settings.hands_over
        # Off or default unless said: the key, the recovery window and the protection are not inherited.
        return aws.dynamodb.TableReplica(
            f"{self._place.region}-replica-{logical}",
            global_table_arn=home.arn,
            kms_key_arn=self._key_arn,
            point_in_time_recovery=True,
            deletion_protection_enabled=table.deletion_protection and not leaves,
            table_class_override=table.table_class if table.table_class != "STANDARD" else None,
            tags=dict(table.tags) or None,
            opts=self.child(
                protect=self._place.protect and not leaves and not retain, retain=retain, depends_on=list(before)
            ),
        )

    def _insights(self, logical: str, table: TableSettings, here: pulumi.Resource, *, retain: bool) -> None:
        """Contributor insights of the table and of each index; per region, because each has keys of its own."""
        for index in (None, *table.indexes):
            suffix = f"-{index}" if index else ""
            aws.dynamodb.ContributorInsights(
                f"{self._place.region}-insights-{logical}{suffix}",
                table_name=table.name,
                index_name=index,
                opts=self.child(retain=retain, depends_on=[here]),
            )
