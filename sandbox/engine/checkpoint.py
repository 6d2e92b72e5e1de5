"""The deployment format (version 3) that `pulumi stack export` writes and `pulumi stack import` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sandbox import codec
from sandbox.engine.crypto import Crypter, Scoped
from sandbox.engine.errors import EngineError
from sandbox.engine.resource import Properties, State, Timeouts

VERSION: Final = 3
OperationKind = Literal["creating", "updating", "deleting", "reading", "importing"]

# JSON name → attribute, for the fields that are left out when empty, in the order in which the CLI writes them.
_OPTIONAL: Final[tuple[tuple[str, str], ...]] = (
    ("parent", "parent"),
    ("protect", "protect"),
    ("taint", "taint"),
    ("external", "external"),
    ("dependencies", "dependencies"),
    ("initErrors", "init_errors"),
    ("provider", "provider"),
    ("propertyDependencies", "property_dependencies"),
    ("pendingReplacement", "pending_replacement"),
    ("additionalSecretOutputs", "additional_secret_outputs"),
    ("aliases", "aliases"),
    ("importID", "import_id"),
    ("retainOnDelete", "retain_on_delete"),
    ("deletedWith", "deleted_with"),
    ("replaceWith", "replace_with"),
    ("created", "created"),
    ("modified", "modified"),
    ("sourcePosition", "source_position"),
    ("ignoreChanges", "ignore_changes"),
    ("replaceOnChanges", "replace_on_changes"),
)
_READ: Final = frozenset(name for name, _ in _OPTIONAL) | {
    "urn",
    "custom",
    "delete",
    "id",
    "type",
    "inputs",
    "outputs",
    "customTimeouts",
    "replacementTrigger",
}


@dataclass(eq=False)
class Operation:
    """An operation that had begun and was not seen to end."""

    kind: OperationKind
    state: State


@dataclass(eq=False)
class Deployment:
    """Everything a state file holds."""

    crypter: Crypter
    resources: list[State] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the deployment that this engine only carries."""


def resource_to_json(state: State, crypter: Crypter) -> dict[str, Any]:
    """One resource as the deployment holds it."""
    secrets = crypter.of(f"{state.urn} {state.id if state.delete else ''}")
    written: dict[str, Any] = {"urn": state.urn, "custom": state.custom}
    if state.delete:
        written["delete"] = True
    if state.id:
        written["id"] = state.id
    written["type"] = state.type
    if state.inputs:
        written["inputs"] = _properties_to_json(state.inputs, secrets)
    if state.outputs:
        written["outputs"] = _properties_to_json(state.outputs, secrets)
    for name, attribute in _OPTIONAL:
        value = getattr(state, attribute)
        if value:
            written[name] = value
    if state.timeouts:
        written["customTimeouts"] = {
            key: codec.number(float(value)) for key, value in vars(state.timeouts).items() if value
        }
    if state.replacement_trigger is not None:
        written["replacementTrigger"] = codec.to_json(state.replacement_trigger, _sealer(secrets))
    return written | state.extra


def _sealer(crypter: Scoped) -> Any:
    def seal(value: Any) -> dict[str, str]:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        return {codec.SIGNATURE_KEY: codec.SECRET_SIGNATURE, **crypter.sealed(text)}

    return seal


def _properties_to_json(properties: Properties, crypter: Scoped) -> dict[str, Any]:
    written: dict[str, Any] = codec.to_json(dict(sorted(properties.items())), _sealer(crypter))
    return written


def resource_from_json(raw: Mapping[str, Any], crypter: Crypter) -> State:
    """Read one resource. Raises `EngineError` if a needed field is missing or a secret does not open."""
    for needed in ("urn", "type"):
        if not isinstance(raw.get(needed), str):
            raise EngineError(f"a resource without {needed!r}: {json.dumps(raw)[:120]}")
    timeouts = {key: float(value) for key, value in (raw.get("customTimeouts") or {}).items() if value}
    trigger = raw.get("replacementTrigger")
    secrets = crypter.of(f"{raw['urn']} {raw.get('id') or '' if raw.get('delete') else ''}")
    return State(
        urn=raw["urn"],
        type=raw["type"],
        custom=bool(raw.get("custom", False)),
        delete=bool(raw.get("delete", False)),
        id=raw.get("id") or "",
        inputs=_properties_from_json(raw.get("inputs"), secrets),
        outputs=_properties_from_json(raw.get("outputs"), secrets),
        timeouts=Timeouts(**timeouts),
        replacement_trigger=None if trigger is None else _value_from_json(trigger, secrets),
        extra={key: value for key, value in raw.items() if key not in _READ},
        **{attribute: raw[name] for name, attribute in _OPTIONAL if raw.get(name)},
    )


def _properties_from_json(raw: Mapping[str, Any] | None, crypter: Scoped) -> Properties:
    return {key: _value_from_json(value, crypter) for key, value in (raw or {}).items()}


def _value_from_json(raw: Any, crypter: Scoped) -> Any:
    def reveal(fields: Mapping[str, Any]) -> Any:
        if "ciphertext" in fields:
            return json.loads(crypter.decrypt(fields["ciphertext"]))
        return json.loads(fields["plaintext"])

    try:
        return codec.from_json(raw, reveal=reveal)
    except (codec.CodecError, KeyError, json.JSONDecodeError) as error:
        raise EngineError(f"a property value that cannot be read: {error}") from error


def deployment_from_json(document: Mapping[str, Any], passphrase: str) -> Deployment:
    """Read a deployment. Raises `EngineError` on another version, another secrets provider, or a broken resource."""
    version = document.get("version")
    body = document.get("deployment")
    if version not in (VERSION, 4) or not isinstance(body, Mapping):
        raise EngineError(f"it is not a deployment of version {VERSION} (version: {version!r})")
    secrets = body.get("secrets_providers") or {}
    kind = secrets.get("type", "")
    if kind not in ("", "passphrase"):
        raise EngineError(
            f"its secrets belong to the provider {kind!r}, which cannot be read offline; "
            "export it with 'pulumi stack export' from a stack with a passphrase provider"
        )
    crypter = Crypter(passphrase, (secrets.get("state") or {}).get("salt", ""))
    return Deployment(
        crypter=crypter,
        resources=[resource_from_json(raw, crypter) for raw in body.get("resources") or ()],
        operations=[
            Operation(raw["type"], resource_from_json(raw["resource"], crypter))
            for raw in body.get("pending_operations") or ()
        ],
        manifest=body.get("manifest") or {},
        extra={
            key: value
            for key, value in body.items()
            if key not in ("manifest", "secrets_providers", "resources", "pending_operations")
        },
    )
