"""Borders: network ACLs, private services, item-level roles, secrets, and how long what is recorded is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from awsfacts import dax
from ops.readiness.finding import Finding, none, shown
from ops.readiness.lines import Lines
from ops.readiness.structure import TIERS

if TYPE_CHECKING:
    from collections.abc import Iterator

ANYWHERE = ("0.0.0.0/0", "::/0")
EPHEMERAL = 1024
"""From this port on answers arrive (VPC user guide, "Ephemeral ports")."""
HTTPS = 443
LIFECYCLE = "bucketLifecycleConfiguration:BucketLifecycleConfiguration"


class Borders(Lines):
    """What is let in, to whom, and for how long it is remembered."""

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        yield from self._network()
        yield from self._identities()
        yield from self._records()

    def _network(self) -> Iterator[Finding]:
        network = self.settings.network
        if network is None:
            for line in ("network-acls", "private-services"):
                yield none(line, "network", "the stack file has no holdfast:network")
            return
        for region in self.regions:
            for tier in TIERS:
                lists = list(self.deployed.named("aws:ec2/networkAcl:NetworkAcl", f"{region}-{tier}-acl"))
                narrow = bool(lists) and all(_is_narrow(one, public=tier == "public") for one in lists)
                yield shown("network-acls", f"{region}/{tier}", narrow, "an ACL that lets in no more than the tier's")
            for service in network.interface_endpoints:
                if service == "dax" and region not in dax.REGIONS:
                    yield none("private-services", f"{region}/{service}", "the region has no DAX")
                    continue
                private = any(
                    str(one.get("serviceName")).endswith(f".{service}") and one.get("privateDnsEnabled") is True
                    for one in self.found("aws:ec2/vpcEndpoint:VpcEndpoint", region)
                )
                yield shown("private-services", f"{region}/{service}", private, "an endpoint with a private name")

    def _identities(self) -> Iterator[Finding]:
        security = self.settings.security
        if security is None or not security.item_access:
            yield none("item-access", "roles", "the stack file names no role with item-level access")
        if security is None or not security.secrets:
            yield none("secrets", "secrets", "the stack file names no secret")
        if security is None:
            return
        prefix = self.settings.stack.name_prefix
        for name, access in security.item_access.items():
            for region in self.regions:
                documents = self.deployed.named("aws:iam/rolePolicy:RolePolicy", f"{region}-{name}-policy")
                keyed = any(
                    "dynamodb:LeadingKeys" in str(one.get("policy")) and access.session_tag in str(one.get("policy"))
                    for one in documents
                )
                yield shown(
                    "item-access", f"{region}/{name}", keyed, f"a role bound to the session's {access.session_tag}"
                )
        for name, secret in security.secrets.items():
            kept = [
                one for one in self.found("aws:secretsmanager/secret:Secret") if one.get("name") == f"{prefix}/{name}"
            ]
            copies = {copy.get("region") for one in kept for copy in one.get("replicas") or []}
            sealed = any(one.get("kmsKeyId") for one in kept)
            yield shown("secrets", f"{name}/key", sealed, "a secret under a customer-managed key")
            for region in self.regions[1:]:
                yield shown("secrets", f"{name}/{region}", region in copies, "a copy of the secret")
            turned = any(
                (one.get("rotationRules") or {}).get("automaticallyAfterDays") == secret.rotation_days
                for one in self.deployed.named("aws:secretsmanager/secretRotation:SecretRotation", f"rotation-{name}")
            )
            yield shown("secrets", f"{name}/rotation", turned, f"a rotation every {secret.rotation_days} days")

    def _records(self) -> Iterator[Finding]:
        audit = self.settings.security.audit if self.settings.security else None
        for purpose, asked in (("trail", audit and audit.trail), ("changes", audit and audit.changes)):
            if audit is None or not asked:
                yield none("audit-retention", purpose, f"the stack file asks for no {purpose}")
                continue
            kept = any(
                str(one.get("bucket")).endswith(f"-{purpose}")
                and any(
                    ((rule.get("expiration") or {}).get("days") or 0) >= audit.retention_days
                    for rule in one.get("rules") or []
                )
                for one in self.found(f"aws:s3/{LIFECYCLE}")
            )
            yield shown("audit-retention", purpose, kept, f"that it is kept {audit.retention_days} days")
        if audit is None or not audit.changes:
            yield none("audit-retention", "lock", "the stack file does not record changes")
        else:
            locked = self.has("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", None, lambda one: (
                str(one.get("bucket")).endswith("-changes")
                and (((one.get("rule") or {}).get("defaultRetention") or {}).get("days") or 0) >= audit.retention_days
            ))  # fmt: skip
            yield shown("audit-retention", "lock", locked, "a lock on the records of changes")
        if audit is None or not audit.account_wide:
            yield none("access-analyzer", "account", "another stack owns what is once per account")
        for region in self.regions if audit and audit.account_wide else ():
            looked = self.has("aws:accessanalyzer/analyzer:Analyzer", region)
            yield shown("access-analyzer", region, looked, "an access analyzer")


def _is_narrow(acl: dict[str, Any], *, public: bool) -> bool:
    """Whether what anybody may send is answers alone, and HTTPS where the tier is public.

    An ACL without a rule lets nothing in: it is not the tier's, and shows nothing.
    """
    rules = acl.get("ingress") or []
    for rule in rules:
        source = rule.get("cidrBlock") or rule.get("ipv6CidrBlock")
        if rule.get("action") != "allow" or source not in ANYWHERE:
            continue
        first, last = rule.get("fromPort"), rule.get("toPort")
        https = public and first == last == HTTPS
        if rule.get("protocol") == "-1" or not (https or (isinstance(first, int) and first >= EPHEMERAL)):
            return False
    return bool(rules) and bool(acl.get("subnetIds")) and "cidrBlock" in json.dumps(rules)
