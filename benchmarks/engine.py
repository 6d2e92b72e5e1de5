"""What the sandbox engine costs: preview and update of a synthetic program, against the SDK's own floor.

The floor is the same program against a monitor that answers every registration at once: what no engine can be
faster than. Floor, preview and update of one size are measured one after the other, so that they share the
machine's mood. The provider runs in a process of its own, as real ones do.

    python -m benchmarks.engine                 600 resources, three times, the median
    python -m benchmarks.engine --growth        100 to 1,200, and the plot docs/sandbox/engine-growth.svg
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from sandbox.engine import Engine, Outcome, Program, StateFile
from sandbox.engine.monitor import FEATURES
from sandbox.engine.plugin import CHANNEL_OPTIONS
from sandbox.engine.processes import spawn
from sandbox.engine.testing import write_program

BODY = """
p = Provider("p")
for r in range({boxes}):
    box = Box(f"box{{r}}", ResourceOptions(providers=[p]))
    last = None
    for i in range(20):
        last = Thing(
            f"t{{r}}-{{i}}", ResourceOptions(parent=box), name=f"t{{r}}-{{i}}", tags={{"a": "b", "c": "d"}},
            policy="x" * 200, after=last.arn if last else None,
        )
    box.register_outputs({{"last": last.arn}})
