"""The same rules as Pulumi's own policy objects: slower, each decodes anew, and the oracle of the tests."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from holdfast_policies import config, exemptions, packs
from holdfast_policies.judge import Choice, Judge, mend, run, run_stack
from holdfast_policies.resource import Options, Provider, Resource, Stack
from holdfast_policies.rule import Rule
from holdfast_policies.values import SENTINELS, UNKNOWN


def arguments(pack: str) -> dict[str, Any]:
    """The arguments of `pulumi_policy.PolicyPack` for a pack."""
    accepted = exemptions.load(exemptions.find(os.environ.get("PULUMI_STACK", "")))
    rules = packs.rules_of(pack)
    return {
        "name": pack,
        "policies": [*(policy(rule, accepted) for rule in rules), *_exemption_policies(rules, accepted)],
        "description": packs.PACKS[pack],
        "display_name": f"Holdfast {pack}",
    }


def policy(rule: Rule, accepted: exemptions.Exemptions) -> Policy:
    """One rule as a Pulumi policy."""
    words = _words(rule)
    if rule.of_stack:
        return StackValidationPolicy(validate=_stack_validation(rule, accepted), **words)
    return ResourceValidationPolicy(
        validate=_validation(rule, accepted), remediate=_remediation(rule) if rule.mend else None, **words
    )


def _exemption_policies(rules: Sequence[Rule], accepted: exemptions.Exemptions) -> list[Policy]:
    judge = Judge(rules=rules, exemptions=accepted)

    def report(wanted: Rule) -> Any:
        def validate(_args: StackValidationArgs, report_violation: ReportViolation) -> None:
            for finding in judge.judge_stack(Stack(())):
                if finding.rule is wanted:
                    report_violation(finding.message, finding.urn)

        return validate

    both = (exemptions.IN_FORCE, exemptions.VALID)
    return [StackValidationPolicy(validate=report(rule), **_words(rule)) for rule in both]


def _words(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "description": rule.title,
        "enforcement_level": EnforcementLevel(rule.level.value),
        "config_schema": PolicyConfigSchema({key: dict(value) for key, value in config.schema(rule).items()}),
        "display_name": rule.name,
        "severity": Severity(rule.severity.value),
        "tags": [rule.subject, *rule.controls],
        "remediation_steps": rule.fix,
    }


def _choice(rule: Rule, given: Mapping[str, Any] | None) -> Choice:
    return config.choose(rule, None, given or {})


def _applies(rule: Rule, kind: str) -> bool:
    return kind in rule.types or "*" in rule.types


def _validation(rule: Rule, accepted: exemptions.Exemptions) -> Any:
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        if _applies(rule, args.resource_type):
            for finding in accepted.sift(run(rule, _choice(rule, args.get_config()), _resource(args))):
                report_violation(finding.message, finding.urn)

    return validate


def _stack_validation(rule: Rule, accepted: exemptions.Exemptions) -> Any:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        stack = Stack([_stack_resource(item) for item in args.resources])
        for finding in accepted.sift(run_stack(rule, _choice(rule, args.get_config()), stack)):
            report_violation(finding.message, finding.urn)

    return validate


def _remediation(rule: Rule) -> Any:
    def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        if not _applies(rule, args.resource_type):
            return None
        changes = mend(rule, _choice(rule, args.get_config()), _resource(args))
        for path, value in changes:
            _set(args.props, path, value)
        return args.props if changes else None

    return remediate


def _set(here: Any, path: Sequence[str], value: Any) -> None:
    *parents, last = path
    for step, following in zip(parents, path[1:], strict=True):
        if step.isdigit():
            here = here[int(step)]
            continue
        if step not in here or here[step] is None:
            here[step] = [] if following.isdigit() else {}
        here = here[step]
    here[last] = value


def _resource(args: ResourceValidationArgs) -> Resource:
    return Resource(
        type=args.resource_type,
        name=args.name or args.urn.rpartition("::")[2],
        urn=args.urn,
        properties=plain(args.props),
        options=_options(args.opts, args.opts.parent),
        provider=_provider(args.provider),
    )


def _stack_resource(item: Any) -> Resource:
    return Resource(
        type=item.resource_type,
        name=item.name or item.urn.rpartition("::")[2],
        urn=item.urn,
        properties=plain(item.props),
        options=_options(item.opts, item.parent.urn if item.parent else None),
        provider=_provider(item.provider),
        dependencies=[dependency.urn for dependency in item.dependencies],
        property_dependencies={
            key: [dependency.urn for dependency in value] for key, value in item.property_dependencies.items()
        },
    )


def _options(opts: Any, parent: str | None) -> Options:
    return Options(
        protect=opts.protect,
        ignore_changes=tuple(opts.ignore_changes),
        delete_before_replace=opts.delete_before_replace,
        parent=parent or "",
    )


def _provider(provider: Any) -> Provider | None:
    if provider is None:
        return None
    return Provider(urn=provider.urn, type=provider.resource_type, name=provider.name, properties=plain(provider.props))


def plain(value: Any) -> Any:
    """Pulumi's proxies as plain values; an unknown value as `UNKNOWN` instead of an exception."""
    if isinstance(value, Mapping):
        target = value["__target"] if hasattr(value, "_DictProxy__target") else value
        return {key: plain(item) for key, item in target.items()}
    if isinstance(value, str):
        return UNKNOWN if value in SENTINELS else value
    if isinstance(value, Sequence):
        target = value["__target"] if hasattr(value, "_ListProxy__target") else value  # type: ignore[call-overload]
        return [plain(item) for item in target]
    return int(value) if isinstance(value, float) and value.is_integer() else value
