"""A resource as the engine knows it: its state in the deployment, and the goal that a registration sets."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.engine import urns

Properties = dict[str, Any]


@dataclass(frozen=True)
class Timeouts:
    """Seconds that the provider may take; 0 is its own default."""

    create: float = 0
    update: float = 0
    delete: float = 0
    read: float = 0

    def __bool__(self) -> bool:
        return any((self.create, self.update, self.delete, self.read))


@dataclass(eq=False)
class State:
    """A resource of the deployment. Compared by identity: two copies of one URN may exist in a replacement."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    taint: bool = False
    external: bool = False
    """Read by the program, not owned: a deletion leaves it alone."""
    dependencies: list[str] = field(default_factory=list)
    init_errors: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    pending_replacement: bool = False
    """Deleted already; its successor is not made yet."""
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    timeouts: Timeouts = field(default_factory=Timeouts)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    replace_with: list[str] = field(default_factory=list)
    created: str = ""
    modified: str = ""
    source_position: str = ""
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    replacement_trigger: Any = None
    delete: bool = False
    """Replaced; its object still has to be deleted."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Fields of the deployment format that this engine only carries."""

    @property
    def name(self) -> str:
        """The name in the URN."""
        return urns.name_of(self.urn)

    @property
    def is_provider(self) -> bool:
        """Whether it is a provider resource."""
        return urns.is_provider(self.type)

    @property
    def reference(self) -> str:
        """Of a provider resource: the reference to it."""
        return urns.reference(self.urn, self.id)

    def dependency_urns(self) -> Iterator[str]:
        """What must be there before it and go after it, without its parent; may repeat."""
        if self.provider:
            yield urns.reference_urn(self.provider)
        yield from self.dependencies
        for several in self.property_dependencies.values():
            yield from several
        if self.deleted_with:
            yield self.deleted_with
        yield from self.replace_with

    def copy(self) -> State:
        """A copy whose lists and maps may be replaced, not changed in place."""
        return copy.copy(self)


@dataclass(frozen=True, kw_only=True)
class Alias:
    """What a resource was called before: a URN, or what differs from its present one."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(kw_only=True)
class Goal:
    """What a registration wants."""

    type: str
    name: str
    custom: bool
    properties: Properties
    parent: str = ""
    protect: bool | None = None
    dependencies: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    delete_before_replace: bool | None = None
    ignore_changes: list[str] = field(default_factory=list)
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    id: str = ""
    """The id to import from."""
    timeouts: Timeouts = field(default_factory=Timeouts)
    replace_on_changes: list[str] = field(default_factory=list)
    replacement_trigger: Any = None
    retain_on_delete: bool | None = None
    deleted_with: str = ""
    replace_with: list[str] = field(default_factory=list)
    source_position: str = ""

    def state(self, urn: str, old: State | None, alias: str) -> State:
        """The state that the registration leads to, before inputs are checked and outputs known."""
        return State(
            urn=urn,
            type=self.type,
            custom=self.custom,
            inputs=self.properties,
            parent=self.parent,
            protect=bool(self.protect),
            dependencies=self.dependencies,
            provider=self.provider,
            property_dependencies=self.property_dependencies,
            additional_secret_outputs=self.additional_secret_outputs,
            aliases=[alias] if alias else [],
            timeouts=self.timeouts,
            import_id=self.id,
            retain_on_delete=bool(self.retain_on_delete),
            deleted_with=self.deleted_with,
            replace_with=self.replace_with,
            created=old.created if old else "",
            modified=old.modified if old else "",
            source_position=self.source_position,
            ignore_changes=self.ignore_changes,
            replace_on_changes=self.replace_on_changes,
            replacement_trigger=self.replacement_trigger,
        )
