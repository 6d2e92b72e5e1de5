"""`holdfast report`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from holdfast_policies import reports
from ops.files import require_writable, write_text
from ops.html import page
from ops.report import sections
from ops.report.findings import findings
from ops.report.gather import Gathered, gather
from ops.workspace import open_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from ops.console import Output

MOST_BYTES = 250_000
"""Largest page: it is sent by mail and read on a phone."""


def write(stack: str | None, output: Output, *, out: Path | None, state: Path | None, topology: Path | None) -> Path:
    """Write the page of a stack; says where, and what the policies find with what to write instead.

    Raises:
        OpsError: the page cannot be written, the state cannot be trusted, or the program fails.
    """
    workspace = open_workspace(stack)
    path = out or workspace.root / "report.html"
    require_writable(path)
    found = gather(workspace, state=state, made=datetime.now(UTC), topology=topology)
    made = document(found)
    write_text(path, made)
    size = len(made.encode())
    output.say(f"written: {path} ({size / 1000:,.0f} kB)")
    if size > MOST_BYTES:
        output.warn(f"the page is larger than {MOST_BYTES / 1000:.0f} kB")
    if found.policies is None:
        output.say("findings of the policies: not known, nothing is deployed; see: holdfast preview")
    else:
        output.say(reports.table(found.policies, width=output.width))
    told = None if found.policies is None else reports.document(found.policies)["findings"]
    output.result(
        {
            "ok": True, "stack": workspace.stack, "file": str(path), "bytes": size, "deployed": found.deployed,
            "findings": told,
        }
    )  # fmt: skip
    return path


def document(found: Gathered) -> str:
    """The page."""
    return page(
        f"Stack {found.stack}",
        sections.summary(found),
        sections.places(found),
        findings(found),
        sections.costs(found),
        sections.drills(found),
        sections.readiness(found),
        sections.lag(found),
        lead=f"Made {found.made:%Y-%m-%d %H:%M} UTC by holdfast report.",
    )
