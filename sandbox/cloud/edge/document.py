"""What the edge of a region consists of: plain data that is read from the deployed stack."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Limits = Mapping[str, tuple[float, int]]
"""`METHOD /path` or `*` → requests a second, burst."""


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """A function of Lambda."""

    name: str
    handler: str
    package: str
    """Path of the deployment package; the dependencies' layer is stood in for by this interpreter's own packages."""
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float = 3
    memory_mb: int = 128
    reserved: int | None = None
    """Most requests at once; None has no limit of its own."""
    ready: int = 0
    """Environments with provisioned concurrency."""

    @property
    def digest(self) -> str:
        """Differs where anything of the function does, its code too."""
        code = Path(self.package).read_bytes()
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=dict).encode() + code).hexdigest()


@dataclass(frozen=True, kw_only=True)
class ApiSpec:
    """An API of API Gateway with its stage."""

    id: str
    kind: str
    """`rest` or `http`."""
    hosts: tuple[str, ...]
    """Custom domains; `*.zone` takes every name one level below."""
    body: Mapping[str, Any]
    """The OpenAPI document with API Gateway's extensions."""
    stage: str
    limits: Mapping[str, tuple[float, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EdgeDocument:
    """The edge of one region."""

    functions: tuple[FunctionSpec, ...] = ()
    apis: tuple[ApiSpec, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    """JSON Web Key Set of the sandbox's issuer, for APIs that check tokens themselves."""

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return json.loads(json.dumps(asdict(self), default=dict))  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> EdgeDocument:
        """Read what `to_json` wrote."""
        functions = tuple(FunctionSpec(**item) for item in document.get("functions", ()))
        apis = tuple(
            ApiSpec(
                **{
                    **item,
                    "hosts": tuple(item["hosts"]),
                    "limits": {name: (float(rate), int(burst)) for name, (rate, burst) in item["limits"].items()},
                }
            )
            for item in document.get("apis", ())
        )
        return cls(functions=functions, apis=apis, keys=document.get("keys", {}))
