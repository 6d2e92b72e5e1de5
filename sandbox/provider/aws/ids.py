"""Identities and outputs that follow from a name, for kinds of every service."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.provider.context import Context
from sandbox.provider.resource import Properties

Identity = Callable[[Context, Properties], str | None]
Computed = Callable[[Context, str | None, Properties], Properties]


def by(name: str) -> Identity:
    """The id is this input."""

    def identity(_context: Context, inputs: Properties) -> str | None:
        value = inputs.get(name)
        return value if isinstance(value, str) else None

    return identity


def by_arn(service: str, pattern: str, *, regional: bool = True) -> Identity:
    """The id is an ARN whose resource part is this pattern over the inputs (`topic/{name}`)."""

    def identity(context: Context, inputs: Properties) -> str | None:
        resource = _fill(pattern, inputs)
        return None if resource is None else context.arn(service, resource, region=None if regional else "")

    return identity


def joined(separator: str, *names: str) -> Identity:
    """The id is these inputs, joined."""

    def identity(_context: Context, inputs: Properties) -> str | None:
        values = [inputs.get(name) for name in names]
        return separator.join(map(str, values)) if all(isinstance(value, str) for value in values) else None

    return identity


def arn(service: str, pattern: str, *, regional: bool = True, output: str = "arn") -> Computed:
    """The output `arn` from inputs and `{id}`."""

    def computed(context: Context, physical_id: str | None, inputs: Properties) -> Properties:
        resource = _fill(pattern, {**inputs, "id": physical_id})
        return {} if resource is None else {output: context.arn(service, resource, region=None if regional else "")}

    return computed


def arn_is_id(_context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    """The output `arn` is the id."""
    return {"arn": physical_id} if physical_id else {}


def all_of(*parts: Computed) -> Computed:
    """Outputs of several rules."""

    def computed(context: Context, physical_id: str | None, inputs: Properties) -> Properties:
        outputs: Properties = {}
        for part in parts:
            outputs.update(part(context, physical_id, inputs))
        return outputs

    return computed


def _fill(pattern: str, inputs: Properties) -> str | None:
    try:
        values = {key: value for key, value in inputs.items() if isinstance(value, str | int)}
        return pattern.format(**values)
    except KeyError:
        return None
