"""A project of its own for each test: the program, its packs and its stack files, with no local state."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import psutil
import pytest

from holdfast.topology import Index, Key, Region, Table, Topology
from sandbox.cloud import Sandbox
from tests.patience import until

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from ops.cli import main; main()"]
PATIENT = """
from ops.cli import main
from ops.proof.plan import Demands

Demands.__init__.__kwdefaults__.update(
    writes_per_second=10.0, failover_seconds=60.0, phase_seconds=120.0, lag_seconds=60.0, catch_up_seconds=60.0
)
main()
"""
"""The command, whose proof demands a tenth of what it promises: a machine that stands still for seconds meets it.

That a lost region is left within five seconds is shown in virtual time (tests/simulation), and on a whole machine by
the slow tests, which run the command as it is.
"""


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


TINY = SMALL.replace(
    """    - name: eu-west-1
      cidr: 10.30.0.0/16
""",
    "",
).replace("small", "tiny")
"""The same in two regions: for what is done twenty times over."""


@dataclass(frozen=True)
class Project:
    """A copy of the project, and the command in it."""

    folder: Path

    def run(
        self, *words: str, timeout: float = 800, patient: bool = False, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", PATIENT] if patient else COMMAND
        return subprocess.run(
            [*command, *words],
            cwd=self.folder,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def start(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "started.log").open("ab")
        return subprocess.Popen(
            [*COMMAND, *words],
            cwd=self.folder,
            env=self.environment(**environment),
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

    def left_running(self) -> list[psutil.Process]:
        """The same, once they have had the time to end: one ends by itself when it sees that its parent has."""
        deadline = time.monotonic() + 60
        while (found := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found


def make_project(folder: Path) -> Project:
    folder.mkdir()
    for name in ("__main__.py", "Pulumi.yaml", "Pulumi.prod.yaml"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("policies", "settings", "components", "services"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "Pulumi.small.yaml").write_text(SMALL)
    (folder / "Pulumi.tiny.yaml").write_text(TINY)
    return Project(folder)


def end(project: Project) -> None:
    for stack in ("prod", "small", "tiny"):
        sandbox = Sandbox.attach(project.root(stack))
        if sandbox is not None:
            sandbox.stop()
    for process in project.processes():
        process.kill()


@pytest.fixture
def project(tmp_path):
    made = make_project(tmp_path / "project")
    yield made
    end(made)


REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
CREDENTIALS = {"aws_access_key_id": "AKIAHOLDFASTSANDBOX0", "aws_secret_access_key": "sandbox-only"}
TABLES = ("holdfast-control", "orders-production")


def aws(sandbox, service: str, region: str):
    return boto3.client(service, region_name=region, endpoint_url=sandbox.gateways[region], **CREDENTIALS)


INDEX = {
    "IndexName": "OrderDateIndex",
    "KeySchema": [
        {"AttributeName": "order_date", "KeyType": "HASH"},
        {"AttributeName": "order_id", "KeyType": "RANGE"},
    ],
    "Projection": {"ProjectionType": "ALL"},
}


def global_table(sandbox, name: str, keys: dict[str, str], *, orders: bool) -> None:
    """A table in the first region with replicas in the others, as the program makes it: with recovery everywhere."""
    home = aws(sandbox, "dynamodb", REGIONS[0])
    arns = {region: aws(sandbox, "kms", region).create_key()["KeyMetadata"]["Arn"] for region in REGIONS if orders}
    keys_at = {region: {"KMSMasterKeyId": arn} for region, arn in arns.items()}
    encryption = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", **keys_at[REGIONS[0]]}} if orders else {}
    home.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in (*keys, *(["order_date"] if orders else []))
        ],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        **({"GlobalSecondaryIndexes": [INDEX]} if orders else {}),
        **encryption,
    )
    for region in REGIONS[1:]:
        create = {"RegionName": region, **keys_at.get(region, {})}
        home.update_table(TableName=name, ReplicaUpdates=[{"Create": create}])
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
        indexes=(Index(name="OrderDateIndex", partition_key=Key(name="order_date"), sort_key=Key(name="order_id")),),
    )
    redis = sandbox.start_redis(REGIONS[0], replicas=0, tls=False)
    regions = {
        region: Region(
            name=region,
            tables={"orders": orders},
            control_table="holdfast-control",
            redis_endpoint=f"redis://{redis['host']}:{redis['port']}" if region == REGIONS[0] else None,
        )
        for region in REGIONS
    }
    topology = Topology(
        stack="prod",
        home_region=REGIONS[0],
        regions=regions,
        failover=True,
        objectives={"rto_seconds": 120.0, "rpo_seconds": 30.0},  # replication waits too while a machine stands still
    )
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

    def keys(self, region: str) -> str:
        """The ARN of the key of the orders table in a region."""
        described = self.aws("dynamodb", region).describe_table(TableName="orders-production")["Table"]
        return described["SSEDescription"]["KMSMasterKeyArn"]

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

    def reset(self) -> None:
        """As it was made: no fault, no item, no other table, no record of what was done."""
        self.sandbox.heal()
        self.sandbox.set_lag(0.1)
        for region in REGIONS:
            self.aws("kms", region).enable_key(KeyId=self.keys(region))
            client = self.aws("dynamodb", region)
            for name in client.list_tables()["TableNames"]:
                if name not in TABLES:
                    client.delete_table(TableName=name)
            for backup in client.list_backups()["BackupSummaries"]:
                client.delete_backup(BackupArn=backup["BackupArn"])
        self._empty("holdfast-control", ("scope",))
        # A service that is asked for the first time writes its probe's item: so first asked, then emptied.
        until(lambda: all(self._serves(region) for region in REGIONS), "service in every region", seconds=120)
        self._empty("orders-production", ("customer_id", "order_id"))
        for name in ("evidence", "operations"):
            shutil.rmtree(self.project.root() / name, ignore_errors=True)
        until(lambda: not any(self._count(region) for region in REGIONS), "an empty table", seconds=120)

    def _empty(self, name: str, keys: tuple[str, ...]) -> None:
        # In every region: what another one wrote last may have been on its way here.
        for region in REGIONS:
            client = self.aws("dynamodb", region)
            items = [item for page in client.get_paginator("scan").paginate(TableName=name) for item in page["Items"]]
            for start in range(0, len(items), 25):
                deletes = [{"DeleteRequest": {"Key": {key: item[key] for key in keys}}} for item in items[start:][:25]]
                client.batch_write_item(RequestItems={name: deletes})

    def _count(self, region: str) -> int:
        return self.aws("dynamodb", region).scan(TableName="orders-production", Select="COUNT")["Count"]

    def _serves(self, region: str) -> bool:
        try:
            with urllib.request.urlopen(f"{self.services[region]}/health/deep", timeout=30) as answer:  # noqa: S310 (http, of the sandbox)
                return answer.status == 200
        except OSError:
            return False


def make_stack(project: Project) -> Stack:
    root = project.root()
    root.mkdir(parents=True)
    sandbox = Sandbox.start(root, regions=REGIONS, account_id="111122223333")
    global_table(sandbox, "orders-production", {"customer_id": "HASH", "order_id": "RANGE"}, orders=True)
    global_table(sandbox, "holdfast-control", {"scope": "HASH"}, orders=False)
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


@pytest.fixture(scope="session")
def standing_stack(tmp_path_factory):
    """One stack for all tests of a worker: making it costs more than most of them do with it."""
    project = make_project(tmp_path_factory.mktemp("ops") / "project")
    yield make_stack(project)
    end(project)


@pytest.fixture
def stack(standing_stack):
    """The stack as it was made; each test leaves it as it likes."""
    standing_stack.reset()
    return standing_stack


class Experiments:
    """AWS Fault Injection Service as far as a drill needs it: while one runs, the region's DynamoDB is cut off."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.found: dict[str, dict] = {}

    def start(self, request: dict) -> dict:
        name = f"EXP{len(self.found)}"
        self._sandbox.fault(REGIONS[0], "cut", service="dynamodb", lease_seconds=600)
        self.found[name] = {
            "id": name, "tags": request["tags"], "experimentTemplateId": request["experimentTemplateId"],
            "state": {"status": "running"},
        }  # fmt: skip
        return self.found[name]

    def stop(self, name: str, status: str = "stopped", reason: str = "by request") -> dict:
        self._sandbox.heal(REGIONS[0])
        self.found[name]["state"] = {"status": status, "reason": reason}
        return self.found[name]


