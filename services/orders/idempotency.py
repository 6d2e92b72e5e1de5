"""Idempotency keys: how a repeated create is recognised as the same order, in every region.

A global table replicates after the fact, so a record "this key was seen" written in one region says
nothing to another region that has not received it yet. The order's own identity is therefore derived
from the key: the same request sent to any region, any number of times, names the same item.
An order id begins with a time, so the key has to carry one.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass

MAXIMUM_LENGTH = 128
"""Longest key in characters."""
MAXIMUM_AGE_MS = 24 * 3_600_000
"""A key is good for a day: longer than any client keeps repeating a request."""
MAXIMUM_LEAD_MS = 5 * 60_000
"""How far a client's clock may be ahead of ours."""

_ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(rf"[0-7][{_ULID_ALPHABET}]{{25}}")
_TIMED = re.compile(r"(\d{13})[-_][\x21-\x7e]+")


class KeyRefusedError(ValueError):
    """A key that cannot identify an order; the message says what to send instead."""


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """A client's key and the time it carries, in milliseconds since 1970."""

    text: str
    milliseconds: int

    @classmethod
    def parse(cls, text: str, *, now_ms: int) -> IdempotencyKey:
        """Read a UUIDv7, a ULID, or `<13 digits of milliseconds>-<anything>`.

        Raises:
            KeyRefusedError: no time in it, or a time too far from `now_ms`.
        """
        milliseconds = _milliseconds(text) if len(text) <= MAXIMUM_LENGTH else None
        if milliseconds is None:
            raise KeyRefusedError(
                "Idempotency-Key must carry the time of the first attempt, so that every region gives the order the "
                f"same id: send a UUIDv7, a ULID, or <milliseconds since 1970>-<random>, at most {MAXIMUM_LENGTH} "
                "characters"
            )
        if not now_ms - MAXIMUM_AGE_MS <= milliseconds <= now_ms + MAXIMUM_LEAD_MS:
            raise KeyRefusedError(
                f"Idempotency-Key carries the time {milliseconds}, which is over a day old or over five minutes "
                f"ahead of this service's clock ({now_ms}); make a new key for a new order"
            )
        return cls(text=text, milliseconds=milliseconds)

    def suffix(self, customer_id: str) -> str:
        """The eight hexadecimal digits of the order id for this customer."""
        return hashlib.sha256(f"{customer_id}\0{self.text}".encode()).hexdigest()[:8]


def _milliseconds(text: str) -> int | None:
    timed = _TIMED.fullmatch(text)
    if timed:
        return int(timed[1])
    if _ULID.fullmatch(text):
        value = 0
        for character in text[:10]:
            value = value * 32 + _ULID_ALPHABET.index(character)
        return value
    try:
        identifier = uuid.UUID(text)
    except ValueError:
        return None
    return identifier.int >> 80 if identifier.version == 7 else None
