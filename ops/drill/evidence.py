"""Evidence of a drill: a signed JSON document that names the raw log by its digest, and a page beside it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.drill import figures
from ops.drill.events import EventLog
from ops.drill.judge import judge
from ops.drill.scenario import Objectives
from ops.errors import OpsError
from ops.exits import Exit
from ops.signing.document import Verified, signed
from ops.signing.document import verify as verified
from ops.signing.local import LocalSigner

if TYPE_CHECKING:
    from ops.estate.access import Estate
    from ops.signing.document import Signer
    from ops.workspace import Workspace

KEY_VARIABLE = "HOLDFAST_EVIDENCE_KEY"
"""Names the KMS key that signs evidence of a stack in AWS, where its topology names none."""
KEY_PURPOSE = "evidence"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where the evidence of a drill is."""

    document: Path
    page: Path


def local_key(workspace: Workspace) -> Path:
    """The key of this stack's sandbox."""
    return workspace.root / "keys" / "drill.ed25519"


def signer_of(estate: Estate, workspace: Workspace, key: str | None) -> Signer:
    """What signs the evidence of a stack: in the sandbox its own key, in AWS a key of KMS.

    Raises:
        OpsError: a stack in AWS names no key: its evidence would prove nothing.
    """
    named = key or os.environ.get(KEY_VARIABLE) or (None if estate.sandboxed else _of_stack(estate))
    if named is None and estate.sandboxed:
        return LocalSigner(local_key(workspace))
    if named is None:
        raise OpsError(
            "no key to sign the evidence with",
            why=f"the topology names no key of purpose {KEY_PURPOSE!r}",
            fix=f"name an asymmetric KMS key (ECC_NIST_P256, SIGN_VERIFY): --key ARN, or {KEY_VARIABLE}",
            code=Exit.USAGE,
        )
    from ops.signing.kms import KmsSigner  # noqa: PLC0415 (of no use in the sandbox)

    return KmsSigner(estate.client("kms", _region_of(named, estate)), named)


def _of_stack(estate: Estate) -> str | None:
    return estate.topology.home.keys.get(KEY_PURPOSE)


def _region_of(key: str, estate: Estate) -> str:
    """A key named by ARN says its region; any other is in the home region."""
    parts = key.split(":")
    return parts[3] if len(parts) > 5 and parts[0] == "arn" else estate.topology.home_region


def keep(workspace: Workspace, evidence: dict[str, Any], log: EventLog, signer: Signer) -> Kept:
    """Write the raw log, the signed document and the page."""
    from ops.drill.page import render  # noqa: PLC0415 (verifying needs no page)

    folder = workspace.evidence / "drills"
    events = folder / f"{evidence['id']}.events.jsonl"
    log.write(events)
    evidence["history"] = {"file": events.name, "sha256": digest(events), "events": len(log)}
    document, html = folder / f"{evidence['id']}.json", folder / f"{evidence['id']}.html"
    html.write_text(render(json.loads(json.dumps(evidence)), log, key=signer.key))
    # The document last: where it is, the rest is too.
    document.write_text(json.dumps(signed(evidence, signer), indent=2) + "\n")
    return Kept(document=document, page=html)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verify(path: Path, *, trusted: bytes | None) -> Verified:
    """Check a signature, the log behind it, and every figure and verdict anew.

    Args:
        path: the signed document; its log lies beside it.
        trusted: the public key that must have signed it (DER); None accepts its own.

    Raises:
        OpsError: one of it does not hold.
    """
    found = verified(path, trusted=trusted)
    evidence = found.content
    try:
        events = path.parent / Path(evidence["history"]["file"]).name
        if not events.exists() or digest(events) != evidence["history"]["sha256"]:
            raise OpsError(
                f"{events}: is not the log that the evidence was made from", why="it is missing, or was changed"
            )
        again = figures.compute(EventLog.read(events), home=evidence["region"])
        objectives = Objectives(**evidence["objectives"])
        leaves_home, said, stopped = evidence["scenario"]["leaves_home"], evidence["ok"], evidence["stopped_because"]
        if json.loads(json.dumps(again)) != evidence["figures"]:
            raise OpsError(f"{path}: its figures do not follow from its log")
        if (not judge(again, objectives, leaves_home=leaves_home) and not stopped) != said:
            raise OpsError(f"{path}: its verdict does not follow from its figures")
    except (KeyError, TypeError, ValueError) as error:
        raise OpsError(f"{path}: is signed, but is no evidence of a drill: {error!r}") from None
    return found
