"""The Analyzer that Pulumi's engine talks to: each resource is decoded once, whatever the number of rules.

Pulumi's own `PolicyPack` decodes every resource for every policy. This server speaks the same published protocol and
gives the same answers; `standard` builds the `PolicyPack` that the tests compare it with.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as wire
from pulumi.runtime.proto import analyzer_pb2_grpc, plugin_pb2

from holdfast_policies import config, exemptions, packs
from holdfast_policies.exemptions import VALID
from holdfast_policies.judge import Finding, Judge
from holdfast_policies.remedy import apply
from holdfast_policies.rule import Level, Rule
from holdfast_policies.wire import resource_of, stack_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from grpc import ServicerContext as Context

    from holdfast_policies.judge import Choice

_LEVELS = {
    Level.ADVISORY: wire.ADVISORY,
    Level.MANDATORY: wire.MANDATORY,
    Level.REMEDIATE: wire.REMEDIATE,
    Level.DISABLED: wire.DISABLED,
}
_LEVEL_OF = {number: level for level, number in _LEVELS.items()}


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """One pack behind the protocol."""

    def __init__(self, pack: str) -> None:
        self._pack = pack
        self._rules = packs.policies_of(pack)
        self._version = packs.version()
        self._judge = self._new_judge({})

    def GetAnalyzerInfo(self, request: empty_pb2.Empty, context: Context) -> wire.AnalyzerInfo:  # noqa: ARG002, N802
        """What the pack is and which policies it has."""
        return wire.AnalyzerInfo(
            name=self._pack,
            displayName=f"Holdfast {self._pack}",
            version=self._version,
            description=packs.PACKS[self._pack],
            supportsConfig=True,
            policies=[_policy_info(rule) for rule in self._rules],
        )

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:  # noqa: ARG002, N802
        """The version of the plugin."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Configure(self, request: wire.ConfigureAnalyzerRequest, context: Context) -> empty_pb2.Empty:  # noqa: ARG002, N802
        """Take levels and settings from the engine, which has validated them."""
        chosen = {}
        for rule in self._rules:
            if rule.name in request.policyConfig:
                entry = request.policyConfig[rule.name]
                given = json_format.MessageToDict(entry.properties)
                chosen[rule.name] = config.choose(rule, _LEVEL_OF[entry.enforcementLevel], given)
        self._judge = self._new_judge(chosen)
        return empty_pb2.Empty()

    def _new_judge(self, chosen: Mapping[str, Choice]) -> Judge:
        file = chosen[VALID.name].settings["file"] if VALID.name in chosen else ""
        accepted = exemptions.load(exemptions.find(os.environ.get("PULUMI_STACK", ""), file))
        return Judge(rules=packs.rules_of(self._pack), choices=chosen, exemptions=accepted)

    def ConfigureStack(  # noqa: N802
        self,
        request: wire.AnalyzerStackConfigureRequest,  # noqa: ARG002
        context: Context,  # noqa: ARG002
    ) -> wire.AnalyzerStackConfigureResponse:
        """Learn which stack is judged; the rules do not depend on it."""
        return wire.AnalyzerStackConfigureResponse()

    def Analyze(self, request: wire.AnalyzeRequest, context: Context) -> wire.AnalyzeResponse:  # noqa: ARG002, N802
        """Judge one resource."""
        return self._answer(self._judge.judge(resource_of(request)))

    def AnalyzeStack(self, request: wire.AnalyzeStackRequest, context: Context) -> wire.AnalyzeResponse:  # noqa: ARG002, N802
        """Judge the whole stack."""
        return self._answer(self._judge.judge_stack(stack_of(request)))

    def Remediate(self, request: wire.AnalyzeRequest, context: Context) -> wire.RemediateResponse:  # noqa: ARG002, N802
        """Mend what the rules set to `remediate` can mend; each sees what the one before it made."""
        response = wire.RemediateResponse()
        for rule in self._rules:
            for mending, changes in self._judge.mends(resource_of(request)):
                if mending is rule:
                    request.properties.CopyFrom(apply(request.properties, changes))
                    response.remediations.append(self._remediation(rule, request.properties))
        return response

    def _remediation(self, rule: Rule, properties: struct_pb2.Struct) -> wire.Remediation:
        return wire.Remediation(
            policyName=rule.name,
            policyPackName=self._pack,
            policyPackVersion=self._version,
            description=rule.title,
            properties=properties,
        )

    def _answer(self, findings: Iterable[Finding]) -> wire.AnalyzeResponse:
        return wire.AnalyzeResponse(diagnostics=[self._diagnostic(finding) for finding in findings])

    def _diagnostic(self, finding: Finding) -> wire.AnalyzeDiagnostic:
        return wire.AnalyzeDiagnostic(
            policyName=finding.rule.name,
            policyPackName=self._pack,
            policyPackVersion=self._version,
            description=finding.rule.title,
            message=f"{finding.rule.title}\n{finding.message}",
            enforcementLevel=_LEVELS[finding.level],
            severity=_severity(finding.rule),
            urn=finding.urn,
        )


def _severity(rule: Rule) -> wire.PolicySeverity.ValueType:
    number: wire.PolicySeverity.ValueType = wire.PolicySeverity.Value(f"POLICY_SEVERITY_{rule.severity.name}")
    return number


def _policy_info(rule: Rule) -> wire.PolicyInfo:
    info = wire.PolicyInfo(
        name=rule.name,
        displayName=rule.name,
        description=rule.title,
        enforcementLevel=_LEVELS[rule.level],
        policy_type=wire.POLICY_TYPE_STACK if rule.of_stack else wire.POLICY_TYPE_RESOURCE,
        severity=_severity(rule),
        remediation_steps=rule.fix,
        tags=[rule.subject, *rule.controls],
    )
    settings: dict[str, Any] = {key: dict(value) for key, value in config.schema(rule).items()}
    info.configSchema.properties.update(settings)
    return info
