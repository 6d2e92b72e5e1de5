"""How a resource type is described to the provider: a `Kind`, as data with a few functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.codec import Value

if TYPE_CHECKING:
    from sandbox.provider.context import Context

Properties = dict[str, Value]
"""Properties by their names on the wire, without secrets; in a preview some may be `UNKNOWN`."""
Condition = Callable[[Mapping[str, Value], Mapping[str, Value]], bool]
"""Decides on old and new inputs."""


@dataclass(frozen=True, kw_only=True)
class AutoName:
    """How the real provider names a resource that the program leaves unnamed: `<name>-<7 hex digits>`.

    `limit` is the service's longest name, `transform` what its alphabet asks for, `prefix` and `suffix` are fixed.
    """

    property: str = "name"
    limit: int = 255
    separator: str = "-"
    prefix: str = ""
    lower: bool = False
    suffix: Callable[[Mapping[str, Value]], str] = lambda _inputs: ""


@dataclass(frozen=True)
class Made:
    """A created resource: its physical id and the outputs that only creating it could tell."""

    id: str
    outputs: Properties = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Handler:
    """Makes a type's resources in the sandbox's cloud.

    Attributes:
        create: Creates the resource; raises `ProviderError`, or `PartlyMadeError` when something exists.
        read: The resource as the cloud has it (only what the cloud knows), None when it is gone. Its last argument
            holds what is recorded, which may be the inputs only.
        update: Brings the resource from old properties to new inputs; returns changed outputs.
        delete: Deletes the resource; it is no fault when it is already gone.
    """

    create: Callable[[Context, Properties], Made]
    read: Callable[[Context, str, Properties], Properties | None]
    update: Callable[[Context, str, Properties, Properties], Properties]
    delete: Callable[[Context, str, Properties], None]


def nothing_computed(_context: Context, _physical_id: str | None, _inputs: Properties) -> Properties:
    """No output beyond the inputs."""
    return {}


def no_identity(_context: Context, _inputs: Properties) -> str | None:
    """An id that only creation can tell."""
    return None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A resource type.

    Attributes:
        type: The type token.
        forces: Property paths (without list indices) whose change means a replacement.
        forces_if: Paths whose change means one only if this says so of the old and the new inputs.
        defaults: What the real provider reports for an input that was left out.
        name: How an unnamed resource is named; None where the type has no automatic name.
        documents: Properties that hold JSON documents, compared by meaning.
        sets: Lists whose order means nothing.
        identity: The physical id where inputs decide it.
        id_prefix: How a recorded type's generated ids begin.
        computed: Outputs that follow from inputs, identity, region and account.
        counted: Outputs that the service counts up when this says so of the old and the new inputs: a preview of such
            an update does not know them.
        handler: Makes it in the cloud; None for a recorded type.
        lasting: Whether two copies cannot exist side by side although the name is free, so that a replacement
            deletes first.
    """

    type: str
    forces: frozenset[str] = frozenset()
    forces_if: Mapping[str, Condition] = field(default_factory=dict)
    defaults: Mapping[str, Value] = field(default_factory=dict)
    name: AutoName | None = None
    documents: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    identity: Callable[[Context, Properties], str | None] = no_identity
    id_prefix: str | None = None
    computed: Callable[[Context, str | None, Properties], Properties] = nothing_computed
    counted: Mapping[str, Condition] = field(default_factory=dict)
    handler: Handler | None = None
    lasting: bool = False
