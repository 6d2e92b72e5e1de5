"""Where moto answers wrongly and the sandbox leans on it: made right in moto's own process, one function a fault."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.apigatewayv2.models import Stage
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.backup.models import Plan
from moto.backup.responses import BackupResponse
from moto.core.exceptions import JsonRESTError
from moto.kms import utils
from moto.kms.exceptions import AlreadyExistsException
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.responses import KmsResponse
from moto.s3.models import FakeBucket, S3Backend
from moto.sts.responses import TokenResponse

from sandbox.cloud.aws import composite, restapis

KEY_ID_BYTES = 40

_BY_ID = ("disable_key", "enable_key", "schedule_key_deletion", "cancel_key_deletion", "update_key_description")
"""Operations that moto fails with a server error when the key is given by its ARN."""


def apply() -> None:
    """Put every correction in place."""
    for owner, name, function in (
        (KmsBackend, "replicate_key", _replicate_key),
        (KmsResponse, "replicate_key", _replicate_key_response),
        (KmsBackend, "encrypt", _while_enabled(KmsBackend.encrypt)),
        (KmsBackend, "generate_data_key", _while_enabled(KmsBackend.generate_data_key)),
        (KmsBackend, "decrypt", _decrypt),
        *((KmsBackend, name, _by_any_id(getattr(KmsBackend, name))) for name in _BY_ID),
        (TokenResponse, "assume_role", _assume_role),
        (BackupResponse, "update_backup_plan", _update_backup_plan),
        (ApiGatewayV2Response, "update_stage", _update_stage),
        (FakeBucket, "_log_permissions_enabled_policy", _may_deliver_logs),
        (S3Backend, "put_object_lock_configuration", _lock_objects),
        (S3Backend, "log_incoming_request", _deliver_no_log),
    ):
        setattr(owner, name, function)
    composite.apply()
    restapis.apply()
    # A multi-Region key's id is four characters longer than moto has room for: what it encrypts cannot be decrypted.
    utils.KEY_ID_LEN = KEY_ID_BYTES
    utils.HEADER_LEN = KEY_ID_BYTES + utils.IV_LEN + utils.TAG_LEN
    utils.CIPHERTEXT_HEADER_FORMAT = f">{KEY_ID_BYTES}s{utils.IV_LEN}s{utils.TAG_LEN}s"
    setattr(utils, "_deserialize_ciphertext_blob", _read_blob)  # noqa: B010 - mypy minds a plain assignment


def _update_backup_plan(self: BackupResponse) -> str:
    """UpdateBackupPlan, which moto lacks: new rules under a new version, the plan's id and ARN stay."""
    backend = self.backup_backend
    plan = backend.get_backup_plan(backup_plan_id=self.path.rstrip("/").split("/")[-1], version_id=None)
    wanted = json.loads(self.body)["BackupPlan"]
    new = Plan(backup_plan=wanted, creator_request_id=plan.creator_request_id, backend=backend)
    plan.backup_plan, plan.version_id = new.backup_plan, new.version_id
    plan.advanced_backup_settings = new.advanced_backup_settings
    return json.dumps(plan.to_dict())


def _update_stage(self: ApiGatewayV2Response) -> tuple[int, dict[str, str], str]:
    """UpdateStage, which moto lacks: what the request leaves out stays."""
    api_id, _, name = self.path.split("/")[-3:]
    api = self.apigatewayv2_backend.get_api(api_id)
    old = api.get_stage(unquote(name))
    new = Stage(api, {**old.to_json(), **json.loads(self.body), "stageName": old.name})
    new.created = old.created
    api.stages[old.name] = new
    return 200, {}, json.dumps(new.to_json())


_moto_lock_objects = S3Backend.put_object_lock_configuration


def _lock_objects(self: S3Backend, bucket_name: str, *args: Any, **kwargs: Any) -> None:
    """PutObjectLockConfiguration, of a bucket with objects too: moto wants it empty."""
    bucket = self.get_bucket(bucket_name)
    keys = bucket.keys
    bucket.keys = type(keys)()
    try:
        _moto_lock_objects(self, bucket_name, *args, **kwargs)
    finally:
        bucket.keys = keys


