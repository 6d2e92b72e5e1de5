"""The sandbox's issuer of tokens: a key in the stack's folder, in place of the issuer that the stack names."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

if TYPE_CHECKING:
    from pathlib import Path

KEY_ID = "sandbox"
LIFETIME_SECONDS = 3_600


class Issuer:
    """Signs tokens for clients of the sandbox."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, *, issuer: str, audience: str, tenant_claim: str) -> None:
        self._key, self._issuer, self._audience, self._claim = key, issuer, audience, tenant_claim

    @classmethod
    def open(cls, folder: Path, *, issuer: str, audience: str, tenant_claim: str) -> Issuer:
        """The issuer of a stack; its key is made when it is first asked for."""
        path = folder / "issuer.pem"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            made = ec.generate_private_key(ec.SECP256R1())
            text = made.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(text)
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{path} is no key of an elliptic curve: remove it")  # noqa: TRY004 - a fault of the file
        return cls(key, issuer=issuer, audience=audience, tenant_claim=tenant_claim)

    @property
    def keys(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set."""
        public = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "ES256"}]}

    def token(self, tenant: str, /, *, lifetime_seconds: float = LIFETIME_SECONDS, **claims: Any) -> str:
        """A token of a tenant; `claims` are added to it, or replace what it would say."""
        now = time.time()
        body = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": f"client-of-{tenant}",
            "iat": int(now),
            "exp": int(now + lifetime_seconds),
            self._claim: tenant,
            **claims,
        }
        return jwt.encode(body, self._key, algorithm="ES256", headers={"kid": KEY_ID})
