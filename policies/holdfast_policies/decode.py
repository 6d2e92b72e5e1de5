"""From Pulumi's wire and checkpoint forms of a property to plain Python values.

Whole numbers come out as integers, unknown values as `UNKNOWN`, secrets unwrapped with their strings noted, so that a
message can leave them out. Output values and resource references become what they stand for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from holdfast_policies.values import SENTINELS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.struct_pb2 import Struct, Value

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature of the protocol, not a password
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"


class Decoder:
    """Decodes one resource; afterwards `secrets` holds every string that came as a secret."""

    __slots__ = ("_secrets",)

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    @property
    def secrets(self) -> frozenset[str]:
        """The strings that came as secrets."""
        return frozenset(self._secrets)

    def struct(self, struct: Struct) -> dict[str, Any]:
        """The properties of a protocol message."""
        return {key: self._value(value) for key, value in struct.fields.items()}

    def plain(self, value: Any) -> Any:
        """A value of a checkpoint, already read from JSON."""
        if isinstance(value, dict):
            if SIGNATURE in value:
                return self._signed({key: self.plain(item) for key, item in value.items()})
            return {key: self.plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.plain(item) for item in value]
        if isinstance(value, str):
            return UNKNOWN if value in SENTINELS else value
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def _value(self, value: Value) -> Any:
        kind = value.WhichOneof("kind")
        if kind == "string_value":
            text = value.string_value
            return UNKNOWN if text in SENTINELS else text
        if kind == "struct_value":
            fields = value.struct_value.fields
            decoded = {key: self._value(item) for key, item in fields.items()}
            return self._signed(decoded) if SIGNATURE in decoded else decoded
        if kind == "list_value":
            return [self._value(item) for item in value.list_value.values]
        if kind == "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        return value.bool_value if kind == "bool_value" else None

    def _signed(self, value: dict[str, Any]) -> Any:
        signature = value[SIGNATURE]
        if signature == SECRET:
            return self._secret(value)
        if signature == OUTPUT:
            inner = value.get("value", UNKNOWN)
            if value.get("secret"):
                self._note(inner)
            return inner
        if signature == REFERENCE:
            return value.get("id") or UNKNOWN
        return {key: item for key, item in value.items() if key != SIGNATURE}

    def _secret(self, value: Mapping[str, Any]) -> Any:
        if "value" in value:
            inner = value["value"]
        elif isinstance(value.get("plaintext"), str):
            try:
                inner = self.plain(json.loads(value["plaintext"]))
            except ValueError:
                inner = UNKNOWN
        else:
            return UNKNOWN  # encrypted in the checkpoint
        self._note(inner)
        return inner

    def _note(self, value: Any) -> None:
        if isinstance(value, str):
            self._secrets.add(value)
        elif isinstance(value, dict):
            for item in value.values():
                self._note(item)
        elif isinstance(value, list):
            for item in value:
                self._note(item)
