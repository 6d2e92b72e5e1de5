"""A signed document: plain data, the algorithm, the public key, and a signature over its digest."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ops.errors import OpsError
from ops.exits import Exit
from ops.files import read_json

if TYPE_CHECKING:
    from pathlib import Path

ED25519 = "Ed25519"
ECDSA = "ECDSA_SHA_256"
"""As AWS KMS names it; over the curve P-256, or any other that the key has."""


class Signer(Protocol):
    """What signs."""

    algorithm: str
    key: str
    """Which key, for a reader: a path or an ARN."""

    def public(self) -> bytes:
        """The public key, DER (SubjectPublicKeyInfo)."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature of a message."""
        ...


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A document whose signature matches."""

    content: dict[str, Any]
    key: str
    public: bytes
    """The public key that matched, DER."""


def message(content: dict[str, Any]) -> bytes:
    """The bytes that are signed: a line with the SHA-256 of the content as canonical JSON.

    Short, because AWS KMS takes 4,096 bytes at most.
    """
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"holdfast-evidence sha256:{hashlib.sha256(canonical.encode()).hexdigest()}".encode()


def signed(content: dict[str, Any], signer: Signer) -> dict[str, Any]:
    """The content with its signature. It is taken through JSON, so that what is signed is what a reader will see."""
    plain: dict[str, Any] = json.loads(json.dumps(content))
    return {
        "evidence": plain,
        "signature": {
            "algorithm": signer.algorithm,
            "key": signer.key,
            "public_key": base64.b64encode(signer.public()).decode(),
            "value": base64.b64encode(signer.sign(message(plain))).decode(),
        },
    }


def verify(path: Path, *, trusted: bytes | None = None) -> Verified:
    """The content of a file whose signature matches.

    Args:
        path: the signed document.
        trusted: the public key (DER) that must have signed it; None accepts the document's own, which proves that it
            was not changed since, and not by whom it was made.

    Raises:
        OpsError: it cannot be read, was changed, or was signed by another key.
    """
    fix = "name a signed document: .holdfast/STACK/evidence/drills/*.json"
    document = read_json(path, fix=fix)
    try:
        content, signature = document["evidence"], document["signature"]
        public, value = base64.b64decode(signature["public_key"]), base64.b64decode(signature["value"])
        algorithm = signature["algorithm"]
    except (ValueError, KeyError, TypeError):
        raise OpsError(f"{path}: is no signed evidence", fix=fix, code=Exit.USAGE) from None
    if trusted is not None and public != trusted:
        raise OpsError(
            f"{path}: signed by another key than this stack's",
            why=f"it names {signature.get('key', 'no key')}",
            fix="ask where the file comes from; a key that is known to be right is named with --key",
        )
    try:
        _check(algorithm, public, value, message(content))
    except (InvalidSignature, ValueError):
        raise OpsError(
            f"{path}: the signature does not match", why="the evidence was changed after it was signed"
        ) from None
    return Verified(content=content, key=str(signature.get("key", "")), public=public)


def _check(algorithm: str, public: bytes, value: bytes, text: bytes) -> None:
    key = load_der_public_key(public)
    if algorithm == ED25519 and isinstance(key, Ed25519PublicKey):
        key.verify(value, text)
    elif algorithm == ECDSA and isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(value, text, ec.ECDSA(SHA256()))
    else:
        raise ValueError(f"{algorithm} with this key is not a signature that is known here")
