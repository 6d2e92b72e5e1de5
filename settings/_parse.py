"""Turns configuration values into `Settings`, and gathers every fault on the way."""

from __future__ import annotations

import json
import types
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticUndefined

from settings._base import nearest
from settings._errors import Fault, SettingsError
from settings._root import NAMESPACE, Settings
from settings._rules import faults_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WANTED = {
    "string_type": ("a string", "write it in quotes"),
    "int_type": ("a whole number", "write digits without quotes"),
    "int_from_float": ("a whole number", "write digits without a decimal point"),
    "float_type": ("a number", "write digits without quotes"),
    "bool_type": ("true or false", "write true or false, without quotes"),
    "tuple_type": ("a list", "write one entry per line, each after a hyphen"),
    "dict_type": ("a group of keys", "write the keys below it, indented, or {} for its defaults"),
    "model_type": ("a group of keys", "write the keys below it, indented, or {} for its defaults"),
    "model_attributes_type": ("a group of keys", "write the keys below it, indented, or {} for its defaults"),
}


def parse(values: Mapping[str, object], source: str) -> Settings:
    """Settings of configuration values, keyed by full key (`holdfast:regions`), already decoded from YAML or JSON.

    Keys of other namespaces are not looked at.

    Raises:
        SettingsError: with every fault that could be found; `source` names where the values come from.
    """
    own = {key.removeprefix(f"{NAMESPACE}:"): value for key, value in values.items() if key.startswith(f"{NAMESPACE}:")}
    faults = [*_unknown_keys(own), *_missing_keys(own)]
    parts: dict[str, Any] = {}
    doubtful: list[str] = [fault.path for fault in faults]
    for name, info in Settings.model_fields.items():
        if name not in own:
            if info.default is not PydanticUndefined:
                parts[name] = info.default
            continue
        part, found = _part(name, own[name])
        faults += found
        doubtful += [fault.path for fault in found]
        if part is not None:
            parts[name] = part
    faults += [fault for fault in faults_of(parts) if not any(_related(fault.path, path) for path in doubtful)]
    if faults:
        raise SettingsError(source, tuple(faults))
    return Settings(**parts)


def _unknown_keys(own: Mapping[str, object]) -> list[Fault]:
    known = list(Settings.model_fields)
    return [
        Fault(
            path=f"{NAMESPACE}:{name}",
            value=value,
            rule="is not a key of this project",
            fix=_instead(f"{NAMESPACE}:{name}", [f"{NAMESPACE}:{item}" for item in known]),
        )
        for name, value in own.items()
        if name not in known
    ]


def _missing_keys(own: Mapping[str, object]) -> list[Fault]:
    return [
        Fault(path=f"{NAMESPACE}:{name}", value=None, rule="is missing", fix=f"add the key {NAMESPACE}:{name}")
        for name, info in Settings.model_fields.items()
        if info.is_required() and name not in own
    ]


