"""The packs over this repository's own stacks, previewed from nothing."""

from __future__ import annotations

import pytest

from holdfast_policies.packs import all_rules
from holdfast_policies.testing.mutations import Deployment
from holdfast_policies.testing.proofs import MUTATIONS
from holdfast_policies.testing.tables import ALL

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


SAMPLE = (
    "dynamodb-table-cmk",
    "dynamodb-replica-pitr",
    "dynamodb-in-backup-plan",
    "iam-no-admin",
    "iam-trust-no-wildcard",
    "dynamodb-policy-no-replication-deny",
    "vpc-flow-logs",
    "sg-no-open-admin",
    "alarm-can-fire",
    "dax-per-replica-region",
    "resource-region-allowlist",
    "cache-node-allowlist",
    "required-tags",
    "lambda-supported-runtime",
)


def prove(previewed, mutations):
    """Break the deployment in each of these ways; gives which declared followers were seen."""
    deployment = Deployment(tuple(previewed.resources), previewed.stack.resources)
    rules = all_rules()
    wrong, seen = [], {}
    for mutation in mutations:
        found = mutation.new_findings(deployment, rules)
        seen[mutation.rule] = found - {mutation.rule}
        if mutation.rule not in found:
            wrong.append(f"{mutation.rule} says nothing of its own fault")
        if found - {mutation.rule} - mutation.follows:
            wrong.append(f"{mutation.rule}: also {sorted(found - {mutation.rule} - mutation.follows)}")
    assert not wrong, "\n".join(wrong)
    return seen


def test_a_fault_in_the_program_is_found_by_its_rule_and_no_other(preview):
    prove(preview("prod"), [mutation for mutation in MUTATIONS if mutation.rule in SAMPLE])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_rule_finds_its_fault_in_both_reference_stacks(preview):
    assert [mutation.rule for mutation in MUTATIONS] == [cases.rule for cases in ALL]
    seen = [prove(preview(stack), MUTATIONS) for stack in ("prod", "orders")]
    for mutation in MUTATIONS:
        followed = set().union(*(one[mutation.rule] for one in seen))
        assert mutation.follows <= followed, f"{mutation.rule}: {sorted(mutation.follows - followed)} did not follow"
