"""Resources that are one part of a bucket's configuration: each is put whole, read whole, and deleted or left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws import ids
from sandbox.provider.aws.botoshape import record_of, to_api
from sandbox.provider.aws.crud import input_shape
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import Handler, Kind, Made, Properties
from sandbox.provider.sdk import catalogue

ABSENT = "NoSuchBucket"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a bucket's configuration.

    Attributes:
        cls: The class of the resource (`BucketVersioning`).
        put: The operation that puts it.
        get: The operation that gets it.
        block: The request field that holds it.
        shape: How inputs become that field, where they do not match it by name.
        absent: The error code that says that the bucket has none.
        delete: The operation that deletes it; None where it stays, or `empty` is put instead.
        empty: What is put to delete it; None where it stays.
        fixed: Further properties whose change means a replacement.
        defaults: What holds for a property that is left out.
        owned: Whether the resource may say who owns the bucket.
        renames: API names that differ.
        observe: How the answer becomes properties, where it does not match by name.
    """

    cls: str
    put: str
    get: str
    block: str
    absent: str
    delete: str | None = None
    empty: Mapping[str, Any] | None = None
    fixed: frozenset[str] = frozenset()
    defaults: Mapping[str, Value] = field(default_factory=dict)
    owned: bool = False
    renames: Mapping[str, str] = field(default_factory=dict)
    shape: Callable[[Properties], Any] | None = None
    observe: Callable[[Mapping[str, Any]], Properties | None] | None = None

    @property
    def type(self) -> str:
        """The type token."""
        return f"aws:s3/{self.cls[0].lower()}{self.cls[1:]}:{self.cls}"

    def kind(self) -> Kind:
        """The kind of this part."""
        return Kind(
            type=self.type,
            forces=frozenset({"bucket", "region"} | ({"expectedBucketOwner"} if self.owned else set())) | self.fixed,
            documents=frozenset({"policy"}) if self.cls == "BucketPolicy" else frozenset(),
            identity=ids.by("bucket"),
            defaults=self.defaults,
            handler=Handler(create=self._create, read=self._read, update=self._update, delete=self._delete),
        )

    def _create(self, context: Context, inputs: Properties) -> Made:
        client = context.client("s3")
        with told(context, f"putting {self.cls} of"):
            shape = input_shape(client, self.put).members[self.block]
            body = self.shape(inputs) if self.shape is not None else inputs
            value = body if shape.type_name == "string" else to_api(body, shape, self.renames)
            getattr(client, self.put)(Bucket=inputs["bucket"], **{self.block: value})
        return Made(str(inputs["bucket"]))

    def _read(self, context: Context, physical_id: str, state: Properties) -> Properties | None:
        try:
            answer = getattr(context.client("s3"), self.get)(Bucket=physical_id)
        except Exception as error:
            if code_of(error) in {ABSENT, "404", self.absent}:
                return None
            raise
        if self.observe is not None:
            return self.observe(answer)
        info = catalogue("aws").find(self.type)
        record = answer.get(self.block, answer)
        observed = record_of(record, info.inputs, self.renames) if info is not None else {}
        return {name: value for name, value in observed.items() if name in state}

    def _update(self, context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
        self._create(context, new)
        return {}

    def _delete(self, context: Context, physical_id: str, _state: Properties) -> None:
        if self.empty is not None:
            with told(context, f"deleting {self.cls} of"), gone_is_fine(ABSENT, "InvalidBucketState", "InvalidBucket"):
                getattr(context.client("s3"), self.put)(Bucket=physical_id, **{self.block: self.empty})
        if self.delete is None:
            return
        with told(context, f"deleting {self.cls} of"), gone_is_fine(ABSENT, self.absent):
            getattr(context.client("s3"), self.delete)(Bucket=physical_id)


_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _versioning(answer: Mapping[str, Any]) -> Properties:
    return {"versioningConfiguration": {"status": answer.get("Status", "Disabled")}}


def _lifecycle(inputs: Properties) -> Any:
    """Rules as the API takes them: it insists on a filter, which the resource lets out."""
    return {
        "rules": [
            {**rule, "filter": rule.get("filter") or {"prefix": rule.get("prefix", "")}} for rule in inputs["rules"]
        ]
    }


def _logging(inputs: Properties) -> Any:
    given = {key: value for key, value in inputs.items() if key.startswith("target")}
    return {"loggingEnabled": {"targetPrefix": "", **given}}


def _observed_logging(answer: Mapping[str, Any]) -> Properties | None:
    enabled = answer.get("LoggingEnabled")
    return enabled and {"targetBucket": enabled["TargetBucket"], "targetPrefix": enabled.get("TargetPrefix", "")}


def _lock(inputs: Properties) -> Any:
    return {"objectLockEnabled": "Enabled", **{key: inputs[key] for key in ("rule",) if inputs.get(key)}}


def _observed_lock(answer: Mapping[str, Any]) -> Properties:
    found = answer["ObjectLockConfiguration"]
    kept = found.get("Rule", {}).get("DefaultRetention") or {}
    retention = {key.lower(): value for key, value in kept.items() if key in {"Mode", "Days", "Years"} and value}
    return {"objectLockEnabled": found["ObjectLockEnabled"], "rule": {"defaultRetention": retention} if kept else {}}


PARTS = (
    Part(
        cls="BucketVersioning",
        put="put_bucket_versioning",
        get="get_bucket_versioning",
        block="VersioningConfiguration",
        absent="",
        owned=True,
        shape=lambda inputs: inputs["versioningConfiguration"],
        renames={"mfaDelete": "MFADelete"},
        observe=_versioning,
    ),
    Part(
        cls="BucketLogging",
        put="put_bucket_logging",
        get="get_bucket_logging",
        block="BucketLoggingStatus",
        absent="",
        empty={},
        owned=True,
        shape=_logging,
        observe=_observed_logging,
    ),
    Part(
        cls="BucketObjectLockConfiguration",
        put="put_object_lock_configuration",
        get="get_object_lock_configuration",
        block="ObjectLockConfiguration",
        absent="ObjectLockConfigurationNotFoundError",
        empty={"ObjectLockEnabled": "Enabled"},
        fixed=frozenset({"objectLockEnabled"}),
        defaults={"objectLockEnabled": "Enabled"},
        owned=True,
        shape=_lock,
        observe=_observed_lock,
    ),
    Part(
        cls="BucketServerSideEncryptionConfiguration",
        put="put_bucket_encryption",
        get="get_bucket_encryption",
        block="ServerSideEncryptionConfiguration",
        absent="ServerSideEncryptionConfigurationNotFoundError",
        delete="delete_bucket_encryption",
        owned=True,
        renames={"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"},
    ),
    Part(
        cls="BucketPublicAccessBlock",
        put="put_public_access_block",
        get="get_public_access_block",
        block="PublicAccessBlockConfiguration",
        absent="NoSuchPublicAccessBlockConfiguration",
        delete="delete_public_access_block",
        defaults=dict.fromkeys(_BLOCKS, False),
    ),
    Part(
        cls="BucketLifecycleConfiguration",
        put="put_bucket_lifecycle_configuration",
        get="get_bucket_lifecycle_configuration",
        block="LifecycleConfiguration",
        absent="NoSuchLifecycleConfiguration",
        delete="delete_bucket_lifecycle",
        owned=True,
        shape=_lifecycle,
        renames={"id": "ID"},
    ),
    Part(
        cls="BucketPolicy",
        put="put_bucket_policy",
        get="get_bucket_policy",
        block="Policy",
        absent="NoSuchBucketPolicy",
        delete="delete_bucket_policy",
        shape=lambda inputs: inputs["policy"],
        observe=lambda answer: {"policy": answer["Policy"]},
    ),
    Part(
        cls="BucketOwnershipControls",
        put="put_bucket_ownership_controls",
        get="get_bucket_ownership_controls",
        block="OwnershipControls",
        absent="OwnershipControlsNotFoundError",
        delete="delete_bucket_ownership_controls",
        shape=lambda inputs: {"rules": [inputs["rule"]]},
        observe=lambda answer: {
            "rule": {"objectOwnership": answer["OwnershipControls"]["Rules"][0]["ObjectOwnership"]}
        },
    ),
    Part(
        cls="BucketReplicationConfig",
        put="put_bucket_replication",
        get="get_bucket_replication",
        block="ReplicationConfiguration",
        absent="ReplicationConfigurationNotFoundError",
        delete="delete_bucket_replication",
        renames={"id": "ID", "replicaKmsKeyId": "ReplicaKmsKeyID"},
    ),
)
CONFIGURATIONS = tuple(part.kind() for part in PARTS)
