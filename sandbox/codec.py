"""Property values of the Pulumi protocol as Python values, and back to `google.protobuf.Struct`.

A property value is None, a bool, a number (a whole number is an `int`), a str, a list, a dict, or one of the
classes below. On the wire the latter are objects marked by a signature key, or a sentinel string for what is
not known yet; signatures and sentinels are those of the Pulumi SDK 3.x. The engine and the provider plugins
share this module, so that a value means the same on both sides.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from google.protobuf import struct_pb2

Value: TypeAlias = Any
"""A property value, as this module's docstring describes it."""

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
ASSET_SIGNATURE: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_SIGNATURE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a type mark of the protocol, no secret
RESOURCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT_SIGNATURE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What stands on the wire for a value that is not known yet."""
_UNKNOWN_STRINGS: Final = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # an unknown bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # an unknown number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # an unknown array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an unknown asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an unknown archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an unknown object
    }
)
_EXACT = 2**53
"""Whole numbers beyond this are not exact as the doubles that a Struct holds, and stay `float`."""


class CodecError(ValueError):
    """A value that the protocol cannot carry, or a message that is not a property value."""


class Unknown(enum.Enum):
    """The type of `UNKNOWN`: a value that is not known before the resource behind it is made."""

    UNKNOWN = UNKNOWN_STRING

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A value that must be encrypted at rest and masked where it is shown."""

    value: Value

    def __repr__(self) -> str:
        return "Secret([secret])"


@dataclass(frozen=True)
class Output:
    """An output value: known or not, secret or not, and the URNs of the resources it came from."""

    value: Value = UNKNOWN
    known: bool = True
    secret: bool = False
    dependencies: tuple[str, ...] = ()

    def __repr__(self) -> str:
        shown = "[secret]" if self.secret else repr(self.value)
        return f"Output({shown}, known={self.known}, dependencies={self.dependencies!r})"

    def lowered(self) -> Value:
        """The same value without its dependencies: `UNKNOWN`, `Secret` or the plain value."""
        inner = self.value if self.known else UNKNOWN
        return Secret(inner) if self.secret else inner


@dataclass(frozen=True)
class Asset:
    """A blob, by text, path or URI; `hash` is the SHA-256 of its bytes in hex. Only the hash is compared."""

    text: str | None = field(default=None, compare=False)
    path: str | None = field(default=None, compare=False)
    uri: str | None = field(default=None, compare=False)
    hash: str = ""


@dataclass(frozen=True)
class Archive:
    """A set of named blobs, by its members, a path or a URI. Only the hash is compared."""

    assets: Mapping[str, Asset | Archive] | None = field(default=None, compare=False)
    path: str | None = field(default=None, compare=False)
    uri: str | None = field(default=None, compare=False)
    hash: str = ""


@dataclass(frozen=True)
class ResourceRef:
    """A reference to a resource. `id` is None for a component and `UNKNOWN` before the resource is made."""

    urn: str
    id: str | Unknown | None = None
    package_version: str = ""


# --- from the wire


def decode(struct: struct_pb2.Struct, *, keep_outputs: bool = False) -> dict[str, Value]:
    """Decode a property map.

    With `keep_outputs` output values stay `Output`s; otherwise each becomes `UNKNOWN`, a `Secret` or its plain
    value. Raises `CodecError` on an unknown signature or a malformed signed object.
    """
    return {key: decode_value(value, keep_outputs=keep_outputs) for key, value in struct.fields.items()}


