"""A key of AWS KMS that signs: the private half never leaves it, and who may sign is the key's policy."""

from __future__ import annotations

from typing import Any

from ops.errors import OpsError
from ops.exits import Exit
from ops.signing.document import ECDSA


class KmsSigner:
    """Signs with an asymmetric key of KMS (SIGN_VERIFY, an elliptic curve, ECDSA_SHA_256)."""

    algorithm = ECDSA

    def __init__(self, client: Any, key: str) -> None:
        """Name the key by ARN, id or alias.

        Raises:
            OpsError: it does not sign with ECDSA_SHA_256.
        """
        self._client = client
        described = client.get_public_key(KeyId=key)
        if described.get("KeyUsage") != "SIGN_VERIFY" or ECDSA not in described.get("SigningAlgorithms", ()):
            raise OpsError(
                f"key {key} does not sign with {ECDSA}",
                why=f"it is {described.get('KeySpec')} for {described.get('KeyUsage')}",
                fix="name a key of spec ECC_NIST_P256 and usage SIGN_VERIFY",
                code=Exit.USAGE,
            )
        self.key = key if key.startswith("arn:") else str(described["KeyId"])
        self._public: bytes = described["PublicKey"]

    def public(self) -> bytes:
        """The public key, DER."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """The signature of a message of at most 4,096 bytes."""
        reply = self._client.sign(KeyId=self.key, Message=message, MessageType="RAW", SigningAlgorithm=self.algorithm)
        signature: bytes = reply["Signature"]
        return signature
