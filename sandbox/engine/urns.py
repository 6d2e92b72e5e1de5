"""URNs: `urn:pulumi:<stack>::<project>::<parent type>$…$<type>::<name>`, and provider references `<urn>::<id>`."""

from __future__ import annotations

from sandbox.codec import UNKNOWN_STRING

STACK_TYPE = "pulumi:pulumi:Stack"
_PROVIDER_PREFIX = "pulumi:providers:"
DENIED_ID = "denydefaultprovider"


def make(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource under a parent (empty for none); the stack's own type is left out of the chain."""
    above = qualified_type(parent) if parent else ""
    chain = f"{above}${type_}" if above and above != STACK_TYPE else type_
    return f"urn:pulumi:{stack}::{project}::{chain}::{name}"


def _parts(urn: str) -> tuple[str, str, str, str]:
    head, project, chain, name = urn.split("::", 3)
    return head.removeprefix("urn:pulumi:"), project, chain, name


def is_valid(urn: str) -> bool:
    """Whether the text has the shape of a URN."""
    return urn.startswith("urn:pulumi:") and urn.count("::") >= 3


def stack_of(urn: str) -> str:
    """The stack's name."""
    return _parts(urn)[0]


def project_of(urn: str) -> str:
    """The project's name."""
    return _parts(urn)[1]


def qualified_type(urn: str) -> str:
    """The chain of types from the outermost component to the resource."""
    return _parts(urn)[2]


def type_of(urn: str) -> str:
    """The resource's own type."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """The resource's name."""
    return _parts(urn)[3]


def package_of(type_: str) -> str:
    """The package of a type or function token, `aws` of `aws:dynamodb/table:Table`."""
    return type_.split(":", 1)[0]


def is_provider(type_: str) -> bool:
    """Whether the type is that of a provider resource."""
    return type_.startswith(_PROVIDER_PREFIX)


def provider_package(type_: str) -> str:
    """The package that a provider type is for."""
    return type_.removeprefix(_PROVIDER_PREFIX)


def provider_type(package: str) -> str:
    """The type of a package's provider resources."""
    return _PROVIDER_PREFIX + package


def reference(urn: str, id_: str) -> str:
    """A provider reference."""
    return f"{urn}::{id_ or UNKNOWN_STRING}"


def reference_urn(reference_: str) -> str:
    """The URN in a provider reference."""
    return reference_.rsplit("::", 1)[0]


def reference_id(reference_: str) -> str:
    """The id in a provider reference."""
    return reference_.rsplit("::", 1)[1]
