"""What a refresh reports: the cloud's view, laid over what was recorded."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.codec import Value, unwrap_secrets
from sandbox.provider.diffing import diff, empty, keep_secret
from sandbox.provider.resource import Kind
from sandbox.provider.sdk import TypeInfo


def drifted(info: TypeInfo, kind: Kind, state: Mapping[str, Value], observed: Mapping[str, Value]) -> set[str]:
    """The inputs whose observed value means something else than the recorded one.

    Fields that the cloud reports and the program never gave are no drift; a map's keys (tags) are.
    """
    plain = unwrap_secrets(dict(state))
    names = set()
    for name, value in observed.items():
        if name not in info.inputs:
            continue
        seen = _narrowed(plain.get(name), value) if info.inputs[name].kind != "map" else value
        if diff(kind, info, {name: plain.get(name)}, {name: seen}).changes:
            names.add(name)
    return names


def _narrowed(old: Value, seen: Value) -> Value:
    """The observed value without fields that the recorded one does not have."""
    if isinstance(old, dict) and isinstance(seen, dict):
        return {key: _narrowed(old[key], item) for key, item in seen.items() if key in old}
    if isinstance(old, list) and isinstance(seen, list) and len(old) == len(seen):
        return [_narrowed(one, other) for one, other in zip(old, seen, strict=True)]
    return seen


def observed_outputs(
    info: TypeInfo, kind: Kind, state: Mapping[str, Value], observed: Mapping[str, Value]
) -> dict[str, Value]:
    """Recorded outputs with what drifted, and with every observed value that is no input."""
    changed = drifted(info, kind, state, observed)
    outputs = dict(state)
    for name, value in observed.items():
        if name not in info.inputs or name in changed or (name not in state and not empty(value)):
            outputs[name] = keep_secret(state, name, value)
    return {name: value for name, value in outputs.items() if value is not None}


def observed_inputs(
    info: TypeInfo, kind: Kind, state: Mapping[str, Value], inputs: Mapping[str, Value], observed: Mapping[str, Value]
) -> dict[str, Value]:
    """Recorded inputs with what drifted; an imported resource (no inputs yet) gets everything observed."""
    if not inputs:
        return {
            name: value
            for name, value in observed.items()
            if name in info.inputs and not empty(value) and value != kind.defaults.get(name)
        }
    result = dict(inputs)
    for name in drifted(info, kind, state, observed):
        if empty(observed[name]):
            result.pop(name, None)
        else:
            result[name] = keep_secret(inputs, name, observed[name])
    return result
