"""What a group of lines knows: the stack file, and what the state records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ops.readiness.deployed import Deployed
    from ops.readiness.finding import Finding
    from settings import Settings


class Lines:
    """A group of lines; `run` gives its findings."""

    def __init__(self, settings: Settings, deployed: Deployed) -> None:
        self.settings, self.deployed = settings, deployed
        self.regions = settings.region_names

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        raise NotImplementedError

    def found(self, kind: str, region: str | None = None) -> Iterator[dict[str, Any]]:
        """The inputs of the resources of that type, of one region where it is named."""
        return self.deployed.inputs(kind, region)

    def has(
        self, kind: str, region: str | None = None, where: Callable[[dict[str, Any]], object] | None = None
    ) -> bool:
        """Whether a resource of that type is recorded, of one region where it is named, that fits."""
        return any(where is None or where(one) for one in self.found(kind, region))

    def holds(self, kind: str, region: str | None, wanted: Mapping[str, object], inside: str | None = None) -> bool:
        """Whether a resource of that type is recorded that has all these values, in the block of that name."""
        return any(
            wanted.items() <= ((one.get(inside) or {}) if inside else one).items() for one in self.found(kind, region)
        )
