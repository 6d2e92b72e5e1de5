"""How traffic leaves a region: DNS, the failover plan, drills."""

from components.recovery.dns import Dns
from components.recovery.drills import DrillReminder, Drills
from components.recovery.switch import RegionSwitch
from components.recovery.zone import HostedZone

__all__ = ["Dns", "DrillReminder", "Drills", "HostedZone", "RegionSwitch"]
