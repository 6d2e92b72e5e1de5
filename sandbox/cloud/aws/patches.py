"""Where moto answers wrongly and the sandbox leans on it: made right in moto's own process, one function a fault."""

from __future__ import annotations

import copy
import json
from typing import Any

from moto.kms.exceptions import AlreadyExistsException
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.responses import KmsResponse
from moto.sts.responses import TokenResponse


def apply() -> None:
    """Put every correction in place."""
    for owner, name, function in (
        (KmsBackend, "replicate_key", _replicate_key),
        (KmsResponse, "replicate_key", _replicate_key_response),
        (TokenResponse, "assume_role", _assume_role),
    ):
        setattr(owner, name, function)


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


def _assume_role(self: TokenResponse) -> Any:
    """AssumeRole that remembers the session's tags: moto drops them."""
    result = _moto_assume_role(self)
    session = self.backend.assumed_roles[-1]
    tags: list[dict[str, str]] = self._get_param("Tags") or []
    vars(session)["holdfast_tags"] = {tag["Key"]: tag["Value"] for tag in tags}
    return result
