"""The packs over this repository's own stacks, previewed from nothing."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.sandbox


@pytest.mark.parametrize(
    "stack", ["prod", pytest.param("orders", marks=pytest.mark.slow), pytest.param("dev", marks=pytest.mark.slow)]
)
def test_a_first_preview_has_no_mandatory_finding(preview, stack):
    """Nothing is deployed yet, so ids and ARNs are unknown: the rules must decide all the same."""
    outcome = preview(stack).outcome
    mandatory = [finding.message for finding in outcome.findings if finding.level == "mandatory"]
    assert not mandatory, "\n".join(mandatory)
    undecided = [finding.message for finding in outcome.findings if "cannot be judged" in finding.message]
    assert not undecided, "\n".join(undecided)
    assert len(outcome.findings) > 0, "advice at least: a pack that says nothing was not asked"
