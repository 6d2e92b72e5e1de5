"""What a rule looks at: one resource with its options and provider, or the whole stack as a graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from holdfast_policies.values import UNKNOWN, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True, kw_only=True)
class Options:
    """The resource options that a policy may see."""

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The provider instance that manages a resource."""

    urn: str = ""
    type: str = ""
    name: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_default(self) -> bool:
        """Whether Pulumi made this provider because the program named none."""
        return self.name.startswith("default")


class Resource(View):
    """A registered resource: its inputs while it is judged alone, its outputs (over the inputs) in a stack."""

    def __init__(
        self,
        *,
        type: str,  # noqa: A002 - Pulumi's own word for it
        name: str,
        urn: str,
        properties: Mapping[str, Any],
        options: Options | None = None,
        provider: Provider | None = None,
        dependencies: Iterable[str] = (),
        property_dependencies: Mapping[str, Iterable[str]] | None = None,
        id: str = "",  # noqa: A002 - Pulumi's own word for it
        secrets: frozenset[str] = frozenset(),
    ) -> None:
        given = {key: tuple(urns) for key, urns in (property_dependencies or {}).items()}
        # a preview leaves out what it does not know yet: what the program gave and is not there is unknown, not unset
        absent = {key: UNKNOWN for key in given if properties.get(key) is None}
        super().__init__({**properties, **absent} if absent else properties)
        self.type = type
        self.name = name
        self.urn = urn
        self.options = options or Options()
        self.provider = provider
        self.dependencies = tuple(dependencies)
        self.property_dependencies = given
        self.id = id
        self.secrets = secrets
        """Every string that came as a secret: a message must not repeat one."""
        self.cache: dict[str, Any] = {}
        """What several rules read from it and need to parse only once."""

    @cached_property
    def region(self) -> str:
        """The region it lives in: its own, or its provider's; empty where neither says so. May raise `Undecided`."""
        return self.text("region") or (
            View(self.provider.properties, "provider").text("region") if self.provider else ""
        )

    def __repr__(self) -> str:
        return f"Resource({self.urn})"


class Stack:
    """All resources of a deployment and how they refer to each other."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = tuple(resources)
        self.by_urn = {resource.urn: resource for resource in self.resources}
        self.cache: dict[str, Any] = {}
        """What several rules work out from it."""
        self._by_type: dict[str, list[Resource]] = {}
        for resource in self.resources:
            self._by_type.setdefault(resource.type, []).append(resource)

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, in the order of registration."""
        for name in types:
            yield from self._by_type.get(name, ())

    def refers(self, source: Resource, name: str, target: Resource) -> bool:
        """Whether a property of `source` names `target`: by id, ARN or name, or by the graph where unknown."""
        value = source.data.get(name)
        names = _identities(target)
        if _mentions(value, names):
            return True
        # a preview leaves out, or marks, what is not known yet: then the graph says what the program gave
        if value is not None and not _has_unknown(value):
            return False
        given = source.property_dependencies.get(name, ())
        return target.urn in (given or (source.dependencies if value is not None else ()))

    def referring(self, target: Resource, name: str, *types: str) -> Iterator[Resource]:
        """The resources of these types whose property `name` refers to `target`."""
        return (source for source in self.of(*types) if self.refers(source, name, target))

    def target(self, source: Resource, name: str, *types: str) -> Resource | None:
        """The one resource of these types that the property refers to, or None where the stack has none."""
        return next((target for target in self.of(*types) if self.refers(source, name, target)), None)


_NAMES = ("id", "arn", "name", "bucket", "keyId", "clusterName", "replicationGroupId")


def _identities(resource: Resource) -> frozenset[str]:
    data = resource.data
    known = {resource.id, *(item for key in _NAMES if isinstance(item := data.get(key), str))}
    arn = data.get("arn")
    if isinstance(arn, str):
        known.add(arn.rpartition("/")[2])  # the id of a VPC, subnet or route table is the end of its ARN
    return frozenset(known - {""})


def _mentions(value: Any, names: frozenset[str]) -> bool:
    if isinstance(value, str):
        return value in names
    if isinstance(value, list):
        return any(_mentions(item, names) for item in value)
    if isinstance(value, dict):
        return any(_mentions(item, names) for item in value.values())
    return False


def _has_unknown(value: Any) -> bool:
    if value is UNKNOWN:
        return True
    if isinstance(value, list):
        return any(_has_unknown(item) for item in value)
    return isinstance(value, dict) and any(_has_unknown(item) for item in value.values())
