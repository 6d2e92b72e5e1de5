"""What is kept in a cache: an answer of the table, and until when it is good.

An entry carries the generation under which it was read. A write changes the generation of its key, and so ends every
entry under it, whoever's it is.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from holdfast.resilience.evaluate import canonical_item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast._attempt import Call

FORMAT = 1
_HEAD = struct.Struct(">BdqH")
NO_VERSION = -1

WRITING = b"w:"
"""Generation while a write is under way: nothing is read from or put into the cache."""
WRITTEN = b"n:"
"""Generation after a write, followed by the region that took it: DAX, other regions and reads that may be stale may
still show what was there before."""
QUIET = b"c:"
"""Generation made by a reader: no write of the key for as long as generations are kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A cached answer."""

    body: bytes
    """The answer's document, `{}` where there is no item."""
    generation: bytes
    fresh_until: float
    """Seconds since 1970."""
    version: int = NO_VERSION

    def pack(self) -> bytes:
        """The entry as bytes. The version stands at a fixed place, for a script to compare."""
        head = _HEAD.pack(FORMAT, self.fresh_until, self.version, len(self.generation))
        return head + self.generation + self.body

    @classmethod
    def unpack(cls, data: bytes) -> Entry | None:
        """Read an entry; None for what another release wrote."""
        if len(data) < _HEAD.size or data[0] != FORMAT:
            return None
        _, fresh_until, version, length = _HEAD.unpack_from(data)
        start = _HEAD.size + length
        return cls(data[start:], data[_HEAD.size : start], fresh_until, version)


def written(region: str, nonce: bytes) -> bytes:
    """The generation after a write that this region took."""
    return WRITTEN + region.encode() + b":" + nonce


def may_keep(generation: bytes, region: str) -> bool:
    """Whether what this region answered may be kept under the generation."""
    if generation.startswith(QUIET):
        return True
    return generation.startswith(WRITTEN + region.encode() + b":")


def tag(table: str, key: Mapping[str, Any]) -> str:
    """What the cache calls an item: table and canonical key, hashed. In braces, so that one shard holds all of it."""
    text = orjson.dumps([table, canonical_item(key)], option=orjson.OPT_SORT_KEYS)
    digest = hashlib.blake2b(text, digest_size=16).digest()
    return "hf:{" + base64.urlsafe_b64encode(digest).decode().rstrip("=") + "}"


def value_key(item: str, principal: str | None) -> str:
    """Where the value is kept, apart for each principal."""
    if principal is None:
        return item + ":v"
    return item + ":v:" + hashlib.blake2b(principal.encode(), digest_size=16).hexdigest()


def generation_key(item: str) -> str:
    """Where the generation is kept, one for all principals."""
    return item + ":g"


def cacheable(call: Call) -> bool:
    """Whether an answer to this call may come from a cache: a whole item, and nobody asked for consistency."""
    request = call.request
    return (
        call.operation.name == "GetItem"
        and call.region is None
        and not request.get("ConsistentRead")
        and "ProjectionExpression" not in request
        and "AttributesToGet" not in request
        and "ReturnConsumedCapacity" not in request
    )


def version_of(document: Mapping[str, Any], attribute: str | None) -> int:
    """The item's version, or `NO_VERSION`."""
    value = (document.get("Item") or {}).get(attribute) if attribute else None
    if not value or "N" not in value:
        return NO_VERSION
    number = Decimal(value["N"])
    return int(number) if number == number.to_integral_value() and number >= 0 else NO_VERSION
