"""What runs the application, and options that blunt other rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from awsfacts.iam.glob import matches
from awsfacts.lifecycles import kubernetes_oldest, lambda_deprecated
from holdfast_policies import kinds
from holdfast_policies.days import DAY, day_of
from holdfast_policies.documents import types_with
from holdfast_policies.rule import Level, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Change, Settings

compute = Subject("compute", pack="operations")


@compute.rule(
    "lambda-supported-runtime",
    kinds.FUNCTION,
    severity=Severity.HIGH,
    title="A function's runtime still gets security fixes",
    why="AWS patches no deprecated runtime, and some day refuses to update functions on it.",
    fix="move to a supported runtime, e.g. 'python3.14' or 'nodejs24.x'",
    controls=("Security Hub Lambda.2",),
    settings={
        "day": DAY,
        "also": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "More runtimes that are not wanted, with * and ?.",
        },
    },
)
def supported_runtime(function: Resource, settings: Settings) -> Iterator[str]:
    """By the date of AWS's table. Functions from images have no runtime, one that is not in the table no date."""
    runtime = function.text("runtime")
    end = lambda_deprecated(runtime, day_of(settings))
    if end is not None:
        yield f"runs on {runtime}, which AWS deprecated on {end}"
    elif any(matches(pattern, runtime) for pattern in settings["also"]):
        yield f"runs on {runtime}, which is not wanted"


