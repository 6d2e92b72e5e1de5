"""Data keys: made and opened by KMS, kept for a while in memory."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from holdfast import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAXIMUM_AGE_SECONDS = 3_600.0
"""After which a new data key is made."""
MAXIMUM_USES = 2**20
"""Values sealed with one data key: far below where random nonces of 96 bits become a risk (2^32)."""
KEPT = 1_000
"""Opened data keys that are kept; the one unused for longest is forgotten first."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key in the clear, and sealed as it is stored beside what it sealed."""

    plain: bytes
    sealed: bytes

    def __repr__(self) -> str:
        return "DataKey(…)"


class DataKeys(Protocol):
    """Where data keys come from."""

    def current(self, context: Mapping[str, str]) -> DataKey:
        """The key to seal with."""
        ...

    def opened(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """The key that was stored sealed."""
        ...


class KmsDataKeys:
    """Data keys of a KMS key.

    Args:
        clients: KMS clients in order of preference, each with the ARN of the key in its region. Replicas of a
            multi-region key open each other's data keys, so that reading goes on when a region does not.
        clock: seconds.

    Raises from its methods:
        ServiceError, TransportError: no region's KMS could do it.
    """

    def __init__(
        self,
        clients: Mapping[str, Any],
        *,
        maximum_age_seconds: float = MAXIMUM_AGE_SECONDS,
        maximum_uses: int = MAXIMUM_USES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not clients:
            raise errors.ConfigurationError("no KMS key is given; pass {arn: client} with at least one entry")
        self._clients = dict(clients)
        self._age = maximum_age_seconds
        self._uses = maximum_uses
        self._clock = clock
        self._lock = threading.Lock()
        self._current: dict[tuple[tuple[str, str], ...], tuple[DataKey, float, int]] = {}
        self._opened: OrderedDict[bytes, bytes] = OrderedDict()

    def current(self, context: Mapping[str, str]) -> DataKey:
        """The key to seal with; a new one when it is too old or used too often."""
        name = tuple(sorted(context.items()))
        with self._lock:
            held = self._current.get(name)
            if held is not None and self._clock() < held[1] and held[2] < self._uses:
                self._current[name] = (held[0], held[1], held[2] + 1)
                return held[0]
        answer = self._ask("generate_data_key", KeySpec="AES_256", EncryptionContext=dict(context))
        key = DataKey(answer["Plaintext"], answer["CiphertextBlob"])
        with self._lock:
            self._current[name] = (key, self._clock() + self._age, 1)
        self._keep(key.sealed, context, key.plain)
        return key

    def rotate(self) -> None:
        """Seal with new data keys from now on. What is sealed stays readable."""
        with self._lock:
            self._current.clear()

    def opened(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """The key in the clear."""
        place = _place(sealed, context)
        with self._lock:
            plain = self._opened.get(place)
            if plain is not None:
                self._opened.move_to_end(place)
                return plain
        answer = self._ask("decrypt", CiphertextBlob=sealed, EncryptionContext=dict(context))
        plain = bytes(answer["Plaintext"])
        self._keep(sealed, context, plain)
        return plain

    def _keep(self, sealed: bytes, context: Mapping[str, str], plain: bytes) -> None:
        with self._lock:
            self._opened[_place(sealed, context)] = plain
            while len(self._opened) > KEPT:
                self._opened.popitem(last=False)

    def _ask(self, operation: str, **parameters: Any) -> Any:
        last: Exception | None = None
        for arn, client in self._clients.items():
            try:
                return getattr(client, operation)(KeyId=arn, **parameters)
            except Exception as error:  # noqa: BLE001 - botocore's own tree; the next region may do it
                last = error
        raise errors.ServiceError(f"KMS {operation} failed in every region: {last}", code="KmsFailure") from last


def _place(sealed: bytes, context: Mapping[str, str]) -> bytes:
    text = "\0".join(f"{name}={value}" for name, value in sorted(context.items()))
    return hashlib.sha256(sealed + text.encode()).digest()
