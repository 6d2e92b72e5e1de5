"""What goes into each package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LEFT_OUT = ("holdfast/testing/checker", "holdfast/testing/simulation", "services/orders/examples")
"""The project's own proofs and examples."""
_NOT_FOR_FUNCTIONS = ("services/orders/__main__.py", "services/orders/parent.py", "services/orders/journey.py")
BOTOCORE_SERVICES = ("dynamodb", "kms", "secretsmanager", "ssm", "sso", "sso-oidc", "sts")
"""Services whose models stay in the layer: what the functions call, and what botocore asks for credentials."""


def function(project: Path) -> dict[str, bytes]:
    """The project's own code: the service and the runtime."""
    files = dict(_sources(project, "services"))
    files |= dict(_sources(project / "runtime", "holdfast"))
    files["services/orders/openapi.json"] = (project / "services/orders/openapi.json").read_bytes()
    return {name: data for name, data in files.items() if name not in _NOT_FOR_FUNCTIONS}


def canary(project: Path) -> dict[str, bytes]:
    """The journey, where the Python runtime of Synthetics looks for it."""
    return {"python/journey.py": (project / "services/orders/journey.py").read_bytes()}


def layer(installed: Path) -> dict[str, bytes]:
    """What was installed, where Lambda looks for a layer's packages, without what nobody reads there."""
    files = {}
    for path in sorted(installed.rglob("*")):
        name = path.relative_to(installed).as_posix()
        if path.is_file() and not _useless(name):
            files[f"python/{name}"] = path.read_bytes()
    return files


def _sources(root: Path, package: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted((root / package).rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix in (".py", ".typed") and not name.startswith(_LEFT_OUT):
            yield name, path.read_bytes()


def _useless(name: str) -> bool:
    parts = name.split("/")
    if "__pycache__" in parts or parts[0] == "bin" or name.endswith((".pyi", ".c", ".pxd", ".pyx")):
        return True
    if parts[0].endswith(".dist-info"):
        return parts[-1] not in ("METADATA", "entry_points.txt", "LICENSE", "LICENSE.txt")
    if parts[:2] == ["botocore", "data"] and len(parts) > 3:
        return parts[2] not in BOTOCORE_SERVICES
    return "tests" in parts
