"""With five regions, what AWS limits stays within its limits: documents, dashboards, the topology parameter."""

import json
import re

import pytest

FURTHER = (("us-east-2", "10.40.0.0/16"), ("eu-central-1", "10.50.0.0/16"))
INLINE_POLICIES = 10_240
"""Characters of a role's inline policies together, without blanks (IAM user guide, "IAM and AWS STS quotas")."""
MANAGED_POLICY = 6_144
"""Characters of a managed policy, without blanks (the same page)."""
RESOURCE_POLICY = 20 * 1024
"""Bytes of a table's resource policy (DynamoDB developer guide, "Resource-based policy considerations")."""
PARAMETER = 4_096
"""Characters of a standard parameter (Systems Manager user guide, "Parameter tiers")."""
WIDGET_METRICS, DASHBOARD_METRICS = 500, 2_500
"""Metrics of a widget and of a dashboard (CloudWatch user guide, "CloudWatch quotas")."""


@pytest.fixture
def five(recorded):
    def widen(config):
        config["holdfast:regions"] += [{"name": name, "cidr": cidr} for name, cidr in FURTHER]

    return recorded("prod", widen)


def size(document):
    return len(re.sub(r"\s", "", document))


@pytest.mark.slow
def test_five_regions_stay_within_the_limits(five):
    by_role = {}
    for item in five.of("iam/rolePolicy:RolePolicy"):
        by_role[item.inputs["role"]] = by_role.get(item.inputs["role"], 0) + size(item.inputs["policy"])
    assert max(by_role.values()) < INLINE_POLICIES
    assert max(size(item.inputs["policy"]) for item in five.of("iam/policy:Policy")) < MANAGED_POLICY
    assert (
        max(size(item.inputs["policy"]) for item in five.of("dynamodb/resourcePolicy:ResourcePolicy")) < RESOURCE_POLICY
    )
    for item in five.of("ssm/parameter:Parameter", name="topology"):
        assert len(item.inputs["value"]) < PARAMETER
    for item in five.of("dashboard:Dashboard"):
        shown = [len(one["properties"]["metrics"]) for one in json.loads(item.inputs["dashboardBody"])["widgets"]]
        assert max(shown) < WIDGET_METRICS
        assert sum(shown) < DASHBOARD_METRICS
