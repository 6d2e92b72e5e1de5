"""In which regions data may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from awsfacts.iam.arn import split
from holdfast_policies import kinds
from holdfast_policies.rule import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Settings

residency = Subject("residency", pack="least-privilege")

_REGIONS: Final[dict[str, Any]] = {
    "regions": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Regions where data may be; none means anywhere.",
    }
}
_FIX: Final = "use one of the regions of the rule's setting, or add the region to it"
_WHY: Final = "Data in a country that contracts or law exclude cannot be called back."


def _elsewhere(region: str, settings: Settings) -> bool:
    return bool(settings["regions"]) and bool(region) and region not in settings["regions"]


@residency.rule(
    "resource-region-allowlist",
    "*",
    severity=Severity.HIGH,
    title="Resources are made in allowed regions only",
    why=_WHY,
    fix=_FIX,
    settings=_REGIONS,
)
def resource_region(resource: Resource, settings: Settings) -> Iterator[str]:
    """A resource's own region, or its provider's."""
    if settings["regions"] and resource.type.startswith("aws:") and _elsewhere(resource.region, settings):
        yield f"is made in {resource.region}"


@residency.rule(
    "dynamodb-replica-allowlist",
    kinds.TABLE,
    kinds.REPLICA,
    severity=Severity.HIGH,
    title="Tables are replicated to allowed regions only",
    why=_WHY,
    fix=_FIX,
    settings=_REGIONS,
)
def replica_region(resource: Resource, settings: Settings) -> Iterator[str]:
    """Inline replicas, witnesses, and replicas of their own."""
    if not settings["regions"]:
        return
    places = [resource.region] if resource.type == kinds.REPLICA else []
    places += [one.text("regionName") for name in ("replicas", "globalTableWitness") for one in resource.views(name)]
    for region in places:
        if _elsewhere(region, settings):
            yield f"is replicated to {region}"


@residency.rule(
    "backup-copy-allowlist",
    kinds.BACKUP_PLAN,
    severity=Severity.HIGH,
    title="Backups are copied to allowed regions only",
    why=_WHY,
    fix=_FIX,
    settings=_REGIONS,
)
def backup_copy_region(plan: Resource, settings: Settings) -> Iterator[str]:
    """The regions of the vaults that rules copy to."""
    if not settings["regions"]:
        return
    for rule in plan.views("rules"):
        for copy in rule.views("copyActions"):
            vault = split(copy.text("destinationVaultArn"))
            if vault is not None and _elsewhere(vault.region, settings):
                yield f"copies backups to {vault.region}"


@residency.stack_rule(
    "s3-replication-allowlist",
    kinds.BUCKET_REPLICATION,
    *kinds.BUCKETS,
    severity=Severity.HIGH,
    title="Buckets are replicated to allowed regions only",
    why=_WHY,
    fix=_FIX,
    settings=_REGIONS,
)
def bucket_replication_region(stack: Stack, settings: Settings) -> Iterator[tuple[Resource, str]]:
    """A bucket's ARN has no region: it is looked up where the bucket is of this stack."""
    if not settings["regions"]:
        return
    for replication in stack.of(kinds.BUCKET_REPLICATION):
        for bucket in stack.of(*kinds.BUCKETS):
            targeted = stack.refers(replication, "rules", bucket) and not stack.refers(replication, "bucket", bucket)
            if targeted and _elsewhere(bucket.region, settings):
                yield replication, f"replicates objects to {bucket.region}"


@residency.rule(
    "kms-replica-allowlist",
    kinds.REPLICA_KEY,
    severity=Severity.HIGH,
    title="Keys are replicated to allowed regions only",
    why="A key in an excluded region decrypts there whatever reaches it.",
    fix=_FIX,
    settings=_REGIONS,
)
def key_region(key: Resource, settings: Settings) -> Iterator[str]:
    """The replica's region."""
    if settings["regions"] and _elsewhere(key.region, settings):
        yield f"is a replica in {key.region}"


@residency.rule(
    "provider-region-explicit",
    "*",
    severity=Severity.LOW,
    title="The program names the region of everything it makes",
    why="With the default provider the region comes from somebody's environment, and so may the data.",
    fix="pass ResourceOptions(provider=aws.Provider('us-east-1', region='us-east-1')), or region= of the resource",
)
def region_explicit(resource: Resource, _settings: Settings) -> Iterator[str]:
    """Providers without a region, and resources of a default provider that name none of their own."""
    if resource.type == kinds.PROVIDER:
        if not resource.has("region") and not resource.name.startswith("default"):
            yield "is a provider without a region"
        return
    if not resource.type.startswith("aws:") or resource.provider is None or not resource.provider.is_default:
        return
    configured = resource.provider.properties.get("region")
    if not configured and not resource.has("region") and resource.type.split(":")[1].split("/")[0] not in _GLOBAL:
        yield "takes its region from the environment"


_GLOBAL: Final = frozenset({"iam", "route53", "cloudfront", "budgets", "shield", "organizations", "globalaccelerator"})
"""Services without a region."""
