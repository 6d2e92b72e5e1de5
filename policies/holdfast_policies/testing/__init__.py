"""Testing rules: a rule is tested by a table of programs that pass, fail, cannot be decided, and are fixed.

    from holdfast_policies.testing import Cases, check, make

    cases = Cases(
        rule="dynamodb-pitr",
        passes=[make(kinds.TABLE)],
        fails=[make(kinds.TABLE, pointInTimeRecovery=None)],
        undecided=[make(kinds.TABLE, pointInTimeRecovery=UNKNOWN)],
    )
    check(rule, cases)

`make` starts from a resource that breaks no rule, so that a case says only what matters. `tables` holds the cases of
every rule of this distribution; the pages of the rules show the first of each.
"""

from __future__ import annotations

from holdfast_policies.testing.cases import Cases, Program, check, judge_program, mended
from holdfast_policies.testing.sound import SOUND, make

__all__ = ["SOUND", "Cases", "Program", "check", "judge_program", "make", "mended"]
