"""Sensitive attributes sealed on their way out and opened on their way in; large values compressed.

A sealed value is bound to its place: table, key of the item and attribute go into the authenticated data, so that it
cannot be copied to another item. Needs the extras `holdfast[encryption]` and `holdfast[compression]`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from holdfast import errors
from holdfast.resilience.evaluate import canonical, canonical_item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdfast.sealing.keys import DataKeys

MAGIC = b"HFS"
COMPRESSED = b"HFZ"
VERSION = 1
_HEAD = struct.Struct(">3sBBH")
_ZSTD = 1
NONCE_BYTES = 12
DIGEST_SUFFIX = "_digest"
"""Of the attribute that carries the keyed digest of a searchable one."""
LEVEL = 3
"""zstd's own default."""
MOST_BYTES = 8_000_000
"""A value that claims to grow beyond this is not opened: an item has at most 400 KB, and text packs tenfold."""

Wire = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class TableSealing:
    """What is sealed and compressed in one table."""

    key_names: Sequence[str]
    """The attributes of the key, which stay as they are."""
    sealed: frozenset[str] = frozenset()
    searchable: frozenset[str] = frozenset()
    """Those of them whose equality can be asked for: a keyed digest is stored in `<name>_digest`."""
    compress_above_bytes: int | None = None
    """Attributes whose JSON is longer are compressed; None: never."""

    def __post_init__(self) -> None:
        wrong = self.sealed & set(self.key_names)
        if wrong:
            raise errors.ConfigurationError(
                f"{', '.join(sorted(wrong))} is part of the key and cannot be sealed; use a keyed digest as key"
            )
        missing = self.searchable - self.sealed
        if missing:
            raise errors.ConfigurationError(
                f"{', '.join(sorted(missing))} is searchable but not sealed; add it to sealed"
            )


@dataclass(frozen=True)
class Sealing:
    """How the items of some tables are sealed.

    Args:
        tables: by physical name.
        keys: where data keys come from; None where nothing is sealed.
        digest_key: the secret of keyed digests, 32 bytes or more.
    """

    tables: Mapping[str, TableSealing]
    keys: DataKeys | None = field(default=None, repr=False)
    digest_key: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.keys is None and any(table.sealed for table in self.tables.values()):
            raise errors.ConfigurationError("attributes are to be sealed and no data keys are given; pass keys=")
        if any(table.searchable for table in self.tables.values()) and len(self.digest_key or b"") < 32:
            raise errors.ConfigurationError("searchable attributes need a digest_key of 32 bytes or more")

    # Out.

    def outgoing(self, table: str, item: Mapping[str, Any]) -> Wire:
        """The item as it is stored."""
        rules = self.tables.get(table)
        if rules is None:
            return dict(item)
        key = {name: item[name] for name in rules.key_names if name in item}
        result: Wire = {}
        for name, value in item.items():
            if name in rules.sealed:
                result[name] = self.seal(table, key, name, value)
                if name in rules.searchable:
                    result[name + DIGEST_SUFFIX] = {"B": self.digest(table, name, value)}
            elif rules.compress_above_bytes is not None and name not in rules.key_names:
                result[name] = _compressed(value, rules.compress_above_bytes)
            else:
                result[name] = value
        return result

    def seal(self, table: str, key: Mapping[str, Any], name: str, value: Wire) -> Wire:
        """One attribute of one item, sealed: `{"B": …}`. For update expressions."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - an extra

        if self.keys is None:
            raise errors.ConfigurationError("no data keys are given; pass keys=")
        data_key = self.keys.current({"table": table})
        plain = orjson.dumps(canonical(value))
        limit = self.tables[table].compress_above_bytes
        flags = 0
        if limit is not None and len(plain) > limit:
            packed = _zstd().ZstdCompressor(LEVEL).compress(plain)
            if len(packed) < len(plain):
                plain, flags = packed, _ZSTD
        nonce = os.urandom(NONCE_BYTES)
        head = _HEAD.pack(MAGIC, VERSION, flags, len(data_key.sealed)) + data_key.sealed
        sealed = AESGCM(data_key.plain).encrypt(nonce, plain, _bound(head, table, key, name))
        return {"B": head + nonce + sealed}

    def digest(self, table: str, name: str, value: Wire) -> bytes:
        """The keyed digest of a value, to look for it: equal values of one attribute have equal digests."""
        text = orjson.dumps([table, name, canonical(value)])
        return hmac.new(self.digest_key or b"", text, hashlib.sha256).digest()

    # In.

    def incoming(self, table: str, item: Mapping[str, Any]) -> Wire:
        """The item as it was written; digests are left out."""
        rules = self.tables.get(table)
        if rules is None:
            return dict(item)
        key = {name: item[name] for name in rules.key_names if name in item}
        hidden = {name + DIGEST_SUFFIX for name in rules.searchable}
        return {
            name: self._opened(table, key, name, value, sealed=name in rules.sealed)
            for name, value in item.items()
            if name not in hidden
        }

    def _opened(self, table: str, key: Mapping[str, Any], name: str, value: Wire, *, sealed: bool) -> Wire:
        content = value.get("B")
        if content is None:
            return value
        data = base64.b64decode(content) if isinstance(content, str) else bytes(content)
        if sealed and data[:3] == MAGIC:
            return self._unsealed(table, key, name, data)
        if data[:3] == COMPRESSED:
            unpacked: Wire = orjson.loads(_unpacked(data[3:]))
            return unpacked
        return value

    def _unsealed(self, table: str, key: Mapping[str, Any], name: str, data: bytes) -> Wire:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - an extra

        _, version, flags, length = _HEAD.unpack_from(data)
        if version != VERSION:
            raise SealError(f"{name} was sealed by a newer release (format {version}); upgrade holdfast", table=table)
        if self.keys is None:
            raise SealError(f"{name} is sealed, and no data keys are given", table=table)
        start = _HEAD.size + length
        head, nonce = data[:start], data[start : start + NONCE_BYTES]
        plain_key = self.keys.opened(head[_HEAD.size :], {"table": table})
        try:
            plain = AESGCM(plain_key).decrypt(nonce, data[start + NONCE_BYTES :], _bound(head, table, key, name))
        except InvalidTag:
            raise SealError(
                f"{name} does not open: it was changed, or sealed for another item, attribute or table", table=table
            ) from None
        value: Wire = orjson.loads(_unpacked(plain) if flags & _ZSTD else plain)
        return value


class SealError(errors.HoldfastError):
    """A sealed value does not open."""


def _bound(head: bytes, table: str, key: Mapping[str, Any], name: str) -> bytes:
    """What a sealed value is bound to."""
    place = orjson.dumps([table, canonical_item(key), name], option=orjson.OPT_SORT_KEYS)
    return head + place


def _zstd() -> Any:
    import zstandard  # noqa: PLC0415 - an extra

    return zstandard


def _compressed(value: Wire, above: int) -> Wire:
    (tag,) = value
    if tag not in ("S", "B", "M", "L"):
        return value
    plain = orjson.dumps(canonical(value))
    if len(plain) <= above:
        return value
    packed = COMPRESSED + _zstd().ZstdCompressor(LEVEL).compress(plain)
    return {"B": packed} if len(packed) * 4 // 3 < len(plain) else value


def _unpacked(data: bytes) -> bytes:
    zstd = _zstd()
    if zstd.frame_content_size(data) > MOST_BYTES:
        raise SealError("a compressed value is larger than any item can be")
    plain: bytes = zstd.ZstdDecompressor().decompress(data, max_output_size=MOST_BYTES)
    return plain
