"""A cloud of one's own and the program in it, run by the engine of the sandbox without the command and the packs."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from holdfast.topology import Topology
from sandbox.cloud import Sandbox
from sandbox.engine import Engine, Outcome, Program, StateFile
from sandbox.provider.host import LocalHost

ROOT = Path(__file__).parents[3]
ACCOUNT = "111122223333"
CREDENTIALS = {"aws_access_key_id": "AKIAHOLDFASTSANDBOX0", "aws_secret_access_key": "sandbox-only"}


@dataclass(frozen=True)
class Estate:
    """One stack in one cloud."""

    folder: Path
    sandbox: Sandbox
    stack: str
    program: Path = ROOT
    """Folder of the program; a test of one layer may have one of its own."""

    def aws(self, service: str, region: str, **credentials: str) -> Any:
        """A client of a region of this cloud."""
        url = self.sandbox.gateways[region]
        return boto3.client(service, region_name=region, endpoint_url=url, **(credentials or CREDENTIALS))

    def destroy(self, config: dict[str, Any]) -> Outcome:
        outcome = self._run(config, lambda engine: engine.destroy())
        assert outcome.ok, [item.message for item in outcome.diagnostics if item.severity == "error"]
        return outcome

    def preview(self, config: dict[str, Any]) -> Outcome:
        return self._run(config, lambda engine: engine.preview())

    def up(self, config: dict[str, Any]) -> Outcome:
        outcome = self._run(config, lambda engine: engine.up())
        assert outcome.ok, [item.message for item in outcome.diagnostics if item.severity == "error"]
        return outcome

    def _run(self, config: dict[str, Any], run: Callable[[Engine], Outcome]) -> Outcome:
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
        program = Program(directory=self.program, project="holdfast", stack=self.stack, config=texts)
        os.environ["HOLDFAST_SANDBOX"] = str(self.folder)
        host = LocalHost(self.folder)
        try:
            return run(
                Engine(program, state=StateFile(self.folder / f"{self.stack}.json", ""), plugins=host, passphrase="")
            )
        finally:
            host.close()

    def serve(self, topology: Topology) -> dict[str, str]:
        """The orders service of every region on what stands, and where it answers."""
        every = {region: {"dynamodb": url} for region, url in self.sandbox.gateways.items()}
        path = self.folder / "served.json"
        path.write_text(topology.with_endpoints(every).to_json())
        words = [sys.executable, "-m", "services.orders", "--port", "{port}", "--exit-with-parent"]
        return {
            region: self.sandbox.start_service(
                "orders", region, words, {"HOLDFAST_TOPOLOGY": str(path), "AWS_REGION": region}, cwd=ROOT
            )
            for region in topology.regions
        }


def steps(outcome: Outcome, *operations: str) -> list[str]:
    """Type and name of every step with one of these operations."""
    return [f"{step.type} {step.name}" for step in outcome.steps if str(step.op) in operations]


@pytest.fixture
def taken() -> Callable[..., list[str]]:
    """What a run did with one of these operations."""
    return steps


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Estate]:
    """A cloud of three regions in which nothing stands."""
    sandbox = Sandbox.start(folder, regions=["us-east-1", "us-west-2", "eu-west-1"], account_id=ACCOUNT)
    before = os.environ.get("HOLDFAST_SANDBOX")
    try:
        yield Estate(folder, sandbox, "shop")
    finally:
        sandbox.stop()
        os.environ.pop("HOLDFAST_SANDBOX", None)
        if before is not None:
            os.environ["HOLDFAST_SANDBOX"] = before


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """A cloud of its own for a test."""
    with running(tmp_path) as made:
        yield made


SHOP: dict[str, Any] = {
    "pulumi:disable-default-providers": ["*"],
    "holdfast:stack": {"account_id": ACCOUNT, "name_prefix": "shop"},
    "holdfast:regions": [
        {"name": "us-east-1", "home": True, "cidr": "10.10.0.0/16"},
        {"name": "us-west-2", "cidr": "10.20.0.0/16"},
    ],
    "holdfast:security": {},
    "holdfast:data": {
        "tables": {
            "orders": {
                "name": "orders-shop",
                "partition_key": {"name": "customer_id"},
                "sort_key": {"name": "order_id"},
                "ttl_attribute": "expires_at",
            }
        }
    },
}


@pytest.fixture
def shop() -> dict[str, Any]:
    """A small stack of two regions; a test may change it."""
    return copy.deepcopy(SHOP)
