"""What the reference architectures also ask for, of things that a stack file cannot ask for.

Each is named, so that nobody reads a score of 1 as an answer to it. None of it is judged: a stack that has such a thing
has it beside this program.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ops.readiness.finding import Finding, none
from ops.readiness.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RELATIONAL = "a stack file has no relational database"
_SEARCH = "a stack file has no search domain"
_STREAMING = "a stack file has no event streaming cluster"
_QUEUES = "a stack file has no queues or workflows beside those of its functions"
_PIPELINE = "the pipeline's account is set up by holdfast bootstrap, which is a stack of its own"
_ACCOUNT = "it is of the account or its organisation, not of a stack"
_TOOLS = "a stack file has no add-ons of a cluster beside those of AWS"
_PEOPLE = "no file of a stack shows what people do"
ELSEWHERE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "relational": {
            "standby-in-another-zone": _RELATIONAL,
            "failover-test": _RELATIONAL,
            "global-replica": _RELATIONAL,
            "readers": _RELATIONAL,
            "encryption-and-forced-tls": _RELATIONAL,
            "recovery-window": _RELATIONAL,
            "connection-pool": _RELATIONAL,
        },
        "search": {"three-zones": _SEARCH, "dedicated-masters": _SEARCH, "encryption": _SEARCH},
        "streaming": {"in-sync-replicas": _STREAMING, "replication-factor": _STREAMING, "encryption": _STREAMING},
        "messaging": {"queue-before-functions": _QUEUES, "dead-letters": _QUEUES, "workflows": _QUEUES},
        "files": {
            "mount-target-in-each-zone": "a stack file has no shared file system",
            "media-buckets": "a stack file has no buckets for an application's files",
        },
        "instances": {
            "scaling-group-in-each-zone": "a stack file has no instances of its own: compute is EKS or functions",
            "container-services": "a stack file has no ECS services: compute is EKS or functions",
            "block-replication": "a stack file has no servers to replicate",
        },
        "identity": {
            "user-pool": "a stack file names an issuer of tokens, and does not run one",
            "single-sign-on": _ACCOUNT,
            "second-factor": _ACCOUNT,
            "break-glass-role": _ACCOUNT,
            "session-manager": "a stack file has no hosts that a person signs in to",
        },
        "account": {
            "posture-standards": _ACCOUNT,
            "vulnerability-inspection": _ACCOUNT,
            "denial-of-service-protection": "AWS Shield Advanced is bought for an account, at 3,000 US dollars a month",
            "account-per-environment": _ACCOUNT,
            "savings-plans": _ACCOUNT,
            "reserved-capacity": "a reservation is bought for an account; holdfast capacity says whether it pays",
        },
        "content-delivery": {
            "distribution": "a stack file has no content delivery network",
            "field-encryption-at-the-edge": "a stack file has no content delivery network; its clients encrypt fields",
        },
        "cluster-tools": {
            "runtime-threats": _TOOLS,
            "admission-policies": "policies are judged before deployment, by the policy packs",
            "mesh": _TOOLS,
            "node-provisioner": _TOOLS,
            "metrics-server-of-its-own": _TOOLS,
            "cluster-backups": "a cluster holds no state: the program makes it anew",
        },
        "delivery": {
            "short-lived-credentials": _PIPELINE,
            "scan-before-push": "a stack file builds no container images; its repository scans what is pushed",
            "configuration-from-git": "workloads are deployed by this program itself, from its repository",
            "feature-flags": "what a service switches on is its own, not the stack's",
        },
        "residency": {
            "residency-by-region": "a global table replicates to every region that the stack file names",
            "right-to-erasure": "what is erased, and when, is the application's: a stack keeps TTL and keys",
            "data-flows-for-auditors": _PEOPLE,
        },
        "people": {
            "on-call": _PEOPLE,
            "penetration-tests": _PEOPLE,
            "post-incident-reviews": _PEOPLE,
            "access-reviews": _PEOPLE,
            "chaos-with-people": "drills are evidence of their own; who took part is not recorded",
            "incident-plan": _PEOPLE,
            "monthly-cost-review": _PEOPLE,
            "training": _PEOPLE,
        },
    }
)
"""Line → subject → why it does not apply."""


class Elsewhere(Lines):
    """What is asked of things that a stack file cannot ask for."""

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        for line, subjects in ELSEWHERE.items():
            for subject, reason in subjects.items():
                yield none(line, subject, reason, required=False)
