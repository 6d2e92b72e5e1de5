"""Evacuation flags: items of the control table that tell every client to leave a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "region#"


def scope_of(region: str) -> str:
    """The key (attribute `scope`) of a region's flag."""
    return PREFIX + region


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """What an operator said of a region."""

    region: str
    evacuated: bool
    epoch: int
    """Rises with every change; of two copies of a flag the higher epoch is the newer."""
    reason: str = ""
    by: str = ""
    at: float = 0.0
    expires: float | None = None
    """Seconds since 1970. After it the flag says nothing."""

    @classmethod
    def from_wire(cls, item: Mapping[str, Any]) -> Flag | None:
        """The flag of an item in DynamoDB's own form; None for an item that is no flag."""
        scope = item.get("scope", {}).get("S", "")
        if not scope.startswith(PREFIX):
            return None
        try:
            return cls(
                region=scope.removeprefix(PREFIX),
                evacuated=bool(item.get("evacuated", {}).get("BOOL", False)),
                epoch=int(float(item.get("epoch", {}).get("N", "0"))),
                reason=item.get("reason", {}).get("S", ""),
                by=item.get("by", {}).get("S", ""),
                at=_number(item.get("at")) or 0.0,
                expires=_number(item.get("expires")),
            )
        except ValueError:
            return None

    def to_wire(self) -> dict[str, Any]:
        """The item in DynamoDB's own form."""
        item: dict[str, Any] = {
            "scope": {"S": scope_of(self.region)},
            "evacuated": {"BOOL": self.evacuated},
            "epoch": {"N": str(self.epoch)},
            "reason": {"S": self.reason},
            "by": {"S": self.by},
            "at": {"N": repr(self.at)},
        }
        if self.expires is not None:
            item["expires"] = {"N": repr(self.expires)}
        return item

    def holds(self, wall: float) -> bool:
        """Whether the region is evacuated at `wall` (seconds since 1970)."""
        return self.evacuated and (self.expires is None or wall < self.expires)


def _number(value: Mapping[str, str] | None) -> float | None:
    return float(value["N"]) if value and "N" in value else None


class FlagBoard:
    """The newest flag known of each region, whichever region it was read in.

    What was read stays known while reading fails: a client that cannot reach the control table keeps
    to the last word, until that expires.
    """

    __slots__ = ("_flags", "active")

    def __init__(self) -> None:
        self._flags: dict[str, Flag] = {}
        self.active = False
        """Whether any region has been told to be left; its flag may have expired since."""

    def learn(self, flags: Iterable[Flag]) -> None:
        """Take flags as read; an older epoch than the known one is a replica that lags."""
        for flag in flags:
            known = self._flags.get(flag.region)
            if known is None or flag.epoch > known.epoch:
                self._flags = {**self._flags, flag.region: flag}
        self.active = any(flag.evacuated for flag in self._flags.values())

    def evacuated(self, region: str, wall: float) -> bool:
        """Whether the region is to be left."""
        flag = self._flags.get(region)
        return flag is not None and flag.holds(wall)

    def flag(self, region: str) -> Flag | None:
        """The newest flag known of the region."""
        return self._flags.get(region)
