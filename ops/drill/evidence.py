"""Evidence of a drill: a JSON document, signed, that names the raw history by its digest."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ops.errors import OpsError

if TYPE_CHECKING:
    from ops.workspace import Workspace

ALGORITHM = "Ed25519"


def canonical(evidence: dict[str, Any]) -> bytes:
    """The bytes that are signed."""
    return json.dumps(evidence, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signing_key(workspace: Workspace) -> Ed25519PrivateKey:
    """The key of this stack's sandbox, made at its first use; only its owner may read it."""
    path = workspace.root / "keys" / "drill.ed25519"
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except FileNotFoundError:
        pass
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    return key


def sign(evidence: dict[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The document with its signature."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {
        "evidence": evidence,
        "signature": {
            "algorithm": ALGORITHM,
            "public_key": base64.b64encode(public).decode(),
            "value": base64.b64encode(key.sign(canonical(evidence))).decode(),
        },
    }


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verify(path: Path, *, trusted: bytes | None = None) -> dict[str, Any]:
    """The evidence of a file whose signature, history and key are as they should be.

    Args:
        path: the signed document; its history lies beside it.
        trusted: the public key that must have signed it, 32 bytes; None accepts the document's own, which proves
            that it was not changed since, and not by whom it was made.

    Raises:
        OpsError: it cannot be read, was changed, or was signed by another key.
    """
    try:
        document = json.loads(path.read_bytes())
        evidence, signature = document["evidence"], document["signature"]
        public, value = base64.b64decode(signature["public_key"]), base64.b64decode(signature["value"])
        history = path.parent / evidence["history"]["file"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OpsError(f"{path}: no signed evidence: {error}", fix="name a file of evidence/drills/*.json") from None
    if trusted is not None and public != trusted:
        raise OpsError(f"{path}: signed by another key than this stack's", fix="ask where the file comes from")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(value, canonical(evidence))
    except (InvalidSignature, ValueError):
        raise OpsError(
            f"{path}: the signature does not match", why="the evidence was changed after it was signed"
        ) from None
    if not history.exists() or digest(history) != evidence["history"]["sha256"]:
        raise OpsError(
            f"{history}: is not the history that the evidence was made from", why="it is missing, or was changed"
        )
    found: dict[str, Any] = evidence
    return found