def _part(name: str, value: object) -> tuple[Any, list[Fault]]:
    """One root key: its model (None if it cannot be read even without what is wrong in it), and its faults."""
    annotation = _without_none(Settings.model_fields[name].annotation)
    info = Settings.model_fields[name]
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    try:
        part = adapter.validate_json(_json(value), strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults = [_fault(name, annotation, detail) for detail in details]
        part = _remainder(adapter, value, details)
        return _with_unknown_regions(adapter, value, details) if part is None and name == "regions" else part, faults
    if info.metadata and not part:
        return part, [Fault(path=f"{NAMESPACE}:{name}", value=value, rule="is empty", fix="write at least one entry")]
    return part, []


def _json(value: object) -> str:
    return json.dumps(value, default=str)


def _remainder(adapter: TypeAdapter[Any], value: object, details: Sequence[ErrorDetails]) -> Any:
    """The part without its faulty entries, so that the rules can judge the rest of it; None if nothing remains."""
    rest = json.loads(_json(value))
    for detail in details:
        _remove(rest, tuple(item for item in detail["loc"] if item != "[key]"))
    try:
        return adapter.validate_json(_json(rest), strict=True)
    except ValidationError:
        return None


def _with_unknown_regions(adapter: TypeAdapter[Any], value: object, details: Sequence[ErrorDetails]) -> Any:
    """Regions whose only fault is a name that AWS does not have, so that the rest of each is judged too."""
    wrong = {detail["loc"][0]: detail["input"] for detail in details if detail["loc"][1:] == ("name",)}
    if len(wrong) != len(details) or not isinstance(value, list):
        return None
    stand_in = [{**item, "name": "us-east-1"} if index in wrong else item for index, item in enumerate(value)]
    regions = adapter.validate_json(_json(stand_in), strict=True)
    return tuple(
        region.model_copy(update={"name": wrong[index]}) if index in wrong else region
        for index, region in enumerate(regions)
    )


def _remove(container: Any, path: tuple[int | str, ...]) -> None:
    for step in path[:-1]:
        try:
            container = container[step]
        except (KeyError, IndexError, TypeError):
            return
    if path and isinstance(container, dict):
        container.pop(path[-1], None)


def _related(path: str, doubtful: str) -> bool:
    """Whether a rule about one path may only be broken because of a fault at the other."""
    return path.startswith(doubtful) or doubtful.startswith(path)


def _fault(name: str, annotation: Any, detail: ErrorDetails) -> Fault:
    loc = tuple(item for item in detail["loc"] if item != "[key]")
    path = _path(name, loc)
    context = detail.get("ctx", {})
    value = detail["input"]
    kind = detail["type"]
    if kind == "rule":
        return Fault(path=path, value=value, rule=str(context["rule"]), fix=str(context["fix"]))
    if kind == "missing":
        return Fault(path=path, value=None, rule="is missing", fix=f"add the key {loc[-1] if loc else name!r}")
    if kind == "extra_forbidden":
        known = _known_keys(annotation, loc[:-1])
        return Fault(path=path, value=value, rule="is not a known key", fix=_instead(str(loc[-1]), known))
    if kind in _WANTED:
        wanted, fix = _WANTED[kind]
        return Fault(path=path, value=value, rule=f"must be {wanted}; got {_shown(value)}", fix=fix)
    if kind == "literal_error":
        known = [str(item).strip("'") for item in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return Fault(path=path, value=value, rule=f"{_shown(value)} is not known here", fix=_instead(str(value), known))
    message = detail["msg"].removeprefix("Input ")
    return Fault(path=path, value=value, rule=f"{_shown(value)} {message}", fix=_bound(kind, context))


def _bound(kind: str, context: Mapping[str, Any]) -> str:
    for key, words in (
        ("ge", "or more"),
        ("le", "or less"),
        ("gt", "exclusive, or more"),
        ("lt", "exclusive, or less"),
        ("min_length", "or more entries"),
        ("max_length", "or fewer entries"),
    ):
        if key in context:
            return f"write {context[key]} {words}"
    if "pattern" in context:
        return f"write a text that matches {context['pattern']}"
    return f"write a value without the fault {kind!r}"


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _instead(word: str, known: list[str]) -> str:
    guess = nearest(word, known)
    if guess:
        return f"write {guess!r}"
    return f"write one of {', '.join(known)}" if known else "remove it"


def _path(name: str, loc: Sequence[int | str]) -> str:
    return f"{NAMESPACE}:{name}" + "".join(f"[{item}]" if isinstance(item, int) else f".{item}" for item in loc)


def _known_keys(annotation: Any, loc: Sequence[int | str]) -> list[str]:
    """Keys of the model that a location inside an annotation leads to."""
    current = annotation
    for step in loc:
        current = _inside(current, step)
    current = _without_none(current)
    if isinstance(current, type) and issubclass(current, BaseModel):
        return list(current.model_fields)
    return []


def _inside(annotation: Any, step: int | str) -> Any:
    annotation = _without_none(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.model_fields[str(step)].annotation
    arguments = get_args(annotation)
    return arguments[0] if isinstance(step, int) else arguments[-1]


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        return next(item for item in get_args(annotation) if item is not type(None))
    return annotation
