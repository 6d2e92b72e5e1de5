"""Imports single modules of a Pulumi SDK without importing the SDK.

`import pulumi_aws.ec2.vpc` runs every module of the service (1.4 s for EC2) and all its output types. Here the same
file is loaded under a private name (`_holdfast_sdk_aws.ec2.vpc`) whose packages have no `__init__`, so that only the
file and the input types it refers to run. The real packages stay untouched and may be imported beside it.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
import threading
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

PREFIX: Final = "_holdfast_sdk_"
_lock = threading.RLock()


class _Anything(types.ModuleType):
    """Stands in for a service's `outputs` module: any name is an untyped object."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return dict


class _Package(types.ModuleType):
    """A folder of the SDK without its `__init__`: a name is a module in it, or one of its input types."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        inside = f"{self.__name__}.{name}"
        if importlib.util.find_spec(inside) is not None:
            return importlib.import_module(inside)
        return getattr(importlib.import_module(f"{self.__name__}._inputs"), name)


class _Loader:
    """Gives a module its stand-in; nothing runs."""

    def __init__(self, stand_in: type[types.ModuleType]) -> None:
        self._stand_in = stand_in

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return self._stand_in(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


class _Finder:
    """Finds the private packages by folder, the SDK's files in them, and stand-ins for `outputs`."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  the import system passes it
        target: types.ModuleType | None = None,  # noqa: ARG002  the import system passes it
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(PREFIX):
            return None
        head, *rest = fullname.split(".")
        if rest and rest[-1] in {"outputs", "_outputs"}:
            return importlib.machinery.ModuleSpec(fullname, _Loader(_Anything))  # type: ignore[arg-type]  # a loader by its methods
        folder = package_directory(head.removeprefix(PREFIX)).joinpath(*rest)
        if not folder.is_dir():
            return None
        spec = importlib.machinery.ModuleSpec(fullname, _Loader(_Package), is_package=True)  # type: ignore[arg-type]  # as above
        spec.submodule_search_locations = [str(folder)]
        return spec


def package_directory(package: str) -> Path:
    """The folder of the installed SDK `pulumi_<package>`; LookupError when it is not installed."""
    spec = importlib.util.find_spec(f"pulumi_{package}")
    if spec is None or spec.origin is None:
        raise LookupError(f"the Python package pulumi-{package} is not installed")
    return Path(spec.origin).parent


def load(package: str, module: str) -> types.ModuleType:
    """Import one file of an SDK, e.g. `load("aws", "dynamodb.table")`; safe from several threads."""
    with _lock:
        if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
            sys.meta_path.insert(0, _Finder())
        private = f"{PREFIX}{package}"
        if f"{private}._utilities" not in sys.modules:
            sys.modules[f"{private}._utilities"] = importlib.import_module(f"pulumi_{package}._utilities")
        return importlib.import_module(f"{private}.{module}" if module else private)
