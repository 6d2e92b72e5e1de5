"""`holdfast sandbox logs`."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from ops.console import Output
    from ops.workspace import Workspace


def show(workspace: Workspace, part: str | None, lines: int, output: Output) -> None:
    """The last lines of a part's log, or the names of the parts that have one.

    Raises:
        OpsError: there is no such log.
    """
    files = sorted(path for path in workspace.logs.rglob("*") if path.is_file()) if workspace.logs.exists() else []
    if part is None:
        for path in files:
            output.say(f"{path.stem}\t{path.stat().st_size} bytes")
        return
    # `sandbox status` writes orders@us-east-1 and redis/us-east-1/0; a file cannot be called so.
    named = {part, part.replace("@", "-").replace("/", "-")}
    found = [path for path in files if named & {path.stem, path.name}]
    if not found:
        raise OpsError(
            f"no log of {part!r}",
            fix=f"name one of {', '.join(dict.fromkeys(path.stem for path in files))}"
            if files
            else f"nothing has run yet: holdfast sandbox start --stack {workspace.stack}",
            code=Exit.USAGE,
        )
    for path in found:
        with path.open(errors="replace") as file:
            for line in deque(file, maxlen=lines):
                output.say(line.rstrip("\n"))
