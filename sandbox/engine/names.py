"""Who a registration is: its URN, and the old resource that it continues, by the URN or by an alias."""

from __future__ import annotations

from sandbox.engine import urns
from sandbox.engine.errors import EngineError
from sandbox.engine.resource import Alias, Goal, State
from sandbox.engine.run import Run


class Names:
    """The names of a run. What was claimed is in the run's ledger."""

    def __init__(self, run: Run, *, stack: str, project: str) -> None:
        self._run = run
        self._stack = stack
        self._project = project

    def urn_of(self, goal: Goal) -> str:
        """The URN that a goal leads to, claimed or not."""
        return urns.make(self._stack, self._project, goal.parent, goal.type, goal.name)

    def claim(self, parent: str, type_: str, name: str) -> str:
        """The URN of a new registration. Raises `EngineError` if its parent is unknown or it was registered before."""
        ledger = self._run.ledger
        if parent and parent not in ledger.seen:
            raise EngineError(f"the parent {parent} of {type_} {name!r} is not registered")
        urn = urns.make(self._stack, self._project, parent, type_, name)
        if urn in ledger.seen:
            raise EngineError(f"Duplicate resource URN '{urn}'; try giving it a unique name")
        ledger.seen.add(urn)
        return urn

    def find_old(self, urn: str, goal: Goal) -> tuple[State | None, str]:
        """The old state of a URN, by the URN or by an alias, and the alias that found it."""
        run, ledger = self._run, self._run.ledger
        if urn in ledger.aliased:
            raise EngineError(f"{urn} is an alias of {ledger.aliased[urn]}, which was registered before")
        if urn in run.olds:
            return run.olds[urn], ""
        for alias in self._aliases(urn, goal):
            if alias not in run.olds or alias == urn:
                continue
            if alias in ledger.seen or alias in ledger.aliased:
                raise EngineError(f"{urn} has the alias {alias}, which another resource has too")
            ledger.aliased[alias] = urn
            ledger.aliases[urn] = alias
            run.registry.alias(urn, alias)
            run.snapshot.rename(alias, urn)
            return run.olds[alias], alias
        return None, ""

    def _aliases(self, urn: str, goal: Goal) -> list[str]:
        own = [self._alias_urn(goal, alias) for alias in goal.aliases]
        found = dict.fromkeys(own)
        old_parent = self._run.ledger.aliases.get(goal.parent)
        if old_parent:
            parent_name = urns.name_of(goal.parent)
            for child in (urn, *own):
                found[self._inherited(urns.type_of(child), urns.name_of(child), parent_name, old_parent)] = None
        return list(found)

    def _alias_urn(self, goal: Goal, alias: Alias) -> str:
        if alias.urn:
            return alias.urn
        parent = "" if alias.no_parent else alias.parent or goal.parent
        return urns.make(
            alias.stack or self._stack,
            alias.project or self._project,
            parent,
            alias.type or goal.type,
            alias.name or goal.name,
        )

    @staticmethod
    def _inherited(type_: str, name: str, parent_name: str, old_parent: str) -> str:
        """A child's alias through its parent's: a name that begins with the parent's follows its old name."""
        old_name = urns.name_of(old_parent)
        if old_name != parent_name and name.startswith(parent_name):
            name = old_name + name.removeprefix(parent_name)
        return urns.make(urns.stack_of(old_parent), urns.project_of(old_parent), old_parent, type_, name)
