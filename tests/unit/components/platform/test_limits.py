"""With the most regions that the settings accept, what AWS limits stays within: documents, dashboards, the topology."""

import json
import re
from pathlib import Path

import pytest

import settings
from awsfacts import limits
from components.platform.foundation import place_of
from components.security import identities
from settings._size_rules import role_policies

ROOT = Path(__file__).parents[4]
FURTHER = ("us-east-2", "eu-central-1", "ap-southeast-1", "ap-northeast-1", "eu-west-2", "ap-southeast-2")
MANAGED_POLICY = 6_144
"""Characters of a managed policy, without blanks (the same page)."""
RESOURCE_POLICY = 20 * 1024
"""Bytes of a table's resource policy (DynamoDB developer guide, "Resource-based policy considerations")."""
PARAMETER = 4_096
"""Characters of a standard parameter (Systems Manager user guide, "Parameter tiers")."""
WIDGET_METRICS, DASHBOARD_METRICS = 500, 2_500
"""Metrics of a widget and of a dashboard (CloudWatch user guide, "CloudWatch quotas")."""


def widened(config, count):
    """The stack file with so many regions."""
    more = FURTHER[: count - len(config["holdfast:regions"])]
    added = [{"name": name, "cidr": f"10.{100 + place}.0.0/16"} for place, name in enumerate(more)]
    return {**config, "holdfast:regions": [*config["holdfast:regions"], *added]}


@pytest.fixture
def prod_settings():
    return dict(settings.read_stack_file(ROOT / "Pulumi.prod.yaml").config)


@pytest.fixture
def eight(recorded):
    return recorded("prod", lambda config: config.update(widened(config, 8)))


def size(document):
    return len(re.sub(r"\s", "", document))


@pytest.mark.slow
def test_eight_regions_stay_within_the_limits(eight):
    by_role = {}
    for item in eight.of("iam/rolePolicy:RolePolicy"):
        by_role[item.inputs["role"]] = by_role.get(item.inputs["role"], 0) + size(item.inputs["policy"])
    assert max(by_role.values()) < limits.ROLE_POLICY_CHARACTERS
    assert max(size(item.inputs["policy"]) for item in eight.of("iam/policy:Policy")) < MANAGED_POLICY
    assert (
        max(size(item.inputs["policy"]) for item in eight.of("dynamodb/resourcePolicy:ResourcePolicy"))
        < RESOURCE_POLICY
    )
    for item in eight.of("ssm/parameter:Parameter", name="topology"):
        assert len(item.inputs["value"]) < PARAMETER
    for item in eight.of("dashboard:Dashboard"):
        shown = [len(one["properties"]["metrics"]) for one in json.loads(item.inputs["dashboardBody"])["widgets"]]
        assert max(shown) < WIDGET_METRICS
        assert sum(shown) < DASHBOARD_METRICS


@pytest.mark.parametrize("count", [3, 6, 8])
def test_the_settings_know_how_long_the_roles_policies_become(prod_settings, count):
    parsed = settings.parse(widened(prod_settings, count), "prod")
    place = place_of(parsed, "us-east-1")
    told = role_policies(parsed.regions, parsed.data, parsed.stack.name_prefix)
    written = {
        "operator": size(identities.operator_policy(parsed, place)),
        "app": size(identities.app_policy(parsed, place)),
    }
    for role, characters in written.items():
        assert characters <= told[role] <= 1.12 * characters, role
    assert max(written.values()) < limits.ROLE_POLICY_CHARACTERS


def test_a_region_too_many_for_the_policies_is_refused_before_anything_is_made(prod_settings):
    with pytest.raises(settings.SettingsError, match=r"9 regions of 6 tables .* 'operator' .* IAM holds 10,240"):
        settings.parse(widened(prod_settings, 9), "prod")
