"""Parsing a policy document, an object or JSON text, leniently: what cannot be read is named, not raised."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from awsfacts.iam.glob import has_wildcard, matches

if TYPE_CHECKING:
    from collections.abc import Mapping

Effect = Literal["Allow", "Deny"]
VERSION = "2012-10-17"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One line of a condition block: an operator, a key and the values of which one must match."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def base(self) -> str:
        """The operator in lower case without its set prefix and `IfExists`."""
        name = self.operator.lower().rpartition(":")[2]
        return name.removesuffix("ifexists")

    @property
    def if_exists(self) -> bool:
        """Whether it holds when the key is absent."""
        return self.operator.lower().endswith("ifexists")

    @property
    def set_prefix(self) -> str:
        """`forallvalues`, `foranyvalue`, or the empty string."""
        head, separator, _ = self.operator.lower().rpartition(":")
        return head if separator else ""


@dataclass(frozen=True)
class Statement:
    """One statement. Exactly one of `actions` and `not_actions` is filled, likewise for resources and principals."""

    index: int
    sid: str = ""
    effect: Effect = "Allow"
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    """Pairs of kind (`AWS`, `Service`, `Federated`, `CanonicalUser`, or `*`) and value."""
    not_principals: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def allows(self) -> bool:
        """Whether its effect is Allow."""
        return self.effect == "Allow"

    @property
    def label(self) -> str:
        """How a message names it: by Sid where it has one."""
        return f"statement {self.sid!r}" if self.sid else f"statement {self.index + 1}"

    def covers(self, action: str) -> bool:
        """Whether its Action or NotAction covers an action, given by its full name."""
        if self.not_actions:
            return not any(matches(pattern, action, ignore_case=True) for pattern in self.not_actions)
        return any(matches(pattern, action, ignore_case=True) for pattern in self.actions)

    @property
    def any_resource(self) -> bool:
        """Whether it holds for every resource."""
        return any(set(pattern) == {"*"} for pattern in self.resources)

    @property
    def any_principal(self) -> bool:
        """Whether it holds for every principal of every account."""
        return any(kind in ("*", "AWS") and value == "*" for kind, value in self.principals)

    @cached_property
    def wildcards(self) -> tuple[str, ...]:
        """Its resource patterns that have a wildcard."""
        return tuple(pattern for pattern in self.resources if has_wildcard(pattern))


@dataclass(frozen=True, kw_only=True)
class Document:
    """A parsed document. `faults` says what could not be read; the rest is what could."""

    version: str = ""
    statements: tuple[Statement, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def allowing(self) -> tuple[Statement, ...]:
        """The Allow statements."""
        return tuple(statement for statement in self.statements if statement.allows)

    @property
    def denying(self) -> tuple[Statement, ...]:
        """The Deny statements."""
        return tuple(statement for statement in self.statements if not statement.allows)


def parse(source: object) -> Document:
    """Read a document from JSON text or from an object."""
    if isinstance(source, str | bytes):
        try:
            source = json.loads(source)
        except (ValueError, RecursionError) as error:
            return Document(faults=(f"it is not JSON: {error}",))
    return _Parser().document(source)


class _Parser:
    def __init__(self) -> None:
        self.faults: list[str] = []

    def document(self, source: object) -> Document:
        if not isinstance(source, dict):
            return Document(faults=(f"it is a {type(source).__name__}, not an object with Version and Statement",))
        version = source.get("Version")
        if version is None:
            self.faults.append(
                f"Version is missing: AWS then reads it as 2008-10-17, without policy variables; write {VERSION}"
            )
        elif version not in (VERSION, "2008-10-17"):
            self.faults.append(f"Version is {version!r}; write {VERSION!r}")
        self._unknown_keys(source, {"Version", "Id", "Statement"}, "the document")
        statements = source.get("Statement")
        if isinstance(statements, dict):
            statements = [statements]
        if not isinstance(statements, list) or not statements:
            self.faults.append("Statement is missing or empty")
            statements = []
        parsed = tuple(
            statement
            for index, item in enumerate(statements)
            if (statement := self._statement(index, item)) is not None
        )
        return Document(
            version=version if isinstance(version, str) else "", statements=parsed, faults=tuple(self.faults)
        )

    def _statement(self, index: int, source: object) -> Statement | None:
        where = f"statement {index + 1}"
        if not isinstance(source, dict):
            self.faults.append(f"{where} is a {type(source).__name__}, not an object")
            return None
        sid = source.get("Sid")
        if isinstance(sid, str) and sid:
            where = f"statement {sid!r}"
        effect = source.get("Effect")
        if effect not in ("Allow", "Deny"):
            self.faults.append(f"{where}: Effect is {effect!r}; write 'Allow' or 'Deny'")
            return None
        self._unknown_keys(source, _STATEMENT_KEYS, where)
        for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
            if one in source and other in source:
                self.faults.append(f"{where} has both {one} and {other}; keep one")
        if "Action" not in source and "NotAction" not in source:
            self.faults.append(f"{where} has neither Action nor NotAction")
        return Statement(
            index=index,
            sid=sid if isinstance(sid, str) else "",
            effect=effect,
            actions=self._strings(source.get("Action"), f"{where}: Action"),
            not_actions=self._strings(source.get("NotAction"), f"{where}: NotAction"),
            resources=self._strings(source.get("Resource"), f"{where}: Resource"),
            not_resources=self._strings(source.get("NotResource"), f"{where}: NotResource"),
            principals=self._principals(source.get("Principal"), f"{where}: Principal"),
            not_principals=self._principals(source.get("NotPrincipal"), f"{where}: NotPrincipal"),
            conditions=self._conditions(source.get("Condition"), f"{where}: Condition"),
        )

    def _unknown_keys(self, source: Mapping[str, Any], known: set[str], where: str) -> None:
        for key in source:
            if key not in known:
                self.faults.append(f"{where} has {key!r}, which IAM does not know; it knows {', '.join(sorted(known))}")

    def _strings(self, source: object, where: str) -> tuple[str, ...]:
        if source is None:
            return ()
        items = source if isinstance(source, list) else [source]
        if not items:
            self.faults.append(f"{where} is an empty list")
        bad = next((item for item in items if not isinstance(item, str)), None)
        if bad is not None:
            self.faults.append(f"{where} holds a {type(bad).__name__} where a string belongs")
        return tuple(item for item in items if isinstance(item, str))

    def _principals(self, source: object, where: str) -> tuple[tuple[str, str], ...]:
        if source is None:
            return ()
        if source == "*":
            return (("*", "*"),)
        if not isinstance(source, dict):
            self.faults.append(f"{where} is {source!r}; write '*' or an object such as {{'Service': …}}")
            return ()
        pairs = []
        for kind, values in source.items():
            if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
                self.faults.append(f"{where} has kind {kind!r}; IAM knows AWS, Service, Federated, CanonicalUser")
            pairs += [(kind, value) for value in self._strings(values, f"{where}.{kind}")]
        return tuple(pairs)

    def _conditions(self, source: object, where: str) -> tuple[Condition, ...]:
        if source is None:
            return ()
        if not isinstance(source, dict):
            self.faults.append(f"{where} is a {type(source).__name__}, not an object of operators")
            return ()
        found = []
        for operator, block in source.items():
            if not isinstance(block, dict):
                self.faults.append(f"{where}.{operator} is a {type(block).__name__}, not an object of keys")
                continue
            found += [
                Condition(operator=operator, key=key, values=self._values(values, f"{where}.{operator}.{key}"))
                for key, values in block.items()
            ]
        return tuple(found)

    def _values(self, source: object, where: str) -> tuple[str, ...]:
        items = source if isinstance(source, list) else [source]
        values = []
        for item in items:
            if isinstance(item, bool):
                values.append("true" if item else "false")
            elif isinstance(item, str | int | float):
                values.append(str(item))
            else:
                self.faults.append(f"{where} holds a {type(item).__name__} where a string belongs")
        return tuple(values)


_STATEMENT_KEYS = {
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
}  # fmt: skip
