"""What a region costs the program: resources, preview and deployment of `prod` against the number of regions.

    .venv/bin/python -m benchmarks.regions [--regions 1 3 5] [--up]

Each row is a stack of its own in a sandbox of its own, previewed from nothing, without policy packs. With `--up` it is
deployed too. Seconds are wall time; the load of the machine is printed beside them, because it decides them.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import settings
from sandbox.cloud import Sandbox
from sandbox.engine import Engine, Outcome, Program, StateFile
from sandbox.provider.host import LocalHost

ROOT = Path(__file__).parents[1]
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "us-east-2", "eu-central-1")


def configuration(count: int) -> dict[str, str]:
    """The stack file `prod` with that many regions."""
    config: dict[str, Any] = copy.deepcopy(dict(settings.read_stack_file(ROOT / "Pulumi.prod.yaml").config))
    config["holdfast:regions"] = [
        {"name": name, "cidr": f"10.{10 + number}.0.0/16", "home": number == 0}
        for number, name in enumerate(REGIONS[:count])
    ]
    if count == 1:
        config["holdfast:recovery"].pop("region_switch")
        config["holdfast:recovery"]["dns"]["continents"] = {}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


def run(folder: Path, count: int, *, deploy: bool) -> tuple[Outcome, float, float | None]:
    """Preview, and deploy where asked: what it came to, and the seconds of each."""
    program = Program(directory=ROOT, project="holdfast", stack="prod", config=configuration(count))
    os.environ["HOLDFAST_SANDBOX"] = str(folder)

    def engine(host: LocalHost) -> Engine:
        return Engine(program, state=StateFile(folder / "state.json", ""), plugins=host, passphrase="")

    host = LocalHost(folder)
    try:
        started = time.perf_counter()
        outcome = engine(host).preview()
        previewed = time.perf_counter() - started
    finally:
        host.close()
    if not deploy:
        return outcome, previewed, None
    sandbox = Sandbox.start(folder, regions=sorted({*REGIONS[:count], "us-west-2"}), account_id="111122223333")
    host = LocalHost(folder)
    try:
        started = time.perf_counter()
        outcome = engine(host).up()
        return outcome, previewed, time.perf_counter() - started
    finally:
        host.close()
        sandbox.stop()


def main() -> None:
    """Print one row per number of regions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", type=int, nargs="+", default=[1, 3, 5], choices=range(1, len(REGIONS) + 1))
    parser.add_argument("--up", action="store_true", help="deploy as well")
    arguments = parser.parse_args()
    print(
        "| regions | resources | of these once | per region | preview s | up s | load |\n|---|---|---|---|---|---|---|"
    )
    for count in arguments.regions:
        with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
            outcome, previewed, deployed = run(Path(folder), count, deploy=arguments.up)
        if not outcome.ok:
            raise SystemExit("\n".join(item.message for item in outcome.diagnostics if item.severity == "error"))
        places = Counter(
            next((name for name in REGIONS if f"Region::{name}-" in step.urn or f"::{name}" in step.urn), "once")
            for step in outcome.steps
            if str(step.op) == "create"
        )
        once = places.pop("once", 0)
        per = " to ".join(str(number) for number in sorted({min(places.values()), max(places.values())}))
        load = os.getloadavg()[0]
        up = "-" if deployed is None else f"{deployed:.1f}"
        print(
            f"| {count} | {once + places.total()} | {once} | {per} | {previewed:.1f} | {up} | {load:.1f} |", flush=True
        )


if __name__ == "__main__":
    main()
