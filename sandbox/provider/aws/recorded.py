"""Kinds for types that are checked and recorded: ids, ARNs and outputs made from what the SDK says of the type."""

from __future__ import annotations

import functools

from sandbox.codec import Value
from sandbox.provider.aws import facts
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Kind, Properties
from sandbox.provider.sdk import TypeInfo


def kind(info: TypeInfo) -> Kind:
    """A recorded kind of this type."""
    name = naming(info)
    forces = {"region", "namePrefix"} | info.forcing
    if name is not None:
        forces.add(name.property)
    forces = (forces - facts.KEPT.get(info.token, frozenset())) | facts.FORCES.get(info.token, frozenset())
    return Kind(
        type=info.token,
        forces=frozenset(forces),
        forces_if=facts.FORCES_IF.get(info.token, {}),
        defaults=facts.DEFAULTS.get(info.token, {}),
        name=name,
        documents=frozenset(key for key in info.inputs if key.lower().endswith(("policy", "document", "definition"))),
        sets=facts.SETS,
        id_prefix=facts.PREFIXES.get(info.token),
        identity=functools.partial(_identity, info, name),
        computed=functools.partial(_computed, info, name),
    )


def naming(info: TypeInfo) -> AutoName | None:
    """How the real provider names this type: by `name`, where the SDK leaves it optional."""
    if info.token in facts.NAMES:
        return facts.NAMES[info.token]
    shape = info.inputs.get("name")
    if shape is not None and shape.kind == "string" and "name" not in info.required:
        return AutoName()
    return None


def _named(info: TypeInfo, name: AutoName | None, inputs: Properties) -> Value:
    candidates = [name.property] if name is not None else []
    candidates += ["name", *facts.NAME_PROPERTIES]
    return next((inputs[key] for key in candidates if key in info.inputs and key in inputs), None)


def _identity(info: TypeInfo, name: AutoName | None, context: Context, inputs: Properties) -> str | None:
    pattern = facts.IDS.get(info.token)
    if pattern == facts.GENERATED:
        return None
    if pattern is not None:
        filled = facts.fill(pattern, context, inputs, None)
        return filled if isinstance(filled, str) else None
    found = _named(info, name, inputs)
    return found if isinstance(found, str) else None


def _computed(
    info: TypeInfo, name: AutoName | None, context: Context, physical_id: str | None, inputs: Properties
) -> Properties:
    outputs: Properties = {}
    if "arn" in info.outputs:
        pattern = facts.ARNS.get(info.token) or _arn_pattern(info)
        last = _named(info, name, inputs) or physical_id
        known = physical_id if physical_id is not None and physical_id.startswith("arn:") else None
        outputs["arn"] = known or facts.fill(pattern, context, {**inputs, "_name": last}, physical_id)
    for key, pattern in facts.OUTPUTS.get(info.token, {}).items():
        block, _, field = key.rpartition(".")
        value = facts.fill(pattern, context, inputs, physical_id)
        if not block:
            outputs[key] = value
        elif isinstance(inputs.get(block), dict) and value is not None:
            outputs[block] = {**inputs[block], field: value}
    for key in info.outputs - set(info.inputs) - set(outputs):
        value = facts.plausible(key, context)
        if value is not None:
            outputs[key] = value
    return {key: value for key, value in outputs.items() if value is not None}


def _arn_pattern(info: TypeInfo) -> str:
    service, resource = info.token.split(":")[1].split("/")
    region = "" if service in facts.GLOBAL_SERVICES else "{region}"
    service = facts.ARN_SERVICES.get(service, service)
    return f"arn:{{partition}}:{service}:{region}:{{account}}:{resource.lower()}/{{_name}}"
