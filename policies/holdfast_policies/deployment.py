"""Judging a deployment: a state file of the sandbox, or the output of `pulumi stack export`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from holdfast_policies.config import choices
from holdfast_policies.decode import Decoder
from holdfast_policies.exemptions import Exemptions
from holdfast_policies.judge import Finding, Judge
from holdfast_policies.packs import PACKS, all_rules
from holdfast_policies.resource import Options, Provider, Resource, Stack
from holdfast_policies.rule import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class DeploymentError(ValueError):
    """A document that is no deployment; the message says where, what, and what to pass instead."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What all packs say about one deployment."""

    findings: tuple[Finding, ...]
    resources: int
    rules: int
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each resource was written, by URN, as `file:line`, where the deployment says so."""

    @property
    def mandatory(self) -> tuple[Finding, ...]:
        """The findings that would stop a deployment."""
        return tuple(finding for finding in self.findings if finding.level is Level.MANDATORY)

    @property
    def ok(self) -> bool:
        """Whether nothing would stop a deployment."""
        return not self.mandatory


def judge_file(path: Path, **options: Any) -> Report:
    """Judge a file; the options are those of `judge_deployment`.

    Raises:
        DeploymentError: the file cannot be read, or holds no deployment.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise DeploymentError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise DeploymentError(f"{path}: not JSON: {error}; pass a state.json or `pulumi stack export` output") from None
    return judge_deployment(document, source=str(path), **options)


def judge_deployment(
    document: object,
    *,
    source: str = "deployment",
    packs: Iterable[str] = tuple(PACKS),
    config: Mapping[str, Any] | None = None,
    exemptions: Exemptions | None = None,
) -> Report:
    """Judge a deployment by the rules of some packs.

    Args:
        document: the deployment, already read from JSON.
        source: how errors name it.
        packs: names of packs.
        config: levels and settings, as a pack's configuration file has them.
        exemptions: what is accepted.

    Raises:
        DeploymentError: the document is no deployment.
    """
    wanted = set(packs)
    rules = [rule for rule in all_rules() if rule.pack in wanted]
    judge = Judge(rules=rules, choices=choices(rules, config or {}), exemptions=exemptions or Exemptions())
    states = _states(document, source)
    providers = {f"{state['urn']}::{state.get('id', '')}": state for state in states if "urn" in state}
    registered = [_resource(state, providers, over_outputs=False) for state in states]
    findings = [finding for resource in registered for finding in judge.judge(resource)]
    findings += judge.judge_stack(Stack(_resource(state, providers, over_outputs=True) for state in states))
    sources = {state["urn"]: place for state in states if (place := _place(state.get("sourcePosition")))}
    return Report(findings=tuple(findings), resources=len(states), rules=len(rules), sources=sources)


def _states(document: object, source: str) -> list[dict[str, Any]]:
    inner: Any = document
    for key in ("checkpoint", "latest", "deployment"):
        if isinstance(inner, dict) and isinstance(inner.get(key), dict):
            inner = inner[key]
    resources = inner.get("resources") if isinstance(inner, dict) else None
    if resources is None and isinstance(inner, dict) and "manifest" in inner:
        return []
    if not isinstance(resources, list):
        raise DeploymentError(
            f"{source}: no deployment: no list `resources`; pass a state.json or what `pulumi stack export` writes"
        )
    states = [state for state in resources if isinstance(state, dict) and isinstance(state.get("urn"), str)]
    return [state for state in states if not state.get("delete")]


def _resource(state: Mapping[str, Any], providers: Mapping[str, Any], *, over_outputs: bool) -> Resource:
    decoder = Decoder()
    properties = _mapping(decoder.plain(state.get("inputs")))
    if over_outputs:
        properties = {**properties, **_mapping(decoder.plain(state.get("outputs")))}
    urn = state["urn"]
    kind = state.get("type")
    return Resource(
        type=kind if isinstance(kind, str) else "",
        name=urn.rpartition("::")[2],
        urn=urn,
        properties=properties,
        options=Options(
            protect=bool(state.get("protect")),
            ignore_changes=tuple(one for one in _list(state.get("ignoreChanges")) if isinstance(one, str)),
            delete_before_replace=state.get("deleteBeforeReplace"),
            parent=state.get("parent") or "",
        ),
        provider=_provider(providers.get(str(state.get("provider") or ""))),
        dependencies=[one for one in _list(state.get("dependencies")) if isinstance(one, str)],
        property_dependencies={
            key: [one for one in _list(urns) if isinstance(one, str)]
            for key, urns in _mapping(state.get("propertyDependencies")).items()
        },
        id=state["id"] if isinstance(state.get("id"), str) else "",
        secrets=decoder.secrets,
    )


def _provider(state: Mapping[str, Any] | None) -> Provider | None:
    if state is None:
        return None
    return Provider(
        urn=state["urn"],
        type=str(state.get("type")),
        name=state["urn"].rpartition("::")[2],
        properties=_mapping(Decoder().plain(state.get("inputs"))),
    )


def _mapping(value: Any) -> dict[str, Any]:
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _place(position: object) -> str:
    """`project:///components/data/home.py#41,9` as `components/data/home.py:41`; nothing for an installed package."""
    if not isinstance(position, str) or not position.startswith("project:///") or "/site-packages/" in position:
        return ""
    file, _, spot = position.removeprefix("project:///").partition("#")
    return f"{file}:{spot.partition(',')[0] or 1}"
