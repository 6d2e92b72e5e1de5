"""Who depends on whom in the old state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sandbox.codec import UNKNOWN
from sandbox.engine import urns
from sandbox.engine.diffs import Diff, replace_on_changes
from sandbox.engine.resource import State
from sandbox.engine.run import Run

Keys = tuple[str, ...]


def dependents(base: Sequence[State], root: State, ignored: set[str], *, children: bool = False) -> list[State]:
    """Everything that depends on a state, directly or not, in the order of the state; children only if asked for."""
    start = next((index for index, state in enumerate(base) if state is root), None)
    if start is None:
        return []
    reached = {root.urn}
    found = []
    for state in base[start + 1 :]:
        if state.urn in ignored:
            continue
        if any(urn in reached for urn in state.dependency_urns()) or (children and state.parent in reached):
            reached.add(state.urn)
            found.append(state)
    return found


async def dependents_to_replace(
    run: Run, root: State, diff: Callable[[State, State, Any], Awaitable[Diff]]
) -> list[tuple[State, Keys]]:
    """The dependents that must be replaced when a resource is deleted first, in the order of the state.

    For each, the inputs that come from what is replaced are taken as unknown, and its provider is asked whether
    that forces a replacement (engine 3.260, step_generator.go). A plain dependsOn does not.

    While providers are asked, registrations go on. One that got its step meanwhile is none of these any more, and
    what was found through it is not either: then everything is asked again.
    """
    while True:
        found = await _to_replace(run, root, _decided(run, root.urn), diff)
        decided = _decided(run, root.urn)
        if not any(state.urn in decided for state, _ in found):
            return found


def _decided(run: Run, root: str) -> set[str]:
    """What has its step already, under its present or its old URN, without the URN that is asked about."""
    ledger = run.ledger
    decided = ledger.operated | ledger.created | ledger.deletes
    decided.update(old for old, new in ledger.aliased.items() if new in decided)
    decided.discard(root)
    return decided


async def _to_replace(
    run: Run, root: State, decided: set[str], diff: Callable[[State, State, Any], Awaitable[Diff]]
) -> list[tuple[State, Keys]]:
    replaced = {root.urn}
    found: list[tuple[State, Keys]] = []
    for state in dependents(run.base, root, decided):
        if not state.custom or state.external:
            continue
        if state.provider and urns.reference_urn(state.provider) in replaced:
            await run.registry.ensure(state.provider, run.old_providers)
            replaced.add(state.urn)
            found.append((state, ()))
            continue
        if state.deleted_with in replaced:
            replaced.add(state.urn)
            found.append((state, ()))
            continue
        keys = await _forced(run, state, replaced, diff)
        if keys is not None:
            replaced.add(state.urn)
            found.append((state, keys))
    return found


async def _forced(
    run: Run, state: State, replaced: set[str], diff: Callable[[State, State, Any], Awaitable[Diff]]
) -> Keys | None:
    affected = {key for key in state.inputs if any(urn in replaced for urn in state.property_dependencies.get(key, ()))}
    if not affected:
        return None
    imagined = state.copy()
    imagined.inputs = {key: UNKNOWN if key in affected else value for key, value in state.inputs.items()}
    if state.is_provider:
        await run.registry.ensure(state.reference, run.old_providers)
        answer = await run.registry.diff(state.urn, state.id, state.inputs, state.outputs, imagined.inputs)
    else:
        provider = await run.registry.ensure(state.provider, run.old_providers)
        answer = await diff(state, imagined, provider)
    answer = replace_on_changes(answer, state.replace_on_changes, init_errors=False)
    return answer.replace_keys if answer.replaces else None


def cascading(run: Run, urn: str) -> list[tuple[State, Keys]]:
    """What is replaced or deleted with a resource by option, whatever its inputs; not what has its step already."""
    decided = _decided(run, urn)
    olds = [state for state in run.olds.values() if state.urn not in decided]
    found: dict[str, State] = {}
    for state in (*run.news.values(), *olds):
        if urn in state.replace_with or state.deleted_with == urn:
            found.setdefault(state.urn, state)
    return [(state, ()) for state in found.values()]


def waves(base: Sequence[State], condemned: Sequence[State]) -> list[list[State]]:
    """The condemned in groups that may be deleted at once, dependents before what they depend on.

    A state depends on what it names, on its parent, and, where it names a component, on all that is under it.
    """
    marked = {id(state) for state in condemned}
    above: dict[str, State] = {}
    below: dict[str, list[State]] = defaultdict(list)
    copies: dict[str, list[State]] = defaultdict(list)
    level: dict[int, int] = {}
    for state in base:
        needed: list[State] = []
        for urn in set(state.dependency_urns()):
            needed.extend(copies[urn])
            if any(not one.custom for one in copies[urn]):
                needed.extend(below[urn])
        if state.parent:
            needed.extend(copies[state.parent])
        if id(state) in marked:
            level[id(state)] = 1 + max((level[id(one)] for one in needed if id(one) in level), default=-1)
        parent = state.parent
        while parent:
            below[parent].append(state)
            parent = above[parent].parent if parent in above else ""
        above[state.urn] = state
        copies[state.urn].append(state)
    grouped: dict[int, list[State]] = defaultdict(list)
    for state in condemned:
        grouped[level.get(id(state), 0)].append(state)
    return [grouped[depth] for depth in sorted(grouped, reverse=True)]