"""
PARALLEL = 16


class Instant(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Answers everything at once and does nothing."""

    async def GetDeploymentInfo(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        return resource_pb2.DeploymentInfo(
            project="test", stack="dev", parallel=PARALLEL, supportedFeatures=list(FEATURES.values())
        )

    async def RegisterResource(self, request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        urn = f"urn:pulumi:dev::test::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=request.name if request.custom else "", object=request.object
        )

    async def RegisterResourceOutputs(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        return empty_pb2.Empty()

    async def SignalAndWaitForShutdown(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        return empty_pb2.Empty()

    async def Log(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        return empty_pb2.Empty()

    async def SetRootResource(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        return engine_pb2.SetRootResourceResponse()


class ProcessHost:
    """A plugin host whose instances are processes."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, package: str, version: str | None, name: str) -> str:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.engine.testing"],
            stdout=subprocess.PIPE,
            env={**os.environ, "SANDBOX_TEST_WORLD": ""},
        )
        self.processes.append(process)
        assert process.stdout is not None
        return f"127.0.0.1:{int(process.stdout.readline())}"

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
            process.communicate()
        self.processes.clear()


async def floor(directory: Path) -> float:
    """Seconds of the program against the instant monitor."""
    server = grpc.aio.server(options=CHANNEL_OPTIONS)
    servicer = Instant()
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(servicer, server)
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    began = time.perf_counter()
    process = await spawn(["program"], directory=directory, environment={})
    description: dict[str, Any] = {
        "directory": str(directory),
        "monitor": f"127.0.0.1:{port}",
        "engine": f"127.0.0.1:{port}",
        "project": "test",
        "stack": "dev",
        "organization": "organization",
        "config": {},
        "secretKeys": [],
        "parallel": PARALLEL,
        "dryRun": True,
    }
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None  # noqa: PT018
    process.stdin.write(json.dumps(description).encode() + b"\n")
    await process.stdin.drain()
    output = await asyncio.gather(process.stdout.read(), process.stderr.read())
    code = await process.wait()
    seconds = time.perf_counter() - began
    await server.stop(None)
    assert code == 0, output
    return seconds


def run(directory: Path, kind: str) -> None:
    """One run of the engine, with a provider process of its own."""
    host = ProcessHost()
    try:
        engine = Engine(
            Program(directory=directory / "program", project="test", stack="dev", config={}),
            state=StateFile(directory / "dev" / "state.json", "x"),
            plugins=host,
            parallel=PARALLEL,
        )
        outcome: Outcome = getattr(engine, kind)()
        assert outcome.ok, outcome.diagnostics
    finally:
        host.close()


def processor_seconds() -> float:
    """What this process and its ended children have used of the processors."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(name: str, body: Callable[[], object]) -> dict[str, float]:
    wall, processor = time.perf_counter(), processor_seconds()
    body()
    return {name: time.perf_counter() - wall, f"{name} cpu": processor_seconds() - processor}


def measure(resources: int) -> dict[str, float]:
    """Seconds, by the clock and of processors, of floor, preview, first update and one that changes nothing."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_program(directory / "program", BODY.format(boxes=resources // 20))
        return {
            **timed("floor", lambda: asyncio.run(floor(directory / "program"))),
            **timed("preview", lambda: run(directory, "preview")),
            **timed("up", lambda: run(directory, "up")),
            **timed("again", lambda: run(directory, "up")),
        }


def median(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: round(statistics.median(row[key] for row in rows), 2) for key in rows[0]}


KINDS = {"floor": "SDK floor", "preview": "preview", "up": "up", "again": "up, no change"}


def table(results: dict[int, dict[str, float]]) -> str:
    """By the clock, and in brackets the processors' seconds, which a busy machine disturbs less."""
    lines = [
        f"| Resources | {' | '.join(KINDS.values())} | preview ÷ floor | up ÷ floor |",
        "|---|---|---|---|---|---|---|",
    ]
    for size, row in results.items():
        cells = [f"{row[key]:.1f} s ({row[f'{key} cpu']:.1f})" for key in KINDS]
        ratios = [
            f"{row[key] / row['floor']:.2f} ({row[f'{key} cpu'] / row['floor cpu']:.2f})" for key in ("preview", "up")
        ]
        lines.append(f"| {size} | " + " | ".join([*cells, *ratios]) + " |")
    return "\n".join(lines)


def plot(results: dict[int, dict[str, float]]) -> str:
    """A line for each measure over the number of resources, as SVG: the processors' seconds."""
    results = {size: {key: row[f"{key} cpu"] for key in KINDS} for size, row in results.items()}
    width, height, left, bottom = 640, 360, 56, 44
    most = max(max(row.values()) for row in results.values()) * 1.1
    largest = max(results)

    def point(size: int, seconds: float) -> str:
        x = left + (width - left - 16) * size / largest
        y = (height - bottom) - (height - bottom - 24) * seconds / most
        return f"{x:.1f},{y:.1f}"

    colors = {"floor": "#888888", "preview": "#1f77b4", "up": "#d62728", "again": "#2ca02c"}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
        "<style>text { font: 12px sans-serif; fill: black }</style>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{width / 2}" y="{height - 8}" text-anchor="middle">resources</text>',
        '<text x="12" y="16">processor seconds</text>',
    ]
    for second in range(0, int(most) + 1, max(1, int(most) // 8)):
        y = point(0, second).split(",")[1]
        parts.append(f'<line x1="{left}" y1="{y}" x2="{width - 16}" y2="{y}" stroke="#dddddd"/>')
        parts.append(f'<text x="{left - 8}" y="{float(y) + 4}" text-anchor="end">{second}</text>')
    for size in results:
        x = point(size, 0).split(",")[0]
        parts.append(f'<text x="{x}" y="{height - bottom + 18}" text-anchor="middle">{size}</text>')
    for index, (key, color) in enumerate(colors.items()):
        line = " ".join(point(size, row[key]) for size, row in results.items())
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts.append(f'<text x="{left + 12}" y="{40 + 16 * index}" style="fill: {color}">{KINDS[key]}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--growth", action="store_true", help="100 to 1,200 resources, and the plot")
    parser.add_argument("--times", type=int, default=3, help="measure so often, and take the median")
    arguments = parser.parse_args()
    sizes = [100, 300, 600, 900, 1200] if arguments.growth else [600]
    results = {size: median([measure(size) for _ in range(arguments.times)]) for size in sizes}
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(table(results))
    if arguments.growth:
        target = Path(__file__).parent.parent / "docs" / "sandbox" / "engine-growth.svg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(plot(results))
        print(f"plotted to {target.name}")


if __name__ == "__main__":
    main()
