"""Rotation of a random secret, run by AWS Lambda in the four steps that Secrets Manager calls.

The readers of these secrets ask Secrets Manager for the current version, so that nothing has to be set elsewhere.
It is shipped alone, and uses what the Lambda runtime carries.
"""

from __future__ import annotations

import os
from typing import Any

_SHORTEST = 32


class RotationError(RuntimeError):
    """A rotation that must not go on; Secrets Manager tries again."""


def handle(event: dict[str, str], _context: object, client: Any = None) -> None:
    """Run one step: createSecret, setSecret, testSecret or finishSecret.

    Raises:
        RotationError: the version is not waiting for a rotation, the step is unknown, or the new value is unusable.
    """
    secrets = client or _client()
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    versions = secrets.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    stages = versions.get(token)
    if stages is None:
        raise RotationError(f"version {token} is not a version of {secret}")
    if "AWSCURRENT" in stages:
        return
    if "AWSPENDING" not in stages:
        raise RotationError(f"version {token} of {secret} is not waiting for a rotation")
    if step == "createSecret":
        _create(secrets, secret, token)
    elif step == "testSecret":
        _test(secrets, secret, token)
    elif step == "finishSecret":
        _finish(secrets, secret, token, versions)
    elif step != "setSecret":
        raise RotationError(f"{step!r} is no step of a rotation")


def _client() -> Any:
    import boto3  # noqa: PLC0415 - the Lambda runtime carries it; tests hand in a client

    return boto3.client("secretsmanager")


def _create(secrets: Any, secret: str, token: str) -> None:
    """Write the new value once; a repeated step finds it written."""
    try:
        secrets.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
    except secrets.exceptions.ResourceNotFoundException:
        length = int(os.environ.get("SECRET_LENGTH", "64"))
        value = secrets.get_random_password(PasswordLength=length, ExcludePunctuation=True)["RandomPassword"]
        secrets.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=value, VersionStages=["AWSPENDING"]
        )


def _test(secrets: Any, secret: str, token: str) -> None:
    value = secrets.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")["SecretString"]
    if len(value) < _SHORTEST:
        raise RotationError(f"the new value of {secret} is shorter than {_SHORTEST} characters")


def _finish(secrets: Any, secret: str, token: str, versions: dict[str, list[str]]) -> None:
    current = next((version for version, stages in versions.items() if "AWSCURRENT" in stages), None)
    moved = {} if current is None else {"RemoveFromVersionId": current}
    secrets.update_secret_version_stage(SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, **moved)
