"""`yaml.v2.ConfigGroup` and `ConfigFile`: components whose children are a manifest's objects."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as _kubernetes  # noqa: F401  its resources must be known before references to them are read
from pulumi.provider import ConstructResult

from sandbox.provider.faults import ProviderError
from sandbox.provider.kubernetes import manifests


class Manifest(pulumi.ComponentResource):
    """A component with one child for each object."""

    def __init__(self, token: str, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(token, name, None, opts)
        prefix = inputs.get("resourcePrefix") or name
        self.resources = [self._child(str(prefix), document) for document in documents(name, inputs)]
        self.register_outputs({"resources": self.resources})

    def _child(self, prefix: str, document: dict[str, Any]) -> pulumi.CustomResource:
        metadata = document.get("metadata") or {}
        parts = [part for part in (metadata.get("namespace"), metadata.get("name")) if part]
        group = manifests.token(document).split(":")[1]
        return pulumi.CustomResource(
            manifests.token(document),
            f"{prefix}:{group}/{document['kind']}:{'/'.join(parts)}",
            document,
            pulumi.ResourceOptions(parent=self),
        )


def documents(name: str, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects that a component's inputs name: objects, texts, files (with patterns)."""
    found: list[dict[str, Any]] = []
    for item in _list(inputs.get("objs")):
        found.extend(manifests.decode_object(_known(name, "objs", item)))
    for text in _list(inputs.get("yaml")):
        found.extend(manifests.decode(_known(name, "yaml", text)))
    for pattern in [*_list(inputs.get("files")), *_list(inputs.get("file"))]:
        paths = sorted(glob.glob(_known(name, "files", pattern)))  # noqa: PTH207  patterns may be absolute
        if not paths:
            raise ProviderError(f"{name}: no file matches {pattern!r}; give a path under the project's folder")
        for path in paths:
            found.extend(manifests.decode(Path(path).read_text(encoding="utf-8")))
    return found


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _known(name: str, what: str, value: Any) -> Any:
    if isinstance(value, pulumi.Output):
        raise ProviderError(f"{name}: {what} must be plain values: the sandbox plans every object before it is made")
    return value


def construct(name: str, token: str, inputs: Mapping[str, Any], options: Any) -> ConstructResult:
    """Make the component."""
    component = Manifest(token, name, inputs, options)
    return ConstructResult(urn=component.urn, state={"resources": component.resources})
