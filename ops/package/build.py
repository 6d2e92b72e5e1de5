"""Builds the packages that a stack's settings name."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ops.errors import OpsError
from ops.package import archive, contents

if TYPE_CHECKING:
    from settings import Settings

REQUIREMENTS = "requirements/function.txt"
PLATFORM = "aarch64-manylinux_2_28"
"""arm64 on Amazon Linux 2023, whose C library is 2.34."""
_BUILD_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package that was built."""

    path: Path
    size: int
    """Bytes."""
    sha256: str


def build(project: Path, settings: Settings, *, again: bool = False) -> dict[str, Package]:
    """Build what the settings name; the layer only where its requirements have changed, unless `again`.

    Raises:
        OpsError: the layer's packages cannot be had.
    """
    serverless, edge = settings.serverless, settings.edge
    made: dict[str, Package] = {}
    if serverless is None:
        return made
    made["function"] = _package(project / serverless.package, contents.function(project), compress=False)
    made["layer"] = _layer(project, project / serverless.layer, serverless.runtime, again=again)
    if edge is not None:
        made["canary"] = _package(project / edge.canaries.package, contents.canary(project), compress=False)
    return made


def _package(path: Path, files: dict[str, bytes], *, compress: bool) -> Package:
    digest = archive.write(path, files, compress=compress)
    return Package(path=path, size=path.stat().st_size, sha256=digest)


def _layer(project: Path, path: Path, runtime: str, *, again: bool) -> Package:
    stamp = path.with_suffix(".made-of")
    wanted = hashlib.sha256((project / REQUIREMENTS).read_bytes() + f"{runtime} {PLATFORM}".encode()).hexdigest()
    if not again and path.exists() and stamp.exists() and stamp.read_text() == wanted:
        return Package(path=path, size=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with tempfile.TemporaryDirectory() as folder:
        _install(project, Path(folder), runtime)
        made = _package(path, contents.layer(Path(folder)), compress=True)
    stamp.write_text(wanted)
    return made


def _install(project: Path, folder: Path, runtime: str) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise OpsError("uv is not installed, and it builds the layer", fix="make install")
    command = [uv, "pip", "install", "--quiet", "--target", str(folder), "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--python-platform", PLATFORM]
    command += ["--python-version", runtime.removeprefix("python"), "-r", REQUIREMENTS]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False)
    if done.returncode:
        raise OpsError(
            "the layer of the functions cannot be built",
            why=done.stderr.strip()[-1000:],
            fix="reach a package index, or put a layer that was built elsewhere at holdfast:serverless.layer",
        )