@compute.stack_rule(
    "lambda-failure-destination",
    kinds.FUNCTION,
    kinds.INVOKE_CONFIG,
    kinds.EVENT_SOURCE,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    title="An event that a function cannot handle is kept",
    why="After two retries an asynchronous event is dropped without a trace.",
    fix="add an aws.lambda_.FunctionEventInvokeConfig with destination_config on failure, or a dead_letter_config",
)
def failure_destination(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """A dead letter queue, or a destination of its invocations or of its event sources."""
    for function in stack.of(kinds.FUNCTION):
        carriers = [
            carrier
            for carrier in stack.referring(function, "functionName", kinds.INVOKE_CONFIG, kinds.EVENT_SOURCE)
            if carrier.view("destinationConfig").view("onFailure")
        ]
        if not carriers and not function.view("deadLetterConfig").has("targetArn"):
            yield function, "drops events that it cannot handle"


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


@compute.rule(
    "eks-supported-version",
    kinds.EKS,
    severity=Severity.HIGH,
    title="A cluster's Kubernetes version has standard support",
    why="After it AWS bills several times as much for a cluster's hour, and a year later upgrades it by itself.",
    fix="raise version, or leave it out for the newest",
    controls=("Security Hub EKS.2",),
    settings={
        "day": DAY,
        "extended": {
            "type": "boolean",
            "default": False,
            "description": "Whether extended support, which costs more, is enough.",
        },
        "minimum": {
            "type": "string",
            "pattern": r"^(1\.\d+)?$",
            "default": "",
            "description": "Oldest version; by default the oldest that AWS's calendar supports on the day.",
        },
    },
)
def supported_kubernetes(cluster: Resource, settings: Settings) -> Iterator[str]:
    """Compared by numbers."""
    version = cluster.text("version")
    oldest = _version(settings["minimum"]) or kubernetes_oldest(day_of(settings), extended=settings["extended"])
    if version and _version(version) < oldest:
        yield f"runs Kubernetes {version}, and {'.'.join(map(str, oldest))} is the oldest allowed"


def _require_tokens(node: Resource, _settings: Settings) -> Iterator[Change]:
    if node.type != kinds.EKS_NODES:
        yield ("metadataOptions", "httpTokens"), "required"


@compute.rule(
    "node-imdsv2",
    kinds.LAUNCH_TEMPLATE,
    kinds.INSTANCE,
    kinds.EKS_NODES,
    severity=Severity.HIGH,
    title="An instance gives its credentials to sessions only (IMDSv2)",
    why="With version 1 of the metadata service a forged request on the server is enough to read its credentials.",
    fix="set metadata_options={'http_tokens': 'required'}, of a managed node group in a launch template",
    controls=(
        "Security Hub EC2.8",
        "Security Hub EC2.170",
    ),
    mend=_require_tokens,
)
def imdsv2(node: Resource, _settings: Settings) -> Iterator[str]:
    """Tokens are required, or the service is off. A managed node group has this from a launch template only."""
    if node.type == kinds.EKS_NODES:
        if not node.has("launchTemplate"):
            yield "has no launch template that requires sessions of its nodes"
        return
    options = node.view("metadataOptions")
    if options.text("httpEndpoint") != "disabled" and options.text("httpTokens") != "required":
        yield "gives its credentials to any request"


def _scan_and_freeze(repository: Resource, _settings: Settings) -> Iterator[Change]:
    if not repository.view("imageScanningConfiguration").flag("scanOnPush"):
        yield ("imageScanningConfiguration", "scanOnPush"), True
    if not repository.text("imageTagMutability").startswith("IMMUTABLE"):
        yield ("imageTagMutability",), "IMMUTABLE"


@compute.rule(
    "ecr-scan-and-immutable",
    kinds.REPOSITORY,
    title="Images are scanned, and a tag keeps its image",
    why="A tag that can be moved runs another image than the one that was tested.",
    fix="set image_scanning_configuration={'scan_on_push': True} and image_tag_mutability='IMMUTABLE'",
    controls=("Security Hub ECR.1", "Security Hub ECR.2"),
    mend=_scan_and_freeze,
)
def scan_and_immutable(repository: Resource, _settings: Settings) -> Iterator[str]:
    """Both settings."""
    if not repository.view("imageScanningConfiguration").flag("scanOnPush"):
        yield "does not scan its images"
    if not repository.text("imageTagMutability").startswith("IMMUTABLE"):
        yield "lets tags move"


_GUARDED: Final = (
    "serverSideEncryption", "pointInTimeRecovery", "deletionProtectionEnabled", "streamEnabled", "kmsKeyArn",
    "kmsKeyId", "enableKeyRotation", "deletionWindowInDays", "policy", "assumeRolePolicy", "inlinePolicies",
    "atRestEncryptionEnabled", "transitEncryptionEnabled", "enableLogFileValidation", "isMultiRegionTrail",
    "ingress", "egress", "vpcConfig", "encryptionConfig", "metadataOptions", "blockDeviceMappings",
)  # fmt: skip


@compute.rule(
    "no-ignore-changes-on-guarded-properties",
    *dict.fromkeys(
        (kinds.TABLE, kinds.REPLICA, kinds.KEY, kinds.REPLICA_KEY, kinds.DAX, kinds.CACHE_GROUP, kinds.TRAIL, kinds.EKS,
         kinds.SECURITY_GROUP, kinds.DEFAULT_SECURITY_GROUP, kinds.LOG_GROUP, kinds.LAUNCH_TEMPLATE,
         *types_with("identity", "trust", "resource", "endpoint"))
    ),
    severity=Severity.HIGH,
    title="No property that rules guard is ignored",
    why="With ignore_changes what is deployed drifts from the program, and the rules judge the program.",
    fix="take the property out of ignore_changes",
    settings={
        "guarded": {
            "type": "array", "items": {"type": "string"}, "default": list(_GUARDED), "description": "Property names.",
        }
    },
)  # fmt: skip
def no_ignored(resource: Resource, settings: Settings) -> Iterator[str]:
    """Whole properties and paths into them; `*` ignores everything."""
    guarded = set(settings["guarded"])
    ignored = [
        path for path in resource.options.ignore_changes if path == "*" or re.split(r"[.\[]", path)[0] in guarded
    ]
    if ignored:
        yield f"ignores changes of {', '.join(ignored)}"
