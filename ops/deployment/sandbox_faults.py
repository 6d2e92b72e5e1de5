"""Options of a fault, as they are written on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.deployment import cloud
from ops.errors import OpsError
from ops.exits import Exit
from sandbox.cloud import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.cloud import Sandbox


def parse(words: Sequence[str]) -> dict[str, Any]:
    """`rate=0.5` and the like, numbers as numbers.

    Raises:
        OpsError: a word has no `=`.
    """
    found: dict[str, Any] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not name:
            raise OpsError(
                f"--set {word!r} is no NAME=VALUE", fix="write NAME=VALUE, such as rate=0.5", code=Exit.USAGE
            )
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = value
    return found


def inject(sandbox: Sandbox, region: str, kind: str, service: str | None, options: Mapping[str, Any]) -> str:
    """Let a region fail; the fault's id.

    Raises:
        OpsError: there is no such region, kind or option.
    """
    cloud.require_region(sandbox, region)
    try:
        return str(sandbox.fault(region, kind, service=service, **options))  # type: ignore[arg-type] # it refuses unknown kinds
    except Refused as error:
        raise OpsError(str(error), fix="holdfast sandbox fault --help has examples", code=Exit.USAGE) from None
