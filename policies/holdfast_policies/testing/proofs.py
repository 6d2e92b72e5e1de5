"""A mutation for every rule, and which rules follow from the same fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from holdfast_policies import kinds
from holdfast_policies.packs import all_rules
from holdfast_policies.resource import Resource
from holdfast_policies.testing.mutations import Add, Break, Mutation, Remove, RemoveAlarms, RemoveFrom, Unset
from holdfast_policies.testing.sound import AWAY, make
from holdfast_policies.testing.tables import ALL

if TYPE_CHECKING:
    from holdfast_policies.rule import Rule
    from holdfast_policies.testing.cases import Cases, Program
    from holdfast_policies.testing.mutations import Edit

_OWN: Final[dict[str, Edit]] = {
    "dynamodb-in-backup-plan": Remove(kinds.BACKUP_SELECTION),
    "backup-vault-lock": Remove(kinds.BACKUP_LOCK),
    "backup-restore-testing-plan": Remove(kinds.BACKUP_TESTING),
    "ebs-at-rest": Unset(kinds.LAUNCH_TEMPLATE, "blockDeviceMappings"),
    "vpc-dynamodb-endpoint": Remove(kinds.ENDPOINT),
    "vpc-flow-logs": Remove(kinds.FLOW_LOG),
    "vpc-default-sg-closed": Remove(kinds.DEFAULT_SECURITY_GROUP),
    "dynamodb-contributor-insights": Remove(kinds.CONTRIBUTOR_INSIGHTS),
    "kms-multi-region-replica-present": Remove(kinds.REPLICA_KEY),
    "s3-kms": Remove(*kinds.BUCKET_ENCRYPTION),
    "s3-tls-only": Remove(kinds.BUCKET_POLICY),
    "s3-versioning": Remove(*kinds.BUCKET_VERSIONING),
    "dynamodb-throttle-alarm": RemoveAlarms("ReadThrottleEvents", "WriteThrottleEvents", "ThrottledRequests"),
    "dynamodb-system-error-alarm": RemoveAlarms("SystemErrors"),
    "dynamodb-replication-latency-alarm": RemoveAlarms("ReplicationLatency"),
    "dynamodb-autoscaling-or-on-demand": Remove(kinds.AUTOSCALING_TARGET),
    "dynamodb-minimum-replicas": Remove(kinds.REPLICA),
    "dax-per-replica-region": RemoveFrom(kinds.DAX, AWAY),
    "regional-stack-parity": RemoveFrom(kinds.LOG_GROUP, AWAY),
    "config-recorder": Remove(kinds.CONFIG_RECORDER, kinds.CONFIG_STATUS),
    "guardduty-enabled": Remove(kinds.GUARDDUTY),
    "budget-alarm": Remove(kinds.BUDGET),
    "apigateway-waf": Remove(kinds.WEB_ACL_ASSOCIATION),
    "waf-logging": Remove(kinds.WEB_ACL_LOGGING),
}
"""What is taken from the deployment itself. Where it has none of it, the rule's table is put into it instead."""

_ADDED: Final[dict[str, Edit]] = {
    "resource-region-allowlist": Add(make(kinds.REPLICA, "proof")),
    "dynamodb-replica-allowlist": Add(make(kinds.REPLICA, "proof")),
    "kms-replica-allowlist": Add(make(kinds.REPLICA_KEY, "proof")),
    "backup-copy-allowlist": Add(make(kinds.BACKUP_PLAN, "proof")),
    "iam-no-user-policies": Add(make(kinds.USER_POLICY, "proof", user="somebody")),
    "dynamodb-no-legacy-global-table": Add(make(kinds.GLOBAL_TABLE, "proof")),
    "config-recorder": Add(make(kinds.CONFIG_RECORDER, "proof", recordingGroup={"allSupported": False})),
    "guardduty-enabled": Add(sound=[make(kinds.GUARDDUTY, "proof")]),
}
"""Faults that are a whole resource, e.g. a sound one in a region that the rule's settings exclude."""

_FOLLOWS: Final[dict[str, tuple[str, ...]]] = {
    # what a replica lacks is lacking in itself, and against its table
    "dynamodb-replica-cmk-in-region": ("dynamodb-replica-parity",),
    "dynamodb-replica-pitr": ("dynamodb-replica-parity",),
    "dynamodb-replica-parity": ("dynamodb-replica-pitr",),
    # more replicas are more regions, each with needs of its own
    "dynamodb-mrsc-regions-valid": (
        "dax-per-replica-region",
        "dynamodb-replica-ceiling",
        "dynamodb-replication-latency-alarm",
        "kms-multi-region-replica-present",
    ),
    "dynamodb-replica-ceiling": (
        "dax-per-replica-region",
        "dynamodb-replication-latency-alarm",
        "kms-multi-region-replica-present",
        "regional-stack-parity",
    ),
    "dax-per-replica-region": ("regional-stack-parity",),
    "regional-stack-parity": ("dax-per-replica-region",),
    # a backup rule without copies also copies nowhere
    "backup-retention-minimum": ("backup-cross-region-copy",),
    # an action on every resource is of several kinds
    "iam-no-admin": ("iam-kms-decrypt-scoped",),
    "iam-no-service-wildcard": (
        "iam-access-level-budget",
        "iam-app-role-no-scan",
        "iam-resource-scoped-where-supported",
    ),
    "iam-no-allow-not-action": ("iam-no-privilege-escalation",),
    "iam-no-privilege-escalation": ("iam-resource-scoped-where-supported",),
    "iam-passrole-scoped": ("iam-resource-scoped-where-supported",),
    "iam-access-level-budget": ("iam-app-role-no-scan", "iam-no-service-wildcard"),
    "iam-kms-decrypt-scoped": ("iam-resource-scoped-where-supported",),
    # without any endpoint there is none of the other services either
    "vpc-dynamodb-endpoint": ("vpc-interface-endpoints",),
    # capacity without a limit costs money
    "dynamodb-capacity-ceiling": ("dynamodb-autoscaling-or-on-demand", "estimated-monthly-cost"),
    "estimated-monthly-cost": ("dynamodb-autoscaling-or-on-demand", "dynamodb-capacity-ceiling"),
    # the tag that says how sensitive data is is one of those required
    "data-classification-tag": ("required-tags",),
}
"""Rules that speak of the same fault, declared before the proof is run."""


def mutation(rule: Rule, cases: Cases, follows: frozenset[str] = frozenset()) -> Mutation:
    """The mutation for a rule."""
    edits = [edit for edit in (_OWN.get(rule.name), _ADDED.get(rule.name)) if edit is not None]
    if rule.of_stack:
        edits.append(Add(*_program(cases.fails[0]), sound=_program(cases.passes[0])))
    elif not edits:
        edits.append(Break(rule, cases))
    return Mutation(rule=rule.name, edits=tuple(edits), follows=follows, settings=cases.settings)


def _program(program: Program) -> tuple[Resource, ...]:
    return (program,) if isinstance(program, Resource) else tuple(program)


_RULES: Final = {rule.name: rule for rule in all_rules()}

MUTATIONS: Final = tuple(mutation(_RULES[cases.rule], cases, frozenset(_FOLLOWS.get(cases.rule, ()))) for cases in ALL)
"""One for each rule, in the order of the catalogue."""
