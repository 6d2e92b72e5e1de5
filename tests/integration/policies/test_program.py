"""The packs over this repository's own stacks, previewed from nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi.runtime.proto import analyzer_pb2 as wire
from pulumi_policy.policy import EnforcementLevel, _PolicyAnalyzerServicer

from holdfast_policies import standard
from holdfast_policies.packs import PACKS, all_rules
from holdfast_policies.server import Analyzer
from holdfast_policies.testing.mutations import Deployment
from holdfast_policies.testing.proofs import MUTATIONS
from holdfast_policies.testing.tables import ALL
from settings import stacks

pytestmark = pytest.mark.sandbox

ROOT = Path(__file__).parents[3]
UNDECIDED = "cannot be judged before"
"""What `holdfast_policies.judge` says of a rule that could not decide."""


@pytest.mark.parametrize(
    "stack",
    ["prod", *(pytest.param(name, marks=pytest.mark.slow) for name in stacks(ROOT) if name != "prod")],
)
def test_a_first_preview_has_no_mandatory_finding(preview, stack):
    """Nothing is deployed yet, so ids and ARNs are unknown: the rules must decide all the same."""
    previewed = preview(stack)
    outcome = previewed.outcome
    mandatory = [finding.message for finding in outcome.findings if finding.level == "mandatory"]
    assert not mandatory, "\n".join(mandatory)
    undecided = [finding.message for finding in outcome.findings if UNDECIDED in finding.message]
    assert not undecided, "\n".join(undecided)
    assert outcome.ok, [one.message for one in outcome.diagnostics][:3]
    assert len(previewed.requests) > 50, "a pack beside them was asked about every resource"
    assert len(previewed.stack_request.resources) > 50


SAMPLE = (
    "dynamodb-table-cmk",
    "dynamodb-replica-pitr",
    "dynamodb-in-backup-plan",
    "iam-no-admin",
    "iam-trust-no-wildcard",
    "dynamodb-policy-no-replication-deny",
    "vpc-flow-logs",
    "sg-no-open-admin",
    "apigateway-authorization",
    "waf-logging",
    "alarm-can-fire",
    "dax-per-replica-region",
    "resource-region-allowlist",
    "cache-node-allowlist",
    "ebs-at-rest",
    "node-imdsv2",
    "required-tags",
    "lambda-supported-runtime",
)


def prove(previewed, mutations):
    """Break the deployment in each of these ways; gives which declared followers were seen."""
    # By URN: registrations arrive in another order each time, and a fault goes to the first that fits.
    deployment = Deployment(
        tuple(sorted(previewed.resources, key=lambda resource: resource.urn)),
        tuple(sorted(previewed.stack.resources, key=lambda resource: resource.urn)),
    )
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


def told(response):
    return sorted(
        (one.policyName, one.enforcementLevel, one.severity, one.urn, one.message) for one in response.diagnostics
    )


def compare(requests, stack_request):
    """Ask both dispatchers about the same resources, and about the same stack; gives how many findings there were."""
    found = 0
    for pack in PACKS:
        words = standard.arguments(pack)
        theirs = _PolicyAnalyzerServicer(
            words["name"], "0.1.0", words["policies"], EnforcementLevel.ADVISORY, None, words["description"]
        )
        ours = Analyzer(pack)
        for request in requests:
            mine = told(ours.Analyze(request, None))
            assert mine == told(theirs.Analyze(request, None)), request.urn
            found += len(mine)
        mine = told(ours.AnalyzeStack(stack_request, None))
        assert mine == told(theirs.AnalyzeStack(stack_request, None)), pack
        found += len(mine)
    return found


def bare(request):
    """The same resource with nothing set."""
    copy = wire.AnalyzeRequest()
    copy.CopyFrom(request)
    copy.properties.Clear()
    return copy


def test_both_dispatchers_say_the_same_of_resources_of_the_program_and_of_bare_ones(preview):
    previewed = preview("prod")
    judged = {kind for rule in all_rules() for kind in rule.types}
    sample = [request for kind, request in {one.type: one for one in previewed.requests}.items() if kind in judged]
    assert len(sample) > 20
    few = wire.AnalyzeStackRequest(resources=previewed.stack_request.resources[:60])
    assert compare([*sample, *map(bare, sample)], few) > 30


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("stack", ["prod", "orders"])
def test_both_dispatchers_say_the_same_of_every_resource(preview, stack):
    previewed = preview(stack)
    assert compare([*previewed.requests, *map(bare, previewed.requests)], previewed.stack_request) > 100


def test_the_resources_of_the_program_have_a_source_line(preview):
    """What SARIF places findings at; providers are made by the SDK's own code."""
    steps = [step for step in preview("prod").outcome.steps if step.type.startswith("aws:")]
    assert len(steps) > 500
    lost = [step.urn for step in steps if not _in_program(step.source)]
    assert not lost, lost[:5]


def _in_program(position):
    file, _, line = position.removeprefix("project:///").partition("#")
    return (ROOT / file).is_file() and line.split(",")[0].isdigit()
