"""Finds a resource type of an installed SDK by its token, and what the SDK knows of it."""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import _types as pulumi_types

from sandbox.provider.sdk import shapes, source


@dataclass(frozen=True)
class TypeInfo:
    """A resource type: its inputs, the required ones, and the names of its outputs, all as on the wire.

    `forcing` holds the inputs whose documentation says that a change replaces the resource; most say nothing.
    """

    token: str
    inputs: Mapping[str, shapes.Shape]
    required: frozenset[str]
    outputs: frozenset[str]
    forcing: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Whether the type has an input of this wire name."""
        return name in self.inputs


@dataclass(frozen=True)
class _Entry:
    package: str
    module: str
    cls: str


class Catalogue:
    """The types of one SDK package (`aws`, `eks` or `kubernetes`)."""

    def __init__(self, package: str) -> None:
        self.package = package
        self._entries = _entries(package)
        self._types: dict[str, TypeInfo] = {}

    def tokens(self) -> list[str]:
        """Every resource type's token, sorted."""
        return sorted(self._entries)

    def nearest(self, token: str) -> str | None:
        """The known token that looks most like this one."""
        found = difflib.get_close_matches(token, self._entries, n=1, cutoff=0.6)
        return found[0] if found else None

    def find(self, token: str) -> TypeInfo | None:
        """What the SDK knows of a type; None for a type it does not have."""
        if token not in self._types:
            entry = self._entries.get(token)
            if entry is None:
                return None
            self._types[token] = _read(token, entry)
        return self._types[token]

    @functools.cached_property
    def provider(self) -> TypeInfo:
        """The provider's own configuration."""
        module = source.load(self.package, "provider")
        return TypeInfo(
            token=f"pulumi:providers:{self.package}",
            inputs=shapes.input_fields(module.ProviderArgs),
            required=shapes.required_fields(module.ProviderArgs),
            outputs=frozenset(),
        )


_SAYS_FORCING = re.compile(
    r"[Ff]orces? (a )?(new|replacement|re-?creation)|"
    r"[Cc]hanging (this|it|`\w+`)( value)? (will )?(forces?|re-?creates?|creates? a new|requires? replacement)"
)


@functools.cache
def catalogue(package: str) -> Catalogue:
    """The catalogue of an installed SDK; LookupError when it is not installed."""
    return Catalogue(package)


def _entries(package: str) -> dict[str, _Entry]:
    """Read the SDK's registration table from its text: importing it would cost more than the rest together."""
    text = (source.package_directory(package) / "__init__.py").read_text(encoding="utf-8")
    block = re.search(r'resource_modules="""\n(.*?)\n"""', text, re.DOTALL)
    if block is None:
        raise LookupError(f"pulumi-{package} has no table of resource modules")
    entries: dict[str, _Entry] = {}
    for module in json.loads(block.group(1)):
        dotted = module["fqn"].removeprefix(f"pulumi_{package}").lstrip(".")
        for token, cls in module["classes"].items():
            entries[token] = _Entry(package, dotted, cls)
    return entries


def _read(token: str, entry: _Entry) -> TypeInfo:
    module = _module_of(token, entry)
    resource = getattr(module, entry.cls)
    arguments = _arguments_class(module, entry.cls)
    return TypeInfo(
        token=token,
        inputs=shapes.input_fields(arguments),
        required=shapes.required_fields(arguments),
        outputs=frozenset(pulumi_types.resource_types(resource)),
        forcing=_forcing(arguments),
    )


def _forcing(arguments: type) -> frozenset[str]:
    names = pulumi_types.input_type_py_to_pulumi_names(arguments)
    text = arguments.__init__.__doc__ or ""  # type: ignore[misc]  # the SDK's own class
    found = set()
    for block in text.split(":param ")[1:]:
        argument = re.match(r"\S+ (\w+): ", block)
        if argument is not None and _SAYS_FORCING.search(block):
            found.add(names.get(argument.group(1), argument.group(1)))
    return frozenset(found)


def _module_of(token: str, entry: _Entry) -> Any:
    folder = source.package_directory(entry.package).joinpath(*filter(None, entry.module.split(".")))
    candidates = [_snake(entry.cls), _snake(token.split(":")[1].rsplit("/", 1)[-1])]
    declaration = re.compile(rf"^class {entry.cls}\(pulumi\.(Custom|Component)Resource\):", re.MULTILINE)
    files = [folder / f"{name}.py" for name in candidates] + sorted(folder.glob("*.py"))
    for file in files:
        if file.exists() and declaration.search(file.read_text(encoding="utf-8")):
            return source.load(entry.package, ".".join(filter(None, [entry.module, file.stem])))
    raise LookupError(f"{token}: no file of pulumi-{entry.package} declares {entry.cls}")


def _arguments_class(module: Any, cls: str) -> type:
    """The class of a resource's arguments; it is named `…InitArgs` where `…Args` is a nested type's name."""
    for name in (f"{cls}InitArgs", f"{cls}Args"):
        found = module.__dict__.get(name)
        if found is not None and found.__module__ == module.__name__:
            return found  # type: ignore[no-any-return]  # classes of a generated module
    raise LookupError(f"{module.__name__} has no arguments for {cls}")


def _snake(name: str) -> str:
    step = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", step).lower()