def decode_value(value: struct_pb2.Value, *, keep_outputs: bool = False) -> Value:
    """Decode one value; see `decode`."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWN_STRINGS else text
    if kind == "struct_value":
        fields = decode(value.struct_value, keep_outputs=keep_outputs)
        return _signed(fields, keep_outputs=keep_outputs) if SIGNATURE_KEY in fields else fields
    if kind == "list_value":
        return [decode_value(item, keep_outputs=keep_outputs) for item in value.list_value.values]
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        return number(value.number_value)
    return None


def number(value: float) -> int | float:
    """A number as Python and JSON would write it: whole ones as `int`."""
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def from_json(value: Value, *, reveal: Callable[[Mapping[str, Value]], Value] | None = None) -> Value:
    """Read a value from its JSON form (as in a deployment), where the same signatures mark what is not plain.

    `reveal` gets a signed secret that holds no plain `value` and returns the JSON that it hides.
    """
    if isinstance(value, dict):
        if reveal is not None and value.get(SIGNATURE_KEY) == SECRET_SIGNATURE and "value" not in value:
            return Secret(from_json(reveal(value), reveal=reveal))
        fields = {key: from_json(item, reveal=reveal) for key, item in value.items()}
        return _signed(fields, keep_outputs=False) if SIGNATURE_KEY in fields else fields
    if isinstance(value, list):
        return [from_json(item, reveal=reveal) for item in value]
    if isinstance(value, str) and value in _UNKNOWN_STRINGS:
        return UNKNOWN
    if isinstance(value, float):
        return number(value)
    return value


def _signed(fields: dict[str, Value], *, keep_outputs: bool) -> Value:
    signature = fields[SIGNATURE_KEY]
    if signature == SECRET_SIGNATURE:
        if "value" not in fields:
            raise CodecError("a secret without its value")
        return Secret(fields["value"])
    if signature == OUTPUT_SIGNATURE:
        output = Output(
            value=fields.get("value", UNKNOWN),
            known="value" in fields,
            secret=bool(fields.get("secret", False)),
            dependencies=tuple(fields.get("dependencies") or ()),
        )
        return output if keep_outputs else output.lowered()
    if signature == RESOURCE_SIGNATURE:
        if not isinstance(fields.get("urn"), str):
            raise CodecError("a resource reference without a URN")
        identity = fields.get("id")
        if isinstance(identity, Output):
            identity = identity.lowered()
        if "id" in fields and identity in ("", None):
            identity = UNKNOWN
        return ResourceRef(fields["urn"], identity, fields.get("packageVersion") or "")
    if signature == ASSET_SIGNATURE:
        return Asset(fields.get("text"), fields.get("path"), fields.get("uri"), fields.get("hash") or "")
    if signature == ARCHIVE_SIGNATURE:
        return Archive(fields.get("assets"), fields.get("path"), fields.get("uri"), fields.get("hash") or "")
    raise CodecError(f"an object with the signature {signature!r}, which this version does not know")


# --- to the wire


@dataclass(frozen=True)
class _Options:
    keep_secrets: bool
    keep_unknowns: bool
    keep_outputs: bool
    keep_resources: bool


_DROPPED: Final = object()


def encode(
    properties: Mapping[str, Value],
    *,
    keep_secrets: bool = True,
    keep_unknowns: bool = True,
    keep_outputs: bool = True,
    keep_resources: bool = True,
) -> struct_pb2.Struct:
    """Encode a property map.

    What is not kept is lowered: a secret to its value, an output to unknown, secret or plain, a reference to
    the id (a component's to its URN). Unknowns that are not kept are left out. Raises `CodecError` on a Python
    value that is no property value.
    """
    options = _Options(keep_secrets, keep_unknowns, keep_outputs, keep_resources)
    struct = struct_pb2.Struct()
    _fill(struct, properties, options)
    return struct


def _fill(struct: struct_pb2.Struct, properties: Mapping[str, Value], options: _Options) -> None:
    fields = struct.fields
    for key, item in properties.items():
        lowered = _lower(item, options)
        if lowered is not _DROPPED:
            _write(fields[key], lowered, options)


def _write(target: struct_pb2.Value, value: Value, options: _Options) -> None:
    """Write a lowered value into the message, in place: building and copying sub-messages is the slow way."""
    if isinstance(value, str):
        target.string_value = value
    elif isinstance(value, bool):
        target.bool_value = value
    elif value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, (int, float)):
        target.number_value = value
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        _fill(target.struct_value, value, options)
    elif isinstance(value, (list, tuple)):
        target.list_value.SetInParent()
        values = target.list_value.values
        for item in value:
            lowered = _lower(item, options)
            if lowered is not _DROPPED:
                _write(values.add(), lowered, options)
    else:
        raise CodecError(f"{type(value).__name__} is not a property value; use None, bool, number, str, list or dict")


def _lower(value: Value, options: _Options) -> Value:
    """Turn a class of this module into the wire's own form: a str, or a signed dict whose items are still values."""
    if isinstance(value, (str, bool, int, float, dict, list)) or value is None:
        return value
    if isinstance(value, Unknown):
        return UNKNOWN_STRING if options.keep_unknowns else _DROPPED
    if isinstance(value, Secret):
        if options.keep_secrets:
            return {SIGNATURE_KEY: SECRET_SIGNATURE, "value": value.value}
        return _lower(value.value, options)
    if isinstance(value, Output):
        return _output_fields(value) if options.keep_outputs else _lower(value.lowered(), options)
    if isinstance(value, ResourceRef):
        if options.keep_resources:
            return _reference_fields(value)
        return _lower(value.urn if value.id is None else value.id, options)
    if isinstance(value, (Asset, Archive)):
        return _blob_fields(value)
    return value


def _output_fields(value: Output) -> dict[str, Value]:
    fields: dict[str, Value] = {SIGNATURE_KEY: OUTPUT_SIGNATURE}
    if value.known:
        fields["value"] = value.value
    if value.secret:
        fields["secret"] = True
    if value.dependencies:
        fields["dependencies"] = list(value.dependencies)
    return fields


def _reference_fields(value: ResourceRef) -> dict[str, Value]:
    fields: dict[str, Value] = {SIGNATURE_KEY: RESOURCE_SIGNATURE, "urn": value.urn}
    if value.id is not None:
        fields["id"] = "" if isinstance(value.id, Unknown) else value.id
    if value.package_version:
        fields["packageVersion"] = value.package_version
    return fields


def _blob_fields(value: Asset | Archive) -> dict[str, Value]:
    fields: dict[str, Value] = {
        SIGNATURE_KEY: ASSET_SIGNATURE if isinstance(value, Asset) else ARCHIVE_SIGNATURE,
        "hash": value.hash or None,
        "text": value.text if isinstance(value, Asset) else None,
        "assets": value.assets if isinstance(value, Archive) else None,
        "path": value.path,
        "uri": value.uri,
    }
    return {key: item for key, item in fields.items() if item is not None}


def to_json(value: Value, secret: Callable[[Value], Value] | None = None) -> Value:
    """The JSON form of a value, as a deployment holds it.

    `secret` gets a secret's inner value in JSON form and returns what is stored in the secret's place; without
    it the signed object keeps the plain value.
    """
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        return {key: to_json(item, secret) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item, secret) for item in value]
    if isinstance(value, Unknown):
        return UNKNOWN_STRING
    if isinstance(value, Secret):
        if secret is not None:
            return secret(to_json(value.value))
        return {SIGNATURE_KEY: SECRET_SIGNATURE, "value": to_json(value.value)}
    if isinstance(value, Output):
        return to_json(value.lowered(), secret)
    if isinstance(value, ResourceRef):
        # A deployment holds the version even where there is none.
        return {**_reference_fields(value), "packageVersion": value.package_version}
    if isinstance(value, (Asset, Archive)):
        return {key: to_json(item, secret) for key, item in _blob_fields(value).items()}
    raise CodecError(f"{type(value).__name__} is not a property value; use None, bool, number, str, list or dict")


