"""Reads the objects of a manifest."""

from __future__ import annotations

from typing import Any

import yaml

from sandbox.provider.faults import ProviderError

_NO_NAMESPACE = "List"


def decode(text: str, namespace: Any = None) -> list[dict[str, Any]]:
    """The objects of a YAML or JSON text, lists unfolded; `ProviderError` says what is wrong and where."""
    try:
        documents = [document for document in yaml.safe_load_all(text) if document]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        raise ProviderError(f"the manifest is no YAML{where}: {getattr(error, 'problem', error)}") from None
    found: list[dict[str, Any]] = []
    for document in documents:
        found.extend(_unfolded(document))
    for item in found:
        if isinstance(namespace, str) and namespace:
            item.setdefault("metadata", {}).setdefault("namespace", namespace)
    return found


def decode_object(document: Any) -> list[dict[str, Any]]:
    """The objects of a document that is an object already."""
    return _unfolded(document)


def _unfolded(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, dict) or not document.get("apiVersion") or not document.get("kind"):
        raise ProviderError("the manifest holds an object without apiVersion and kind; add both")
    if str(document["kind"]).endswith(_NO_NAMESPACE) and isinstance(document.get("items"), list):
        return [item for entry in document["items"] for item in _unfolded(entry)]
    return [document]


def token(document: dict[str, Any]) -> str:
    """The resource type of an object, e.g. `kubernetes:core/v1:Service`."""
    group, _, version = str(document["apiVersion"]).rpartition("/")
    return f"kubernetes:{group or 'core'}/{version}:{document['kind']}"
