"""What the supervisor asks moto's process beside the AWS APIs: who signs a request, which keys are disabled."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from moto.iam.models import IAMBackend, iam_backends
from moto.kms.models import kms_backends
from moto.sts.models import sts_backends

from sandbox.cloud.aws.patches import KEY_ID_BYTES

PREFIX = "/_holdfast/"
_IAM_SCOPE = "/iam/aws4_request"
"""In the credential scope of IAM's requests."""

_StartResponse = Callable[[str, list[tuple[str, str]]], Any]
_Application = Callable[[dict[str, Any], _StartResponse], Iterable[bytes]]


class Inside:
    """Answers the supervisor's own paths, and passes everything else on."""

    def __init__(self, application: _Application, account: str, secret: str) -> None:
        self._application = application
        self._account = account
        self._secret = secret
        self._one_of_iam = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        """Serve one WSGI request."""
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX) or environ.get("HTTP_X_HOLDFAST_INCARNATION") != self._secret:
            if _IAM_SCOPE in environ.get("HTTP_AUTHORIZATION", ""):
                # moto walks its roles and policies while other threads add to them: one request at a time.
                with self._one_of_iam:
                    return list(self._application(environ, start_response))
            return self._application(environ, start_response)
        query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        if path == PREFIX + "disabled-keys":
            document: Any = disabled_keys(self._account)
        elif path == PREFIX + "trust":
            document = trust(self._account, query["role"])
        elif path == PREFIX + "key":
            document = key(self._account, query["region"], query.get("key", ""), query.get("blob", ""))
        else:
            document = identity(self._account, query["access_key"])
        body = json.dumps(document).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def disabled_keys(account: str) -> list[str]:
    """The ARNs of keys that cannot be used, and of the aliases that point to them."""
    arns = []
    for region, backend in list(kms_backends[account].items()):
        for key in list(backend.keys.values()):
            if not key.enabled:
                arns.append(key.arn)
                arns += [f"arn:aws:kms:{region}:{account}:{alias}" for alias in key.aliases]
    return arns


def key(account: str, region: str, name: str, blob: str) -> dict[str, str] | None:
    """ARN and policy of a key, by its id, ARN or alias, or by what was encrypted with it."""
    backend = kms_backends[account][region]
    if not name and blob:
        # The key's id stands before the ciphertext in moto's blobs.
        name = base64.b64decode(blob)[:KEY_ID_BYTES].decode(errors="replace").rstrip("\0")
    try:
        found = backend.keys[backend.any_id_to_key_id(name)]
    except Exception:  # noqa: BLE001 - moto has several; KMS itself says what is wrong
        return None
    return {"arn": found.arn, "policy": found.policy}


def identity(account: str, access_key: str) -> dict[str, Any] | None:
    """Who signs with an access key, and what policies bind them; None when nobody knows the key."""
    iam = iam_backends[account]["aws"]
    session = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key)
    if session is not None:
        role = next((role for role in iam.roles.values() if role.arn == session.role_arn), None)
        if role is None:
            return None
        return {
            "arn": session.arn,
            "secret": session.secret_access_key,
            "role": role.arn,
            "policies": _documents(iam, role.policies, role.managed_policies),
            "boundary": _boundary(iam, role.permissions_boundary_arn),
            "session": session.policy or None,
            "tags": {**_tags(role.tags), **getattr(session, "holdfast_tags", {})},
        }
    user = iam.get_user_from_access_key_id(access_key)
    if user is None:
        return None
    return {
        "arn": user.arn,
        "secret": next(key.secret_access_key for key in user.access_keys if key.access_key_id == access_key),
        "role": None,
        "policies": _documents(iam, user.policies, user.managed_policies),
        "boundary": None,
        "session": None,
        "tags": {},
    }


def trust(account: str, role: str) -> str | None:
    """The trust policy of a role, by its ARN, or None."""
    found = next((one for one in iam_backends[account]["aws"].roles.values() if one.arn == role), None)
    return None if found is None else str(found.assume_role_policy_document)


def _documents(iam: IAMBackend, inline: dict[str, str], attached: dict[str, Any]) -> list[str]:
    documents = [str(document) for document in inline.values()]
    return documents + [_document(iam, arn) for arn in attached if arn in iam.managed_policies]


def _document(iam: IAMBackend, arn: str) -> str:
    policy = iam.managed_policies[arn]
    version = next(version for version in policy.versions if version.version_id == policy.default_version_id)
    return str(version.document)


def _boundary(iam: IAMBackend, arn: str | None) -> str | None:
    if not arn:
        return None
    # A boundary that is not there allows nothing.
    return _document(iam, arn) if arn in iam.managed_policies else '{"Version":"2012-10-17","Statement":[]}'


def _tags(tags: Any) -> dict[str, str]:
    entries = tags.values() if isinstance(tags, dict) else tags or ()
    return {str(entry["Key"]): str(entry["Value"]) for entry in entries}
