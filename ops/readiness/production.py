"""The rest of what the reference architectures ask for, beside the checklist of tables.

A line applies where the stack file has its layer; each subject is then something that the state must record. Nothing
here is true because something is absent, so that no removal raises the score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.readiness.borders import Borders
from ops.readiness.elsewhere import Elsewhere
from ops.readiness.failover import Failover
from ops.readiness.figures import Figures
from ops.readiness.keeping import Keeping
from ops.readiness.running import Running
from ops.readiness.structure import Structure
from ops.readiness.telling import Telling
from ops.readiness.watching import Watching
from ops.readiness.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.readiness.deployed import Deployed
    from ops.readiness.finding import Finding
    from settings import Settings

GROUPS = (Failover, Keeping, Running, Structure, Watching, Workload, Figures, Borders, Telling, Elsewhere)


def production(settings: Settings, deployed: Deployed) -> Iterator[Finding]:
    """Every finding, in no order."""
    for group in GROUPS:
        yield from group(settings, deployed).run()
