"""Applying a rule's changes to the properties on the wire, leaving secrets and unknown values as they are."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from google.protobuf.struct_pb2 import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast_policies.rule import Change


def apply(properties: Struct, changes: Iterable[Change]) -> Struct:
    """A copy of the properties with each path set to its value; a number in a path is an index of a list."""
    copy = Struct()
    copy.CopyFrom(properties)
    for path, value in changes:
        _set(copy, path, value)
    return copy


def _set(properties: Struct, path: tuple[str, ...], value: Any) -> None:
    here: Any = properties
    for step, following in itertools.pairwise(path):
        if step.isdigit():
            here = here[int(step)]
        elif step in here and here[step] is not None:
            here = here[step]
        else:
            here = here.get_or_create_list(step) if following.isdigit() else here.get_or_create_struct(step)
    here[path[-1]] = value
