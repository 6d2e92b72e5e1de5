"""Health of one region as load balancers and DNS checks ask for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Flag:
    """An evacuation flag: an item of the control table, key `scope` = `region#<name>`."""

    evacuated: bool = False
    epoch: int = 0
    reason: str = ""
    by: str = ""
    expires: float | None = None
    """Seconds since 1970 after which the flag says nothing."""

    @classmethod
    def from_item(cls, item: Mapping[str, Any] | None) -> Flag:
        """The flag of an item as the control table holds it; no item is no flag."""
        if not item:
            return cls()
        expires = item.get("expires")
        return cls(
            evacuated=bool(item.get("evacuated")),
            epoch=int(item.get("epoch") or 0),
            reason=str(item.get("reason") or ""),
            by=str(item.get("by") or ""),
            expires=None if expires is None else float(expires),
        )

    def holds(self, now: float | None = None) -> bool:
        """Whether the region is flagged now (`now` in seconds since 1970)."""
        moment = time.time() if now is None else now
        return self.evacuated and (self.expires is None or moment < self.expires)


def scope(region: str) -> str:
    """The key of a region's flag in the control table."""
    return f"region#{region}"
