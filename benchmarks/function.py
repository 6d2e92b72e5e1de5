"""How large the function's packages are, and how long an execution environment takes to start.

    python benchmarks/function.py [--starts N]

A start is what Lambda calls the init phase: a process, the handler's import, the application. The processor of this
machine is not Lambda's; the layer's packages are this machine's own, of the same pinned versions.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

from holdfast.topology import Key, Region, Table, Topology
from ops.package import archive, contents
from ops.package.build import build
from sandbox.cloud.edge.document import FunctionSpec
from sandbox.cloud.edge.functions import Environment
from settings import load_stack

PROJECT = Path(__file__).parents[1]


def topology(folder: Path) -> Path:
    table = Table(
        name="orders",
        arn="arn:aws:dynamodb:us-east-1:111122223333:table/orders",
        partition_key=Key(name="customer_id"),
        sort_key=Key(name="order_id"),
        indexes=(),
    )
    regions = {name: Region(name=name, tables={"orders": table}) for name in ("us-east-1", "us-west-2")}
    path = folder / "topology.json"
    path.write_text(Topology(stack="s", home_region="us-east-1", regions=regions).to_json())
    return path


async def starts(count: int, folder: Path, package: str) -> dict[str, list[float]]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOLDFAST_TOPOLOGY": str(topology(folder)),
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    spec = FunctionSpec(name="f", handler="services.orders.function.handle", package=package, timeout_seconds=10)
    event = {
        "httpMethod": "GET",
        "path": "/health",
        "multiValueHeaders": {},
        "requestContext": {"stage": "live"},
        "body": None,
    }
    found: dict[str, list[float]] = {"on demand: import": [], "on demand: first answer": [], "warm answer": []}
    found |= {"provisioned: start": [], "provisioned: first answer": []}
    for _ in range(count):
        made = await Environment.start(spec, environment, provisioned=False)
        found["on demand: import"].append(made.init_seconds)
        found["on demand: first answer"].append(await timed(made, event))
        found["warm answer"].append(await timed(made, event))
        await made.ended()
        made = await Environment.start(spec, environment, provisioned=True)
        found["provisioned: start"].append(made.init_seconds)
        found["provisioned: first answer"].append(await timed(made, event))
        await made.ended()
    return found


async def timed(environment: Environment, event: dict) -> float:
    began = time.perf_counter()
    answer = await environment.call(event, 10)
    assert answer["statusCode"] == 200, answer
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=10)
    count = parser.parse_args().starts
    packages = build(PROJECT, load_stack("resilient-api", PROJECT))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        again = archive.write(folder / "again.zip", contents.function(PROJECT), compress=False)
        assert again == packages["function"].sha256, "the same sources gave other bytes"
        found = asyncio.run(starts(count, folder, str(packages["function"].path)))
    figures = {
        label: {"median_ms": round(1000 * statistics.median(values), 1), "max_ms": round(1000 * max(values), 1)}
        for label, values in found.items()
    }
    sizes = {label: {"bytes": item.size, "sha256": item.sha256} for label, item in packages.items()}
    print(json.dumps({"starts": count, "packages": sizes, "milliseconds": figures}, indent=2))


if __name__ == "__main__":
    main()
