"""The conformance cases, by area."""

from collections.abc import Sequence

from sandbox.engine.testing.cases import options, policies, program, state, steps, values
from sandbox.engine.testing.conformance import Case

CASES: Sequence[Case] = (
    *steps.CASES,
    *options.CASES,
    *values.CASES,
    *program.CASES,
    *policies.CASES,
    *state.CASES,
)


def never_seen() -> float:
    """The share of cases whose expectation was read in the engine's source, not seen in a run of it."""
    return sum(not case.seen for case in CASES) / len(CASES)
