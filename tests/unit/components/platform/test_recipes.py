"""The recipes for a region and a table, followed to the letter: their YAML goes into a stack file, their promises are kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

HOWTO = Path(__file__).parents[4] / "docs" / "howto"
PAGE_LINES = 110


def block(page: str) -> dict:
    """The settings that a recipe shows."""
    (found,) = re.findall(r"^```yaml\n(.*?)^```$", (HOWTO / page).read_text(), re.MULTILINE | re.DOTALL)
    return yaml.safe_load(found)


def followed(config: dict) -> None:
    config["holdfast:regions"] = block("add-a-region.md")["holdfast:regions"]
    config["holdfast:data"]["tables"] |= block("add-a-table.md")["holdfast:data"]["tables"]


@pytest.fixture(scope="module")
def names() -> list[str]:
    return [region["name"] for region in block("add-a-region.md")["holdfast:regions"]]


def test_both_recipes_followed(recorded, names):
    before, after = recorded("dev"), recorded("dev", followed)
    kept = {(one.type, one.name) for one in before.resources} - {(one.type, one.name) for one in after.resources}
    assert kept == set(), "nothing of before is gone"

    # a region: a provider, a network of its own and a replica of every table in it
    assert after.outputs["regions"] == names
    for name in names:
        assert after.of("ec2/vpc:Vpc", name=name)
    replicas = [(one.provider_name, one.inputs["globalTableArn"]) for one in after.of("tableReplica:TableReplica")]
    tables = after.of("dynamodb/table:Table")
    assert len(replicas) == len(set(replicas)) == len(tables) * (len(names) - 1)

    # a table: its keys, and without being asked the stack's key, recovery and protection; clients find it
    wanted = block("add-a-table.md")["holdfast:data"]["tables"]["carts"]
    (carts,) = [one for one in tables if one.inputs["name"] == wanted["name"]]
    assert carts.inputs["hashKey"] == wanted["partition_key"]["name"]
    assert carts.inputs["rangeKey"] == wanted["sort_key"]["name"]
    assert carts.inputs["ttl"]["attributeName"] == wanted["ttl_attribute"]
    assert carts.inputs["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 35}
    assert carts.inputs["deletionProtectionEnabled"] is True
    assert carts.inputs["serverSideEncryption"]["kmsKeyArn"]
    topology = after.outputs["topology"]
    topology = json.loads(topology) if isinstance(topology, str) else topology
    for name in names:
        assert topology["regions"][name]["tables"]["carts"]["name"] == wanted["name"]


@pytest.mark.parametrize("page", ["add-a-region.md", "add-a-table.md", "add-a-layer.md"])
def test_a_recipe_is_under_a_page(page):
    assert len((HOWTO / page).read_text().splitlines()) < PAGE_LINES
