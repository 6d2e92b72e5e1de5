"""How traffic leaves a region: DNS, the failover plan, drills."""

from components.recovery.dns import Dns, Entry
from components.recovery.drills import DrillReminder, Drills
from components.recovery.experiments import experiments
from components.recovery.switch import Mover, RegionSwitch
from components.recovery.zone import HostedZone

__all__ = ["Dns", "DrillReminder", "Drills", "Entry", "HostedZone", "Mover", "RegionSwitch", "experiments"]
