"""The dispatcher against Pulumi's own: every pack, every case of every table, the same findings."""

from __future__ import annotations

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as wire

from holdfast_policies.packs import PACKS, all_rules
from holdfast_policies.resource import Resource
from holdfast_policies.testing.tables import ALL
from holdfast_policies.values import UNKNOWN

pytestmark = pytest.mark.sandbox

UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
RULES = {rule.name: rule for rule in all_rules()}


def on_the_wire(value):
    if value is UNKNOWN:
        return UNKNOWN_STRING
    if isinstance(value, dict):
        return {key: on_the_wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [on_the_wire(item) for item in value]
    return value


def fill(message, resource):
    struct = struct_pb2.Struct()
    json_format.ParseDict(on_the_wire(dict(resource.data)), struct)
    message.type, message.name, message.urn = resource.type, resource.name, resource.urn
    message.properties.CopyFrom(struct)
    options = resource.options
    message.options.protect = options.protect
    message.options.ignoreChanges.extend(options.ignore_changes)
    message.options.deleteBeforeReplaceDefined = options.delete_before_replace is not None
    message.options.deleteBeforeReplace = bool(options.delete_before_replace)
    if resource.provider is not None:
        message.provider.type, message.provider.name = resource.provider.type, resource.provider.name
        message.provider.urn = resource.provider.urn
        message.provider.properties.update(on_the_wire(dict(resource.provider.properties)))
    return message


def stack_request(program):
    request = wire.AnalyzeStackRequest()
    for resource in program:
        message = fill(request.resources.add(), resource)
        for key, urns in resource.property_dependencies.items():
            message.propertyDependencies[key].urns.extend(urns)
    return request


def programs(pack):
    for cases in ALL:
        rule = RULES[cases.rule]
        if rule.pack == pack:
            for program in (*cases.passes, *cases.fails, *cases.undecided):
                yield rule, [program] if isinstance(program, Resource) else list(program)


def told(response):
    return sorted(
        (one.policyName, one.enforcementLevel, one.severity, one.urn, one.message) for one in response.diagnostics
    )


@pytest.mark.parametrize("pack", PACKS)
def test_both_dispatchers_find_the_same(start_pack, pack):
    ours, theirs = start_pack(pack), start_pack(pack, HOLDFAST_POLICIES="standard")
    compared = found = 0
    for rule, program in programs(pack):
        if rule.of_stack:
            request = stack_request(program)
            mine, other = ours.stub.AnalyzeStack(request), theirs.stub.AnalyzeStack(request)
            assert told(mine) == told(other), rule.name
        for resource in program[:1] if rule.of_stack else program:
            request = fill(wire.AnalyzeRequest(), resource)
            mine, other = ours.stub.Analyze(request), theirs.stub.Analyze(request)
            assert told(mine) == told(other), rule.name
        compared += 1
        found += bool(mine.diagnostics)
    assert compared > 50
    assert found > compared // 4


MENDING = [cases for cases in ALL if RULES[cases.rule].mend is not None]


@pytest.mark.parametrize("pack", PACKS)
def test_both_dispatchers_mend_the_same(start_pack, pack):
    ours, theirs = start_pack(pack), start_pack(pack, HOLDFAST_POLICIES="standard")
    mended = 0
    for cases in MENDING:
        if RULES[cases.rule].pack != pack:
            continue
        settings = struct_pb2.Struct()
        settings.update(cases.settings)
        level = {cases.rule: wire.PolicyConfig(enforcementLevel=wire.REMEDIATE, properties=settings)}
        for client in (ours, theirs):
            client.stub.Configure(wire.ConfigureAnalyzerRequest(policyConfig=level))
        for program in cases.fails:
            request = fill(wire.AnalyzeRequest(), program)
            answers = [client.stub.Remediate(request).remediations for client in (ours, theirs)]
            shown = [
                [(one.policyName, json_format.MessageToDict(one.properties)) for one in answer] for answer in answers
            ]
            assert shown[0] == shown[1]
            assert len(shown[0]) == 1, cases.rule
            mended += 1
    assert mended or pack == "least-privilege"
