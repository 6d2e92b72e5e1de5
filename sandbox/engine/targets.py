"""Which resources a run is about, when it is not about all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from sandbox.engine import urns
from sandbox.engine.resource import State


@dataclass
class Targets:
    """URNs, or patterns with `*` that URNs match; empty is all. Providers and the stack always take part."""

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    replace: Sequence[str] = ()
    """Replaced even if nothing changed."""
    dependents: bool = False
    """Take what depends on a target along."""
    _reached: set[str] = field(default_factory=set)

    @property
    def constrained(self) -> bool:
        """Whether some resources are left out."""
        return bool(self.include or self.exclude)

    def names(self, urn: str) -> bool:
        """Whether the URN itself is a target."""
        return _matches(urn, self.include)

    def takes(self, state: State) -> bool:
        """Whether the run is about this resource."""
        if state.is_provider or state.type == urns.STACK_TYPE:
            return True
        if self.include:
            return self.names(state.urn) or self._depends(state)
        if self.exclude:
            return not (_matches(state.urn, self.exclude) or self._depends(state))
        return True

    def reach(self, state: State, *, taken: bool) -> None:
        """Remember a target (or an exclusion), so that its dependents follow it."""
        if (self.include and taken) or (self.exclude and not taken):
            self._reached.add(state.urn)

    def _depends(self, state: State) -> bool:
        return self.dependents and any(urn in self._reached for urn in (state.parent, *state.dependency_urns()))

    def must_replace(self, urn: str) -> bool:
        """Whether the run is told to replace it."""
        return _matches(urn, self.replace)


def _matches(urn: str, patterns: Iterable[str]) -> bool:
    return any(urn == pattern or ("*" in pattern and fnmatchcase(urn, pattern)) for pattern in patterns)
