"""In which order a change reaches the regions: one first, and the rest when it has stood the test of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ops.errors import OpsError
from ops.exits import Exit
from sandbox.engine import Op, Outcome, Step

REGION_TYPE = "holdfast:platform:Region"
_QUIET = frozenset({Op.SAME, Op.READ, Op.REFRESH})


@dataclass(frozen=True, kw_only=True)
class Wave:
    """A part of a change that is deployed at once."""

    name: str
    regions: tuple[str, ...]
    """Those that it changes; none where it changes only what is global."""
    targets: tuple[str, ...]
    """URNs, and patterns that URNs match; none is all that is left."""
    changes: int
    """How many resources it changes, by the preview."""


def pattern(stack: str, project: str, region: str) -> str:
    """What every URN of a region's component matches, in the engine's and the pulumi command's spelling."""
    return f"urn:pulumi:{stack}::{project}::{REGION_TYPE}**::{region}**"


def in_region(step: Step, region: str) -> bool:
    """Whether a step belongs to a region's component."""
    chain = step.urn.split("::")[2] if step.urn.count("::") >= 3 else ""
    return chain.startswith(REGION_TYPE) and step.name.startswith(region)


def plan(
    preview: Outcome, *, stack: str, project: str, regions: Sequence[str], home: str, first: str | None = None
) -> tuple[Wave, ...]:
    """The waves of a change.

    What is global and new goes with the first region, which may need it; what is global and changes goes last, when
    a region has shown that the change holds. A stack that does not stand yet has nothing to protect: one wave.

    Args:
        preview: of the whole change.
        stack: its name.
        project: of the program.
        regions: of the stack.
        home: the home region, which is never first where there is another.
        first: the region to begin with, as `require_first` allows it.
    """
    changed = [step for step in preview.steps if step.logical and step.op not in _QUIET]
    standing = any(step.op is not Op.CREATE for step in preview.steps if step.custom)
    others = [region for region in regions if region != home]
    touched = [region for region in others if any(in_region(step, region) for step in changed)]
    canary = first or (touched[-1] if touched else None)
    early = [step for step in changed if canary and in_region(step, canary)]
    if not standing or not early or len(early) == len(changed):
        return (_rest(changed, regions, "all at once"),) if changed else ()
    new = [step for step in changed if step.op is Op.CREATE and not any(in_region(step, region) for region in regions)]
    canary = str(canary)
    wave = Wave(
        name=f"{canary} first",
        regions=(canary,),
        targets=(pattern(stack, project, canary), *(step.urn for step in new)),
        changes=len(early) + len(new),
    )
    return (wave, _rest([step for step in changed if step not in early and step not in new], regions, "the rest"))


def require_first(first: str | None, *, regions: Sequence[str], home: str) -> None:
    """Stop where a change cannot begin in the region that was named.

    Raises:
        OpsError: it is no region of the stack, or is its home.
    """
    others = [region for region in regions if region != home]
    if first is not None and first not in others:
        raise OpsError(
            f"--first {first}: {'is the home region' if first == home else 'is no region of this stack'}",
            fix=f"write one of {', '.join(others)}" if others else "leave it out: the stack has one region",
            code=Exit.USAGE,
        )


def _rest(changed: Sequence[Step], regions: Sequence[str], name: str) -> Wave:
    touched = tuple(region for region in regions if any(in_region(step, region) for step in changed))
    return Wave(name=name, regions=touched, targets=(), changes=len(changed))
