"""Reads `Pulumi.<stack>.yaml` as Pulumi reads it, and remembers on which line each value stands.

Pulumi's YAML is that of Go's yaml.v3: `on` and `yes` are words, `0x10` and `010` are numbers in base 16 and 8,
and a date reaches the program as `2026-01-01 00:00:00 +0000 UTC`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from settings._errors import Fault, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?")
_BASES = {"0x": 16, "0b": 2, "0o": 8}


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """A stack file as read."""

    path: Path
    config: Mapping[str, object]
    """Full key → value: plain dicts, lists, strings, numbers, booleans and None."""
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Path of a value, as a `Fault` writes it → its line, counted from 1."""

    @property
    def source(self) -> str:
        """What a message calls this file."""
        return self.path.name

    def pulumi_config(self) -> dict[str, str]:
        """The configuration as a program receives it: strings, with structured values as JSON."""
        return {key: value if isinstance(value, str) else json.dumps(value) for key, value in self.config.items()}

    def line(self, path: str) -> int | None:
        """The line of a path, or of the nearest part of it that is written in the file."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return None


def read_stack_file(path: Path) -> StackFile:
    """Read a stack file.

    Raises:
        SettingsError: the file is absent, unreadable, no YAML, or holds a value that cannot be read offline.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise _failure(path, "the stack file", f"cannot be read: {reason}", "make the file readable") from None
    reader = _Reader(path)
    return reader.read(text)


def _failure(path: Path, where: str, rule: str, fix: str, line: int | None = None) -> SettingsError:
    return SettingsError(path.name, (Fault(path=where, value=None, rule=rule, fix=fix, line=line),))


class _Reader:
    """Turns the nodes of one document into plain values."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[str, int] = {}

    def read(self, text: str) -> StackFile:
        try:
            root = YAML(typ="safe", pure=True).compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = None if mark is None else mark.line + 1
            problem = error.problem or error.context or "malformed"
            raise _failure(
                self._path, "the stack file", f"is not YAML: {problem}", "correct the YAML at that line", line
            ) from None
        except YAMLError as error:
            first = str(error).splitlines()[0]
            raise _failure(self._path, "the stack file", f"is not YAML: {first}", "write plain UTF-8 text") from None
        if root is None:
            return StackFile(path=self._path, config={})
        document = self._top(root)
        config = document.get("config")
        if config is None:
            config = {}
        if not isinstance(config, Mapping):
            raise _failure(self._path, "config", "must hold keys", "write 'config:' and the keys below it")
        self._refuse_secrets(config)
        return StackFile(path=self._path, config=config, lines=self._lines)

    def _top(self, root: object) -> Mapping[str, object]:
        if not isinstance(root, MappingNode):
            raise _failure(self._path, "the stack file", "must hold keys", "begin with 'config:'", 1)
        document: dict[str, object] = {}
        for key_node, node in root.value:
            # Paths begin at the configuration key: `holdfast:data.tables`, not `config.holdfast:data.tables`.
            prefix = "" if key_node.value == "config" else str(key_node.value)
            document[str(key_node.value)] = self._value(node, prefix)
        return document

    def _value(self, node: object, path: str) -> object:
        if path and (mark := getattr(node, "start_mark", None)) is not None:
            self._lines.setdefault(path, mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._value(item, f"{path}[{index}]") for index, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return node.value if node.style or node.tag == "!!str" else scalar(str(node.value))
        return None

    def _mapping(self, node: MappingNode, path: str) -> dict[str, object]:
        result: dict[str, object] = {}
        merged: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            where = f"{path}.{key}" if path else key
            if key == "<<" and not key_node.style:
                inherited = self._value(value_node, path)
                for part in inherited if isinstance(inherited, list) else [inherited]:
                    merged = {**(part if isinstance(part, dict) else {}), **merged}
                continue
            line = key_node.start_mark.line + 1
            if key in result:
                raise _failure(self._path, where, f"{key!r} is written twice", f"keep one {key!r}", line)
            self._lines[where] = line
            result[key] = self._value(value_node, where)
        return {**merged, **result}

    def _refuse_secrets(self, config: Mapping[str, object]) -> None:
        faults = tuple(
            Fault(
                path=key,
                value=None,
                rule="is an encrypted value, which cannot be read without the secrets provider of the stack",
                fix="keep secrets in Secrets Manager and name them here; settings hold none",
                line=self._lines.get(key),
            )
            for key, value in config.items()
            if isinstance(value, Mapping) and set(value) == {"secure"}
        )
        if faults:
            raise SettingsError(self._path.name, faults)


def scalar(text: str) -> object:
    """The value of a plain (unquoted) scalar, as Go's yaml.v3 resolves it."""
    if text in _NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    number = _number(text)
    if number is not None:
        return number
    if _DATE.fullmatch(text):
        return _timestamp(text)
    return text


def _number(text: str) -> int | float | None:
    plain = text.replace("_", "")
    sign, digits = (plain[0], plain[1:]) if plain[:1] in ("-", "+") else ("", plain)
    base = _BASES.get(digits[:2].lower())
    if base is None and re.fullmatch(r"0[0-7]+", digits):
        base = 8
    try:
        if base is not None or digits.isdecimal():
            if base is None and len(digits) > 1 and digits.startswith("0"):
                return float(plain)
            return int(sign + digits, base or 10)
    except ValueError:
        return None
    return float(plain) if _FLOAT.fullmatch(plain) else None


def _timestamp(text: str) -> str:
    """A date as Pulumi hands it to a program; a text that is no date stays as it is."""
    try:
        moment = datetime.fromisoformat(text.replace("t", "T"))
    except ValueError:
        return text
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    zone = "UTC" if moment.utcoffset() == UTC.utcoffset(None) else moment.strftime("%z")
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} {moment:%z} {zone}"
