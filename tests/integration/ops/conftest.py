"""A project of its own for each test: the program, its packs and its stack files, with no local state."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3
import psutil
import pytest

from holdfast.topology import Key, Region, Table, Topology
from sandbox.cloud import Sandbox

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from ops.cli import main; main()"]


SMALL = """\
config:
  pulumi:disable-default-providers: ["*"]
  holdfast:stack:
    account_id: "111122223333"
    name_prefix: small
    tags:
      Stack: small
  holdfast:regions:
    - name: us-east-1
      home: true
      cidr: 10.10.0.0/16
    - name: us-west-2
      cidr: 10.20.0.0/16
    - name: eu-west-1
      cidr: 10.30.0.0/16
  holdfast:security: {}
  holdfast:data:
    tables:
      orders:
        name: orders-small
        partition_key: {name: customer_id}
        sort_key: {name: order_id}
        ttl_attribute: expires_at
    backup:
      copy_region: us-west-2
  holdfast:runtime:
    failover: true
"""
"""A stack of three regions with little in it, for what need not be shown on the whole production stack."""


@dataclass(frozen=True)
class Project:
    """A copy of the project, and the command in it."""

    folder: Path

    def run(self, *words: str, timeout: float = 240, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *words],
            cwd=self.folder,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "started.log").open("ab")
        return subprocess.Popen(
            [*COMMAND, *words],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
        kept.pop("STACK", None)
        kept.pop("ENGINE", None)
        return kept | {"PYTHONPATH": str(ROOT)} | more

    def root(self, stack: str = "prod") -> Path:
        return self.folder / ".holdfast" / stack

    def state(self, stack: str = "prod") -> dict:
        document = json.loads((self.root(stack) / "state.json").read_text())
        return document.get("deployment", document)

    def processes(self) -> list[psutil.Process]:
        """Whatever still runs for this project."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and str(self.folder) in " ".join([process.cwd(), *process.cmdline()]):
                    found.append(process)
            except psutil.Error:
                continue
        return found


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("__main__.py", "Pulumi.yaml", "Pulumi.prod.yaml"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("policies", "settings", "components", "services"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "Pulumi.small.yaml").write_text(SMALL)
    made = Project(folder)
    yield made
    for stack in ("prod", "small"):
        made.run("sandbox", "stop", "--stack", stack)
    for process in made.processes():
        process.kill()


REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
CREDENTIALS = {"aws_access_key_id": "AKIAHOLDFASTSANDBOX0", "aws_secret_access_key": "sandbox-only"}


def aws(sandbox, service: str, region: str):
    return boto3.client(service, region_name=region, endpoint_url=sandbox.gateways[region], **CREDENTIALS)


def global_table(sandbox, name: str, keys: dict[str, str]) -> None:
    """A table in the first region with replicas in the others, as the program makes it: with recovery everywhere."""
    home = aws(sandbox, "dynamodb", REGIONS[0])
    home.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for region in REGIONS[1:]:
        home.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}])
    for region in REGIONS:
        aws(sandbox, "dynamodb", region).update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )


def topology_of(sandbox) -> Topology:
    orders = Table(
        name="orders-production",
        arn="arn:aws:dynamodb:us-east-1:111122223333:table/orders-production",
        partition_key=Key(name="customer_id"),
        sort_key=Key(name="order_id"),
        ttl_attribute="expires_at",
    )
    regions = {
        region: Region(name=region, tables={"orders": orders}, control_table="holdfast-control") for region in REGIONS
    }
    topology = Topology(stack="prod", home_region=REGIONS[0], regions=regions, failover=True)
    return topology.with_endpoints({region: {"dynamodb": url} for region, url in sandbox.gateways.items()})


@dataclass(frozen=True)
class Stack:
    """A small stack that serves, made without the program: tables, topology and services."""

    project: Project
    sandbox: Sandbox
    services: dict[str, str]

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.project.run(*words, **environment)

    def json(self, *words: str, **environment: str):
        done = self.run(*words, "--json", **environment)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, json.loads(done.stdout)

    def aws(self, service: str, region: str):
        return aws(self.sandbox, service, region)

    def fill(self, count: int, *, region: str = REGIONS[0]) -> None:
        client = self.aws("dynamodb", region)
        for start in range(0, count, 25):
            requests = [
                {
                    "PutRequest": {
                        "Item": {
                            "customer_id": {"S": f"c-{number % 10}"},
                            "order_id": {"S": f"o-{number:06}"},
                            "number": {"N": str(number)},
                        }
                    }
                }
                for number in range(start, min(start + 25, count))
            ]
            client.batch_write_item(RequestItems={"orders-production": requests})


@pytest.fixture
def stack(project):
    root = project.root()
    root.mkdir(parents=True)
    sandbox = Sandbox.start(root, regions=REGIONS, account_id="111122223333")
    global_table(sandbox, "orders-production", {"customer_id": "HASH", "order_id": "RANGE"})
    global_table(sandbox, "holdfast-control", {"scope": "HASH"})
    path = root / "topology.json"
    path.write_text(topology_of(sandbox).to_json())
    services = {
        region: sandbox.start_service(
            "orders",
            region,
            [sys.executable, "-m", "services.orders", "--port", "{port}", "--exit-with-parent"],
            {"HOLDFAST_TOPOLOGY": str(path), "AWS_REGION": region, "HOLDFAST_BREAKER_RESET_SECONDS": "2"},
            cwd=ROOT,
        )
        for region in REGIONS
    }
    return Stack(project, sandbox, services)