class _Router(http.server.BaseHTTPRequestHandler):
    """One address for all regions, as `AWS_ENDPOINT_URL` wants it: the region is read from the signature."""

    protocol_version = "HTTP/1.1"
    gateways: Mapping[str, str] = {}
    experiments: Experiments

    def _pass_on(self) -> None:
        if self.path.startswith("/experiments"):
            self._answer(200, [], json.dumps(self._experiment()).encode())
            return
        scope = re.search(r"Credential=[^/]+/\d{8}/([^/]+)/", self.headers.get("Authorization", ""))
        address = urlsplit(self.gateways[scope.group(1) if scope else REGIONS[0]])
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
        except OSError:
            self.close_connection = True
            return
        self._answer(answer.status, answer.getheaders(), content)

    def _experiment(self) -> object:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or "{}")
        _, _, name = self.path.partition("/experiments/")
        if self.command == "POST":
            return {"experiment": self.experiments.start(body)}
        if self.command == "DELETE":
            return {"experiment": self.experiments.stop(name)}
        return (
            {"experiment": self.experiments.found[name]}
            if name
            else {"experiments": [*self.experiments.found.values()]}
        )

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _pass_on  # noqa: N815 (the names are the base class's)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def experiments(stack):
    return Experiments(stack.sandbox)


@pytest.fixture
def as_in_aws(stack, tmp_path, experiments):
    """The stack as one in AWS looks: a topology without endpoints, and boto3 configured by its own variables."""
    topology = topology_of(stack.sandbox)
    plain = replace(topology, regions={name: replace(one, endpoints={}) for name, one in topology.regions.items()})
    path = tmp_path / "topology.json"
    path.write_text(plain.to_json())
    handler = type("Router", (_Router,), {"gateways": stack.sandbox.gateways, "experiments": experiments})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}",
        "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
        "HOLDFAST_TOPOLOGY": str(path),
        "HOLDFAST_SERVICES": json.dumps(stack.services),
    }
    server.shutdown()
    server.server_close()
