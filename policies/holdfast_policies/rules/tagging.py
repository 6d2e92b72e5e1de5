"""Tags: whose it is, what it is for, how sensitive it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from awsfacts.iam.glob import matches
from holdfast_policies import kinds
from holdfast_policies.graph import replicas_of, tags_of
from holdfast_policies.rule import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Change, Settings

tagging = Subject("tagging", pack="operations")

TAGGED: Final = (
    kinds.TABLE, kinds.REPLICA, kinds.KEY, kinds.REPLICA_KEY, *kinds.BUCKETS, kinds.DAX, kinds.CACHE_GROUP,
    kinds.CACHE_CLUSTER, kinds.CACHE_SERVERLESS, kinds.QUEUE, kinds.TOPIC, kinds.FUNCTION, kinds.EKS, kinds.EKS_NODES,
    kinds.VPC, kinds.SUBNET, kinds.SECURITY_GROUP, kinds.ROLE, kinds.LOG_GROUP, kinds.TRAIL, kinds.SECRET,
    kinds.REPOSITORY, kinds.BACKUP_VAULT, kinds.BACKUP_PLAN, kinds.INSTANCE, kinds.ALARM, kinds.FIS,
    kinds.REST_API, kinds.REST_STAGE, kinds.HTTP_API, kinds.HTTP_STAGE, kinds.WEB_ACL,
)  # fmt: skip
"""Types that have tags and that somebody pays for, owns or looks for."""

_HOLDS_DATA: Final = (
    kinds.TABLE, kinds.REPLICA, *kinds.BUCKETS, kinds.CACHE_GROUP, kinds.DAX, kinds.QUEUE, kinds.SECRET,
)  # fmt: skip


def _mend(resource: Resource, settings: Settings) -> Iterator[Change]:
    tags = tags_of(resource)
    for name in settings["tags"]:
        if tags.data.get(name) in (None, "") and name in settings["values"]:
            yield ("tags", name), settings["values"][name]


@tagging.rule(
    "required-tags",
    *TAGGED,
    severity=Severity.LOW,
    title="A resource has the required tags",
    why="Nobody knows whom to ask, what to charge, or whether it may be deleted.",
    fix="add the missing tags, in one stack transform for all resources",
    controls=(
        "Security Hub DynamoDB.5",
        "Security Hub Backup.3",
        "Security Hub Backup.5",
        "Security Hub EKS.6",
        "Security Hub IAM.24",
        "Security Hub Lambda.6",
        "Security Hub SNS.3",
        "Security Hub SQS.2",
    ),
    settings={
        "tags": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["Environment", "Service", "Owner", "CostCenter", "DataClassification"],
            "description": "Names of tags that every resource has.",
        },
        "values": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "default": {},
            "description": "What remediation writes for a missing tag, by tag; tags without an entry are left.",
        },
    },
    mend=_mend,
)
def required_tags(resource: Resource, settings: Settings) -> Iterator[str]:
    """Provider default tags count where they are known."""
    tags = tags_of(resource)
    missing = [name for name in settings["tags"] if tags.data.get(name) in (None, "")]
    if missing:
        yield f"lacks the tag{'' if len(missing) == 1 else 's'} {', '.join(missing)}"


@tagging.rule(
    "tag-values-allowed",
    *TAGGED,
    severity=Severity.LOW,
    title="A tag has one of its allowed values",
    why="'prod', 'Prod' and 'production' are three environments to whoever counts.",
    fix="use one of the values of the rule's setting",
    settings={
        "allowed": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "default": {
                "Environment": ["production", "staging", "development", "test", "sandbox", "dr"],
                "DataClassification": ["public", "internal", "confidential", "restricted"],
            },
            "description": "Allowed values by tag, with * and ?.",
        }
    },
)
def tag_values(resource: Resource, settings: Settings) -> Iterator[str]:
    """Only tags that are there, and only those of the setting."""
    tags = tags_of(resource)
    for name, allowed in settings["allowed"].items():
        value = tags.text(name)
        if value and not any(matches(pattern, value) for pattern in allowed):
            yield f"has tag {name}={value!r}, and {', '.join(allowed)} are allowed"


@tagging.rule(
    "data-classification-tag",
    *_HOLDS_DATA,
    severity=Severity.LOW,
    title="What holds data says how sensitive it is",
    why="Who is to decide about access, copies and retention needs to know.",
    fix="add the tag DataClassification, e.g. 'confidential'",
    settings={
        "tag": {"type": "string", "default": "DataClassification", "description": "Name of the tag."},
    },
)
def data_classification(resource: Resource, settings: Settings) -> Iterator[str]:
    """The tag of the setting."""
    if tags_of(resource).data.get(settings["tag"]) in (None, ""):
        yield f"holds data and has no tag {settings['tag']}"


@tagging.stack_rule(
    "tags-match-across-replicas",
    kinds.TABLE,
    kinds.REPLICA,
    severity=Severity.LOW,
    title="A replica has the tags of its table",
    why="A replica's tags are its own: bills, backups and access by tag miss it.",
    fix="give the replica the tags of the table, or propagate_tags=True to an inline one",
    settings={
        "except": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["Name", "Region", "aws:*"],
            "description": "Tags that may differ, with * and ?.",
        }
    },
)
def replica_tags(stack: Stack, settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Inline replicas propagate or do not; replicas of their own are compared."""

    def counted(tags: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in tags.items() if not any(matches(pattern, k) for pattern in settings["except"])}

    for table in stack.of(kinds.TABLE):
        own = counted(dict(tags_of(table).data))
        for inline in table.views("replicas"):
            if own and not inline.flag("propagateTags"):
                yield table, f"does not give its tags to its replica in {inline.text('regionName')}"
        for replica in replicas_of(stack, table):
            theirs = counted(dict(tags_of(replica).data))
            differing = sorted(key for key in own.keys() | theirs.keys() if own.get(key) != theirs.get(key))
            if differing:
                yield replica, f"differs from table {table.name} in the tags {', '.join(differing)}"
