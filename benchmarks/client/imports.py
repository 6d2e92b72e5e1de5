"""CPU time of importing the client: `python benchmarks/client/imports.py`; the least of ten processes each.

The package is copied and compiled to bytecode first, as an installation does.
"""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROCESSES = 10
RUNTIME = Path(__file__).parents[2] / "runtime"
STATEMENTS = {
    "`import holdfast`": "import holdfast",
    "`from holdfast import Client`": "from holdfast import Client",
    "… and `Client(endpoint_url=…)`": "from holdfast import Client; Client(endpoint_url='http://localhost:1')",
    "`import asyncio`": "import asyncio",
    "`from holdfast import AsyncClient`": "from holdfast import AsyncClient",
    "`import botocore.session`": "import botocore.session",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(RUNTIME / "holdfast", Path(folder) / "holdfast")
        compileall.compile_dir(folder, quiet=1)
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        best = dict.fromkeys(STATEMENTS, float("inf"))
        for _ in range(PROCESSES):
            for name, statement in STATEMENTS.items():
                program = f"import time; at = time.process_time()\n{statement}\nprint(time.process_time() - at)"
                run = subprocess.run(
                    [sys.executable, "-c", program],
                    capture_output=True,
                    text=True,
                    check=True,
                    env=environment,
                    timeout=60,
                )
                best[name] = min(best[name], float(run.stdout) * 1e3)
    print("| Statement | ms of CPU |\n|---|---|")
    for name, value in best.items():
        print(f"| {name} | {value:.0f} |")


if __name__ == "__main__":
    main()
