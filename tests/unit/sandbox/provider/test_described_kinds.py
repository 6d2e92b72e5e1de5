"""What is written down about types must fit the SDK's own knowledge of them."""

import re

import pytest

from sandbox.provider.aws import facts, registry
from sandbox.provider.diffing import top
from sandbox.provider.sdk import catalogue

AWS = catalogue("aws")
KINDS = [kind for service in registry.MODULES for kind in registry.described(service).values()]
FIELD = re.compile(r"\{(\w+)\}")


def names_in(pattern):
    if isinstance(pattern, dict):
        return {name for item in pattern.values() for name in names_in(item)}
    if isinstance(pattern, list):
        return {name for item in pattern for name in names_in(item)}
    return set(FIELD.findall(pattern)) if isinstance(pattern, str) else set()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_a_described_kind_names_properties_that_its_type_has(kind):
    info = AWS.find(kind.type)
    assert info is not None
    known = set(info.inputs)
    assert {top(force) for force in kind.forces} <= known
    assert {top(name) for name in kind.defaults} <= known
    assert kind.documents <= known
    assert {top(name) for name in kind.sets} <= known
    assert kind.name is None or kind.name.property in known


@pytest.mark.parametrize("token", sorted(facts.FORCES))
def test_forcing_properties_exist(token):
    assert {top(name) for name in facts.FORCES[token]} <= set(AWS.find(token).inputs)


@pytest.mark.parametrize("token", sorted({**facts.IDS, **facts.ARNS, **facts.OUTPUTS}))
def test_patterns_name_inputs_that_exist(token):
    info = AWS.find(token)
    assert info is not None
    patterns = [facts.IDS.get(token, ""), facts.ARNS.get(token, ""), dict(facts.OUTPUTS.get(token, {}))]
    used = {name for pattern in patterns for name in names_in(pattern)}
    used = {name for name in used if not re.fullmatch(r"hex\d+", name)}
    assert used - {"region", "account", "partition", "id", "short", "_name"} <= set(info.inputs)
    assert {top(name) for name in facts.OUTPUTS.get(token, {})} <= info.outputs


@pytest.mark.parametrize("token", sorted({**facts.NAMES, **facts.DEFAULTS, **facts.PREFIXES}))
def test_names_and_defaults_belong_to_types(token):
    info = AWS.find(token)
    assert info is not None
    rule = facts.NAMES.get(token)
    assert rule is None or rule.property in info.inputs
    assert {top(name) for name in facts.DEFAULTS.get(token, {})} <= set(info.inputs)


def test_created_types_are_listed():
    created = registry.created_tokens()
    assert "aws:dynamodb/table:Table" in created
    assert "aws:dax/cluster:Cluster" not in created
    assert len(created) == len(set(created))
