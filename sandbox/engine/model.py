"""What goes into a run of the engine and what comes out of it."""

from __future__ import annotations

import enum
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from sandbox.codec import plain

Value = Any


@dataclass(frozen=True, kw_only=True)
class Program:
    """An unchanged Pulumi program in Python, and the stack it is run for."""

    directory: Path
    """Where `__main__.py` is; the program's working directory."""
    project: str
    stack: str
    config: Mapping[str, str]
    """Full key (`holdfast:regions`) to value; a structured value is JSON text, as Pulumi gives it to a program."""
    secret_keys: frozenset[str] = frozenset()
    organization: str = "organization"
    python: Path | None = None
    """The interpreter that has the program's packages; None is the one that runs the engine."""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A policy pack: a folder with a `PulumiPolicy.yaml`."""

    name: str
    directory: Path
    config: Mapping[str, Any] = field(default_factory=dict)
    """Policy name, or `all`, to a level or an object with `enforcementLevel`; as in a pack's configuration file."""


class PluginHost(Protocol):
    """Gives the engine provider instances. One instance belongs to one provider resource in one run."""

    def start(self, package: str, version: str | None, name: str) -> str:
        """Start an instance; give the `host:port` at which it speaks `pulumirpc.ResourceProvider`.

        Raises an exception with one readable line if the package is not known.
        """
        ...

    def close(self) -> None:
        """Stop every instance."""
        ...


class Op(enum.StrEnum):
    """What a step does, by the names of the Pulumi engine."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"
    REFRESH = "refresh"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"


PHYSICAL: frozenset[Op] = frozenset(
    {Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED, Op.DISCARD_REPLACED, Op.REMOVE_PENDING_REPLACE}
)
"""Parts of a replacement, which `Op.REPLACE` already tells; the summary does not count them."""

Severity = Literal["debug", "info", "warning", "error"]
Level = Literal["advisory", "mandatory", "remediate", "disabled"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing the engine did, or would do. Values hold `Secret` and `UNKNOWN` of `sandbox.codec`."""

    op: Op
    urn: str
    type: str
    name: str
    parent: str = ""
    provider: str = ""
    """The provider's reference, `urn::id`; empty for a component."""
    custom: bool = True
    protect: bool = False
    id: str = ""
    old_inputs: Mapping[str, Value] | None = None
    new_inputs: Mapping[str, Value] | None = None
    old_outputs: Mapping[str, Value] | None = None
    outputs: Mapping[str, Value] | None = None
    detailed_diff: Mapping[str, str] = field(default_factory=dict)
    """Property path to add, update or delete, with `-replace` where it forces a replacement."""
    keys: tuple[str, ...] = ()
    """The properties that force the replacement."""
    retain: bool = False
    """A deletion leaves the object in the cloud: retainOnDelete, an external resource."""
    source: str = ""
    """Where in the program it stands, `project:///<path>#<line>`."""

    @property
    def logical(self) -> bool:
        """Whether a person counts it: parts of a replacement are not."""
        return self.op not in PHYSICAL

    def to_json(self) -> dict[str, Any]:
        """JSON types; a secret is `[secret]`, an unknown is `output<unknown>`."""
        shown: dict[str, Any] = {"op": str(self.op), "urn": self.urn, "type": self.type, "name": self.name}
        optional = {
            "parent": self.parent,
            "provider": self.provider,
            "protect": self.protect,
            "id": self.id,
            "oldInputs": _shown(self.old_inputs),
            "newInputs": _shown(self.new_inputs),
            "outputs": _shown(self.outputs),
            "detailedDiff": dict(self.detailed_diff),
            "replaceKeys": list(self.keys),
            "retain": self.retain,
            "sourcePosition": self.source,
        }
        return shown | {key: value for key, value in optional.items() if value}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a policy said of a resource, or of the stack (then `urn` is the stack's)."""

    pack: str
    policy: str
    level: Level
    severity: str
    urn: str
    message: str
    description: str = ""
    remediated: bool = False
    """The policy changed the resource's inputs; the message says so."""

    @property
    def blocking(self) -> bool:
        """Whether the run fails for it."""
        return self.level == "mandatory" and not self.remediated

    def to_json(self) -> dict[str, Any]:
        """JSON types."""
        return {key: value for key, value in vars(self).items() if value not in ("", False)}


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A line from the program, a provider, a pack or the engine."""

    severity: Severity
    message: str
    urn: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON types."""
        return {key: value for key, value in vars(self).items() if value}


EventKind = Literal["start", "step-start", "step-done", "step-failed", "diagnostic", "finding", "outputs", "end"]
RunKind = Literal["preview", "up", "preview-destroy", "destroy", "preview-refresh", "refresh"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in a run, as it happens. `kind` says which of the fields is set."""

    kind: EventKind
    step: Step | None = None
    """step-start, step-done, step-failed."""
    diagnostic: Diagnostic | None = None
    finding: Finding | None = None
    outputs: Mapping[str, Value] | None = None
    """The stack's outputs."""
    run: RunKind | None = None
    """start and end."""
    ok: bool | None = None
    """end."""
    time: float = field(default_factory=time.time)
    """Seconds since the epoch."""

    def to_json(self) -> dict[str, Any]:
        """JSON types, one line of the event log."""
        line: dict[str, Any] = {"kind": self.kind, "time": round(self.time, 6)}
        for name in ("step", "diagnostic", "finding"):
            part = getattr(self, name)
            if part is not None:
                line[name] = part.to_json()
        if self.outputs is not None:
            line["outputs"] = _shown(self.outputs)
        if self.run is not None:
            line["run"] = self.run
        if self.ok is not None:
            line["ok"] = self.ok
        return line


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run did (or a preview would do), and whether it may stand."""

    run: RunKind
    ok: bool
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    outputs: Mapping[str, Value] = field(default_factory=dict)
    old_outputs: Mapping[str, Value] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    """Logical steps by operation; `same` is the number of unchanged resources."""
    duration_seconds: float = 0.0
    run_parts: Mapping[str, float] = field(default_factory=dict)
    """Seconds by part of the run (packs started, program, deletions), for benchmarks."""

    @property
    def changes(self) -> int:
        """How many resources change; 0 means that there was nothing to do."""
        return sum(count for op, count in self.counts.items() if op not in (Op.SAME, Op.READ, Op.REFRESH))

    def to_json(self) -> dict[str, Any]:
        """JSON types; secrets are `[secret]`."""
        return {
            "run": self.run,
            "ok": self.ok,
            "counts": dict(self.counts),
            "changes": self.changes,
            "steps": [step.to_json() for step in self.steps if step.op != Op.SAME],
            "findings": [finding.to_json() for finding in self.findings],
            "diagnostics": [diagnostic.to_json() for diagnostic in self.diagnostics],
            "outputs": _shown(self.outputs),
            "durationSeconds": round(self.duration_seconds, 3),
        }


def _shown(values: Mapping[str, Value] | None) -> dict[str, Any]:
    shown: dict[str, Any] = plain(
        {key: value for key, value in (values or {}).items() if not key.startswith("__")},
        secret="[secret]",  # noqa: S106 - the mask, not a secret
        unknown="output<unknown>",
    )
    return shown
