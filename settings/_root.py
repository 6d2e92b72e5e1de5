"""The root of the settings: one attribute per `holdfast:` key of a stack file."""

from __future__ import annotations

from pydantic import Field

from awsfacts import limits
from settings._base import Frozen
from settings.cache import CacheSettings
from settings.compute import ComputeSettings
from settings.cost import CostSettings
from settings.data import CeilingSettings, DataSettings, KeyAttribute, TableSettings
from settings.edge import EdgeSettings
from settings.monitoring import MonitoringSettings
from settings.network import NetworkSettings
from settings.recovery import ObjectiveSettings, RecoverySettings
from settings.regions import RegionSettings
from settings.runtime import RuntimeSettings
from settings.sandbox import SandboxSettings
from settings.security import SecuritySettings
from settings.serverless import ServerlessSettings
from settings.stack import StackSettings

NAMESPACE = "holdfast"
"""What the project's configuration keys begin with, before the colon."""


class Settings(Frozen):
    """Everything that is wanted of a stack. A layer whose key is absent is not built."""

    stack: StackSettings
    """Account, names, tags."""
    regions: tuple[RegionSettings, ...] = Field(min_length=1)
    """Where the stack runs."""
    network: NetworkSettings | None = None
    """The VPC of each region."""
    security: SecuritySettings | None = None
    """Keys and identities."""
    data: DataSettings | None = None
    """Tables."""
    cache: CacheSettings | None = None
    """DAX and Redis."""
    compute: ComputeSettings | None = None
    """EKS and the orders service."""
    serverless: ServerlessSettings | None = None
    """The orders service as a function."""
    edge: EdgeSettings | None = None
    """API, names, firewall, canaries, evacuation."""
    monitoring: MonitoringSettings | None = None
    """Alarms, dashboards, traces."""
    recovery: RecoverySettings | None = None
    """Objectives, DNS, failover plan, drills."""
    cost: CostSettings | None = None
    """Budget and anomalies."""
    runtime: RuntimeSettings = RuntimeSettings()
    """Clients."""
    sandbox: SandboxSettings = SandboxSettings()
    """A laptop's AWS."""

    @property
    def objectives(self) -> ObjectiveSettings:
        """Recovery objectives; the defaults where the stack names none."""
        return self.recovery.objectives if self.recovery else ObjectiveSettings()

    @property
    def home(self) -> RegionSettings:
        """The home region."""
        return next(region for region in self.regions if region.home)

    @property
    def ordered_regions(self) -> tuple[RegionSettings, ...]:
        """All regions, the home region first, then in the order of the stack file."""
        return tuple(sorted(self.regions, key=lambda region: not region.home))

    @property
    def region_names(self) -> tuple[str, ...]:
        """Names of all regions, the home region first, then in the order of the stack file."""
        return tuple(region.name for region in self.ordered_regions)

    @property
    def deployed_regions(self) -> tuple[str, ...]:
        """All regions in which something is made: those that serve, then that of backup copies, then the observer."""
        backup = self.data.backup if self.data else None
        further = [backup.copy_region] if backup else []
        further += [self.edge.observer] if self.edge else []
        return tuple(dict.fromkeys((*self.region_names, *further)))

    def replica_regions(self, table: str) -> tuple[str, ...]:
        """Regions beside home in which a table (by logical name) has a replica, in the order of the stack file.

        Raises:
            KeyError: the stack has no such table.
        """
        if self.data is None:
            raise KeyError(table)
        wanted = self.data.tables[table].replicas
        return self.region_names[1:] if wanted is None else wanted

    def tables_in(self, region: str) -> list[str]:
        """Logical names of the tables that exist in a region, in the order of the stack file."""
        tables = self.data.tables if self.data else {}
        return [name for name in tables if region == self.home.name or region in self.replica_regions(name)]

    def given_up(self, *, region: str | None = None, table: str | None = None) -> bool:
        """Whether a region, or a table by its logical name, is about to leave the stack: nothing protects it then."""
        return region in self.stack.give_up.regions or table in self.stack.give_up.tables

    @property
    def hands_over(self) -> bool:
        """Whether another stack takes the tables over: this one lets go of them without deleting any."""
        return self.stack.hand_over_to is not None

    def leaves(self, region: str, table: str) -> bool:
        """Whether a table is about to end in a region: given up, or left behind by a hand-over to another one."""
        return self.given_up(region=region, table=table) or self.stack.hand_over_to not in (None, region)

    @property
    def control_table(self) -> TableSettings:
        """The control table: one item per flag, under the key `scope`, in every region of the stack.

        Flags expire by themselves, so that a forgotten drill does not keep a region out of service.
        """
        return TableSettings(
            name=self.control_table_name,
            partition_key=KeyAttribute(name="scope"),
            ttl_attribute="expires",
            # What a new table takes at once: more than clients ever ask, and a runaway one is held.
            ceilings=CeilingSettings(read_units=limits.WARM_READ_UNITS, write_units=limits.WARM_WRITE_UNITS),
            deletion_protection=self.stack.protect,
        )

    @property
    def control_table_name(self) -> str:
        """Physical name of the control table."""
        given = self.data.control_table.name if self.data else None
        return given or f"{self.stack.name_prefix}-control"
