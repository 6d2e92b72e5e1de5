"""`holdfast cost refresh`, from the API to the file."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from awsfacts.prices import FILE, read
from ops.cost.refresh import API_REGION, refresh, text

if TYPE_CHECKING:
    from pathlib import Path

    from ops.console import Output


def rewrite(output: Output, *, file: Path | None, dry: bool, pricing: Any = None) -> None:
    """Read the prices of AWS and write them into the price file.

    Args:
        output: where to tell.
        file: the price file; that of this checkout where it is None.
        dry: show what would change and write nothing.
        pricing: the client of the API; boto3's where it is None.

    Raises:
        OpsError: the API cannot be asked; the file is not touched then.
    """
    path = file or FILE
    if pricing is None:
        import boto3  # noqa: PLC0415 (loaded when it is needed)

        pricing = boto3.client("pricing", region_name=API_REGION)

    def progress(done: int, of: int) -> None:
        if output.lively and done % 10 == 0:
            output.say(f"  {done} of {of} prices asked")

    document = json.loads((path if path.exists() else FILE).read_text())
    found = refresh(pricing, document, today=datetime.now(UTC).date(), progress=progress)
    for line in found.changed:
        output.say(f"  {line}")
    for line in found.kept:
        output.warn(f"kept: {line}")
    output.say(f"{found.read} prices read, {len(found.changed)} changed, {len(found.kept)} kept as they were")
    if found.read and not dry:
        whole = path.with_suffix(".new")
        whole.write_text(text(found.document))
        read(whole)
        os.replace(whole, path)  # noqa: PTH105 (atomic, and says so)
        output.say(f"written: {path}")
    output.result(
        {"ok": True, "file": str(path), "written": bool(found.read) and not dry, "read": found.read,
         "changed": found.changed, "kept": found.kept}
    )  # fmt: skip