# --- questions and transformations


def children(value: Value) -> Iterator[Value]:
    """The values directly inside a value, through secrets and outputs too."""
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, (list, tuple)):
        yield from value
    elif isinstance(value, Secret):
        yield value.value
    elif isinstance(value, Output):
        yield value.value if value.known else UNKNOWN
    elif isinstance(value, Archive) and value.assets:
        yield from value.assets.values()


def contains_unknown(value: Value) -> bool:
    """Whether the value, or anything inside it, is not known (a reference without its id does not count)."""
    return isinstance(value, Unknown) or any(contains_unknown(item) for item in children(value))


def contains_secret(value: Value) -> bool:
    """Whether the value, or anything inside it, is secret."""
    if isinstance(value, Secret) or (isinstance(value, Output) and value.secret):
        return True
    return any(contains_secret(item) for item in children(value))


def unwrap_secrets(value: Value) -> Value:
    """The value with every secret replaced by what it holds; outputs are lowered."""
    if isinstance(value, Secret):
        return unwrap_secrets(value.value)
    if isinstance(value, Output):
        return unwrap_secrets(value.lowered())
    if isinstance(value, Mapping):
        return {key: unwrap_secrets(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [unwrap_secrets(item) for item in value]
    return value


def lower_outputs(value: Value) -> Value:
    """The value with every `Output` as `UNKNOWN`, `Secret` or plain; secrets stay secret."""
    if isinstance(value, Output):
        return lower_outputs(value.lowered())
    if isinstance(value, Secret):
        return Secret(lower_outputs(value.value))
    if isinstance(value, Mapping):
        return {key: lower_outputs(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [lower_outputs(item) for item in value]
    return value


def plain(value: Value, *, secret: str | None = None, unknown: str = UNKNOWN_STRING) -> Value:
    """The value as ordinary JSON types.

    Secrets are unwrapped, or replaced by the text `secret`; unknowns become the text `unknown`; references
    become ids (a component's its URN); assets and archives their signed form.
    """
    if isinstance(value, Unknown):
        return unknown
    if isinstance(value, Output):
        return plain(value.lowered(), secret=secret, unknown=unknown)
    if isinstance(value, Secret):
        return plain(value.value, secret=secret, unknown=unknown) if secret is None else secret
    if isinstance(value, ResourceRef):
        return plain(value.urn if value.id is None else value.id, secret=secret, unknown=unknown)
    if isinstance(value, (Asset, Archive)):
        return to_json(value)
    if isinstance(value, Mapping):
        return {key: plain(item, secret=secret, unknown=unknown) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, secret=secret, unknown=unknown) for item in value]
    return value


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal as the protocol means it: True is not 1, blobs by their hash."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(item, other[key]) for key, item in one.items())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(same(left, right) for left, right in zip(one, other, strict=True))
    if isinstance(one, Secret) and isinstance(other, Secret):
        return same(one.value, other.value)
    return bool(one == other)
