"""Resources of a state, an export or a preview, with the region that bills them and the layer they belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from awsfacts.regions import REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GLOBAL = "global"
_LAYER = re.compile(r"holdfast:([a-z]+):")
_GONE = frozenset({"delete", "delete-replaced", "discard", "discard-replaced"})


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What is needed to price a resource."""

    type: str
    name: str
    urn: str
    region: str
    """Region of its provider, else the one that its name begins with, else `global`."""
    layer: str
    inputs: Mapping[str, Any] = field(repr=False)

    def number(self, name: str, default: float = 0) -> float:
        """A property as a number; the default where it is absent or not known yet."""
        value = self.inputs.get(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else default

    def text(self, name: str) -> str:
        """A property as text; empty where it is absent or not known yet."""
        value = self.inputs.get(name)
        return value if isinstance(value, str) else ""

    def count(self, name: str) -> int:
        """How many entries a list has; 0 where it is absent or not known yet."""
        value = self.inputs.get(name)
        return len(value) if isinstance(value, list) else 0

    def block(self, name: str) -> Mapping[str, Any]:
        """A nested object; the first of a list; empty where it is absent."""
        value = self.inputs.get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        return value if isinstance(value, dict) else {}


def from_state(document: Mapping[str, Any]) -> list[Resource]:
    """The resources of a state or of what `pulumi stack export` prints."""
    found = document.get("deployment", document).get("resources") or []
    return [_resource(one, one.get("inputs") or {}) for one in found if not one.get("delete")]


def from_steps(steps: Iterable[Mapping[str, Any]]) -> list[Resource]:
    """The resources that stand after the steps of `preview --json`; steps that change nothing are not among them."""
    found = {}
    for step in steps:
        state = step.get("newState") or step
        inputs = step.get("newInputs") or state.get("inputs") or {}
        if step.get("op") not in _GONE:
            found[step["urn"]] = _resource({**state, "urn": step["urn"]}, inputs)
    return list(found.values())


def after_preview(before: Iterable[Resource], steps: Iterable[Mapping[str, Any]]) -> list[Resource]:
    """The resources that stand after a preview: what stood before, changed as the steps say."""
    found = {one.urn: one for one in before}
    listed = list(steps)
    for step in listed:
        if step.get("op") in _GONE:
            found.pop(step["urn"], None)
    return list((found | {one.urn: one for one in from_steps(listed)}).values())


def _resource(one: Mapping[str, Any], inputs: Mapping[str, Any]) -> Resource:
    urn = one["urn"]
    kinds, name = urn.split("::")[2], urn.split("::")[-1]
    layers = [layer for layer in _LAYER.findall(kinds) if layer != "platform"]
    return Resource(
        type=kinds.rsplit("$", 1)[-1],
        name=name,
        urn=urn,
        region=_region(name, str(one.get("provider") or ""), inputs),
        layer=layers[-1] if layers else "platform",
        inputs=inputs,
    )


def _region(name: str, provider: str, inputs: Mapping[str, Any]) -> str:
    explicit = inputs.get("region")
    if isinstance(explicit, str) and explicit in REGIONS:
        return explicit
    parts = provider.split("::")
    for word in (parts[-2] if len(parts) > 1 else "", name):
        found = next((region for region in REGIONS if word == region or word.startswith(f"{region}-")), None)
        if found:
            return found
    return GLOBAL
