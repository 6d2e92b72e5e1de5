"""How long `make up`, a second `make up`, `make preview` and `make down` take, and what the sandbox holds.

    .venv/bin/python benchmarks/up.py [--stack prod] [--output benchmarks/up.json]

It uses the stack's own folder `.holdfast/<stack>` and takes the stack down first and last.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-c", "from ops.cli import main; main()"]


def holdfast(*words: str) -> tuple[float, dict[str, Any]]:
    """Run a command with --json; its wall time in seconds and its document."""
    start = time.perf_counter()
    done = subprocess.run([*COMMAND, *words, "--json"], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"holdfast {' '.join(words)} failed:\n{done.stderr}")
    return seconds, json.loads(done.stdout)


def measure(stack: str) -> dict[str, Any]:
    """The figures, in seconds and MB."""
    holdfast("down", "--yes", "--stack", stack)
    preview_seconds, preview = holdfast("preview", "--stack", stack)
    first_seconds, first = holdfast("up", "--stack", stack)
    again_seconds, again = holdfast("up", "--stack", stack)
    down_seconds, _ = holdfast("down", "--yes", "--stack", stack)
    resources = first["changes"]
    parts = first["seconds"]
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "load_before": os.getloadavg()[0],
        "resources": resources,
        "first_up": {"total": round(first_seconds, 2), **parts},
        "deployment_and_proof": round(parts["deployment"] + parts["services"] + parts["proof"], 2),
        "deployment_per_100_resources": round(parts["deployment"] / resources * 100, 2),
        "second_up": {"total": round(again_seconds, 2), "changes": again["changes"], **again["seconds"]},
        "preview_of_everything": {"total": round(preview_seconds, 2), "engine": preview["durationSeconds"]},
        "down": round(down_seconds, 2),
        "sandbox_memory_mb": again["memory_mb"],
        "failover_seconds": first["proof"]["failover"]["seconds"],
        "acknowledged_per_second": {
            name: phase["acknowledged_per_second"] for name, phase in first["proof"]["phases"].items()
        },
        "replication_lag_ms": {
            f"{pair['from']} → {pair['to']}": pair["median_ms"] for pair in first["proof"]["lag"]["pairs"]
        },
    }


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stack", default="prod")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    text = json.dumps(measure(options.stack), indent=2, ensure_ascii=False)
    print(text)
    if options.output:
        options.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
