"""The holdfast command: how it starts, and how a failure is told.

What a command needs is imported when it runs, so that `holdfast --help` answers at once; `status` looks at its regions
before the command line itself is loaded.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from ops.exits import Exit

if TYPE_CHECKING:
    from ops.errors import OpsError


def app() -> None:
    """Read the command line and run the command."""
    from ops.table import app as table  # noqa: PLC0415 (70 ms that the first line of `status` need not wait for)

    table()


def main() -> NoReturn:
    """Run the command line; the exit code says how it went."""
    # gRPC's own log, which tells of connections that end as they should, is not for a user.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        if sys.argv[1:2] == ["status"] and not {"--help", "-h"} & set(sys.argv):
            from ops.estate import early  # noqa: PLC0415 (only this command needs it)

            early.begin(sys.argv[2:])
        app()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise SystemExit(Exit.INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 (the border: whatever it is, a person is told what to do)
        raise SystemExit(_report(error)) from None
    raise SystemExit(Exit.OK)


def _report(error: Exception) -> int:
    from ops.errors import readable  # noqa: PLC0415 (only a failure needs it)

    told = readable(error) or _internal(error)
    if "--json" in sys.argv:
        print(json.dumps({"ok": False, "error": told.to_dict()}, indent=2))
    print(f"error: {told}", file=sys.stderr)
    return int(told.code)


def _internal(error: Exception) -> OpsError:
    """A fault of this command: the traceback goes to a file, for the report."""
    import traceback  # noqa: PLC0415 (only a fault needs them)
    from datetime import UTC, datetime  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from ops.errors import OpsError  # noqa: PLC0415

    folder = Path(os.environ.get("HOLDFAST_FAULTS", ".holdfast/faults"))
    name = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        name.write_text("".join(traceback.format_exception(error)))
        where = f"the details are in {name}; please report them with that file"
    except OSError:
        where = "".join(traceback.format_exception(error))
    return OpsError(
        f"holdfast failed: {type(error).__name__}: {error}",
        why="this is a fault of holdfast itself, not of your input",
        fix=where,
        code=Exit.INTERNAL,
    )