def _deliver_no_log(_self: S3Backend, *_request: Any) -> None:
    """S3 delivers access logs hours later; moto's at once would keep a stack's log bucket from being deleted."""


def _may_deliver_logs(_self: FakeBucket, **_target: Any) -> bool:
    """S3 takes a logging configuration before the target's policy stands; moto looks for the policy first."""
    return True


def _replicate_key(self: KmsBackend, key_id: str, replica_region: str) -> Key:
    """A replica has aliases, grants, tags and a state of its own; moto's shares its primary's."""
    primary = self.keys[self.get_key_id(key_id)]
    target = kms_backends[self.account_id][replica_region]
    if primary.id in target.keys:
        raise AlreadyExistsException(f"Key {primary.id} already exists in {replica_region}")
    configuration = primary.multi_region_configuration
    replica = copy.copy(primary)
    replica.region = replica_region
    replica.arn = primary.arn.replace(f":{primary.region}:", f":{replica_region}:")
    replica.aliases, replica.grants, replica.rotations = {}, {}, []
    # One configuration for all members but for the type, which is a member's own.
    configuration["ReplicaKeys"].append({"Arn": replica.arn, "Region": replica_region})
    replica.multi_region_configuration = {**configuration, "MultiRegionKeyType": "REPLICA"}
    target.keys[replica.id] = replica
    return replica


def _replicate_key_response(self: KmsResponse) -> str:
    """ReplicateKey with its description, policy and tags, and a key given by its ARN."""
    backend = self.kms_backend
    replica = backend.replicate_key(self._get_param("KeyId"), self._get_param("ReplicaRegion"))
    target = kms_backends[backend.account_id][replica.region]
    replica.description = self._get_param("Description") or ""
    policy = self._get_param("Policy")
    if policy:
        replica.policy = policy
    tags: list[dict[str, Any]] = self._get_param("Tags") or []
    target.tag_resource(replica.id, {tag["TagKey"]: tag["TagValue"] for tag in tags})
    return json.dumps(
        {"ReplicaKeyMetadata": replica.to_dict()["KeyMetadata"], "ReplicaPolicy": replica.policy, "ReplicaTags": tags}
    )


_moto_assume_role = TokenResponse.assume_role


_moto_decrypt = KmsBackend.decrypt
_moto_read_blob = utils._deserialize_ciphertext_blob  # noqa: SLF001 - the function that is corrected


def _read_blob(ciphertext_blob: bytes) -> Any:
    """A ciphertext, its key's id without the padding."""
    found = _moto_read_blob(ciphertext_blob)
    return found._replace(key_id=found.key_id.rstrip("\0"))


def _require_enabled(backend: KmsBackend, key_id: str) -> None:
    key = backend.keys.get(backend.any_id_to_key_id(key_id))
    if key is None or key.enabled:
        return
    if key.key_state == "PendingDeletion":
        raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")


def _by_any_id(function: Callable[..., Any]) -> Callable[..., Any]:
    """An operation on a key that may be given by its ARN."""

    def run(self: KmsBackend, key_id: str, *args: Any, **kwargs: Any) -> Any:
        return function(self, self.get_key_id(key_id), *args, **kwargs)

    return run


def _while_enabled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A use of a key, refused when the key is disabled or about to be deleted: moto does not look."""

    def use(self: KmsBackend, key_id: str, *args: Any, **kwargs: Any) -> Any:
        _require_enabled(self, key_id)
        return function(self, key_id, *args, **kwargs)

    return use


def _decrypt(self: KmsBackend, ciphertext_blob: bytes, *args: Any, **kwargs: Any) -> Any:
    """Decrypt, refused when the key that encrypted is disabled."""
    key_id = _read_blob(ciphertext_blob).key_id
    if key_id in self.keys:
        _require_enabled(self, key_id)
    return _moto_decrypt(self, ciphertext_blob, *args, **kwargs)


def _assume_role(self: TokenResponse) -> Any:
    """AssumeRole that remembers the session's tags: moto drops them."""
    result = _moto_assume_role(self)
    session = self.backend.assumed_roles[-1]
    tags: list[dict[str, str]] = self._get_param("Tags") or []
    vars(session)["holdfast_tags"] = {tag["Key"]: tag["Value"] for tag in tags}
    return result
