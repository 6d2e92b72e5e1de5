"""Secrets at rest, in the format of Pulumi's passphrase provider.

A ciphertext is `v1:<nonce>:<data>` (base64; AES-256-GCM, 12-byte nonce) over the value's JSON. The key comes
from the passphrase by PBKDF2 with SHA-256, 1,000,000 rounds and an 8-byte salt; the state keeps the salt and a
known word encrypted, so that a wrong passphrase is noticed (Pulumi engine 3.260, sdk/go/common/resource/config).
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
import threading
from collections import Counter

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sandbox.engine.errors import EngineError

_ROUNDS = 1_000_000
_KNOWN_WORD = "pulumi"


class Crypter:
    """Encrypts and decrypts for one passphrase and salt. The key is derived once, when first needed."""

    def __init__(self, passphrase: str, state: str = "") -> None:
        """Take the `salt` of a state's secrets provider, or make a new one.

        Raises `EngineError` if the state's salt is not in the format.
        """
        self._passphrase = passphrase
        self._lock = threading.Lock()
        self._aead: AESGCM | None = None
        self._known: dict[tuple[str, str, int], str] = {}
        self._state = state
        if state:
            parts = state.split(":", 2)
            if len(parts) != 3 or parts[0] != "v1":
                raise EngineError("the state's secrets are not in the passphrase format 'v1:<salt>:…'")
            self._salt = base64.b64decode(parts[1])
        else:
            self._salt = os.urandom(8)

    def prepare(self) -> None:
        """Derive the key (about 0.2 s) and, with an existing salt, check the passphrase. May run in a thread."""
        self._cipher()

    @property
    def state(self) -> str:
        """What the deployment keeps: `v1:<salt>:<the known word, encrypted>`."""
        self._cipher()
        return self._state

    def _cipher(self) -> AESGCM:
        with self._lock:
            if self._aead is None:
                aead = AESGCM(_key(self._passphrase, self._salt))
                if self._state:
                    self._verify(aead)
                else:
                    salt = base64.b64encode(self._salt).decode()
                    self._state = f"v1:{salt}:{_seal(aead, _KNOWN_WORD)}"
                self._aead = aead
            return self._aead

    def _verify(self, aead: AESGCM) -> None:
        try:
            word = _open(aead, self._state.split(":", 2)[2])
        except (InvalidTag, ValueError):
            word = ""
        if word != _KNOWN_WORD:
            raise EngineError(
                "the passphrase does not open this state's secrets; "
                "set PULUMI_CONFIG_PASSPHRASE to the one that the state was written with"
            )

    def of(self, scope: str) -> Scoped:
        """Seal and open the secrets of one resource, from its first to its last."""
        return Scoped(self, scope)

    def sealed(self, text: str, place: tuple[str, int]) -> dict[str, str]:
        """What a deployment holds for a secret whose JSON is the text, beside the signature."""
        return {"ciphertext": self.encrypt(text, place)}

    def encrypt(self, text: str, place: tuple[str, int] = ("", 0)) -> str:
        """Encrypt, each place with a nonce of its own, so that equal secrets do not look equal.

        The same text in the same place keeps its ciphertext, so that a state does not change by itself.
        """
        known = (text, *place)
        if known not in self._known:
            self._known[known] = _seal(self._cipher(), text)
        return self._known[known]

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt. Raises `EngineError` on a ciphertext that this passphrase did not make."""
        try:
            text = _open(self._cipher(), ciphertext)
        except (InvalidTag, ValueError) as error:
            raise EngineError("a secret in the state cannot be decrypted: it was made with another salt") from error
        return text

    def keep(self, text: str, place: tuple[str, int], ciphertext: str) -> None:
        """Remember what stands in a place for a text."""
        self._known[(text, *place)] = ciphertext


class Scoped:
    """The secrets of one resource in the order in which they are met: equal ones are told apart by it."""

    def __init__(self, crypter: Crypter, scope: str) -> None:
        self._crypter = crypter
        self._scope = scope
        self._met: Counter[str] = Counter()

    def _place(self, text: str) -> tuple[str, int]:
        self._met[text] += 1
        return self._scope, self._met[text]

    def sealed(self, text: str) -> dict[str, str]:
        """What a deployment holds for a secret whose JSON is the text, beside the signature."""
        return self._crypter.sealed(text, self._place(text))

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt, and keep this ciphertext for this place. Raises `EngineError` as `Crypter.decrypt` does."""
        text = self._crypter.decrypt(ciphertext)
        self._crypter.keep(text, self._place(text), ciphertext)
        return text


@functools.lru_cache(maxsize=64)
def _key(passphrase: str, salt: bytes) -> bytes:
    """The key; kept, as one process may open the same state several times."""
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ROUNDS, 32)


def _seal(aead: AESGCM, text: str) -> str:
    nonce = os.urandom(12)
    sealed = aead.encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


def _open(aead: AESGCM, ciphertext: str) -> str:
    version, nonce, data = ciphertext.split(":", 2)
    if version != "v1":
        raise ValueError(version)
    return aead.decrypt(base64.b64decode(nonce), base64.b64decode(data), None).decode()
