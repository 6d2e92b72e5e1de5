"""Which published controls a rule answers to: only ids that a source named in controls.toml confirms."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_FAMILIES: Final = (("cis", "CIS AWS"), ("pci", "PCI DSS"), ("nist", "NIST 800-53r5"))
"""Keys of an entry, and how the ids of that framework are written, in the order in which a rule lists them."""


@dataclass(frozen=True)
class Source:
    """Where an id was read."""

    title: str
    url: str


@dataclass(frozen=True)
class Control:
    """One published control, and the requirements of other frameworks that its source says it covers."""

    name: str
    source: Source
    requirements: tuple[str, ...]


@dataclass(frozen=True)
class Unconfirmed:
    """Ids that were left out, the rules that had them, and what was looked for and not found."""

    rules: tuple[str, ...]
    ids: tuple[str, ...]
    why: str


@cache
def confirmed() -> dict[str, Control]:
    """Every control that may be named by a rule, by id."""
    document = _document()
    sources = {name: Source(**words) for name, words in document["sources"].items()}
    return {
        name: Control(name, sources[entry["source"]], tuple(_requirements(entry)))
        for name, entry in document["controls"].items()
    }


@cache
def unconfirmed() -> tuple[Unconfirmed, ...]:
    """What was left out."""
    return tuple(
        Unconfirmed(tuple(entry["rules"]), tuple(entry["ids"]), entry["why"]) for entry in _document()["unconfirmed"]
    )


def expand(names: Iterable[str]) -> tuple[str, ...]:
    """Control ids, each followed by what it covers elsewhere, grouped by framework.

    Raises:
        KeyError: an id that was not confirmed.
    """
    controls = [confirmed()[name] for name in names]
    related = list(dict.fromkeys(one for control in controls for one in control.requirements))
    by_framework = [one for _, framework in _FAMILIES for one in related if one.startswith(framework)]
    return tuple(dict.fromkeys([*(control.name for control in controls), *by_framework]))


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(resources.files("holdfast_policies").joinpath("controls.toml").read_text("utf-8"))


def _requirements(entry: dict[str, str]) -> Iterable[str]:
    for key, framework in _FAMILIES:
        for one in entry.get(key, "").split():
            yield f"{framework} {one.replace('/', ' ')}"
